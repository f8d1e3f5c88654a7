"""`keras-ma2mi benchmark loso`: one compilation for all folds beside one for each."""

from typing import Annotated

import typer

from ma2mi_recipes.backend import installed_backends
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    measuring,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption

AnewOption = Annotated[
    int,
    typer.Option(help="How many of the folds are compiled anew; the time of all follows.", min=2),
]
BesideOption = Annotated[
    int | None,
    typer.Option(
        help="Processes for folds side by side; 0: none. Default: one a core.",
        min=0,
        show_default=False,
    ),
]


@one_line_errors
def benchmark_loso_command(
    preset: Annotated[str, typer.Option(help="MIACNet preset to measure.")] = "miacnet_tiny",
    subjects: Annotated[int, typer.Option(help="Subjects, each of them a fold.", min=3)] = 20,
    clips_per_subject: Annotated[int, typer.Option(help="Clips of a subject.", min=1)] = 4,
    epochs: Annotated[int, typer.Option(help="Epochs of a fold.", min=2)] = 10,
    batch_size: Annotated[int, typer.Option(help="Clips a step.", min=1)] = 16,
    workers: BesideOption = None,
    anew: AnewOption = 8,
    backend: BackendOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Leave-one-subject-out with one compilation for all folds, and with one for each fold.

    Every installed backend is measured in processes of its own, or only the one named. Says as
    well whether both give the same predictions.

    Example: keras-ma2mi benchmark loso --backend jax --epochs 5
    """
    from ma2mi_preprocessing.errors import InputError
    from ma2mi_recipes.loso_benchmark import benchmark_loso
    from ma2mi_recipes.loso_tables import loso_markdown, loso_remarks, loso_tables

    installed = installed_backends()
    if backend is not None and backend not in installed:
        raise InputError(f'{backend} is not installed: pip install "keras-ma2mi[{backend}]"')
    setting = {
        "preset": preset,
        "subjects": subjects,
        "clips_per_subject": clips_per_subject,
        "epochs": epochs,
        "batch_size": batch_size,
    }
    with measuring("fold") as (on_progress, on_step):
        measured = benchmark_loso(
            [backend] if backend else installed,
            setting,
            workers,
            anew,
            on_progress=on_progress,
            on_step=on_step,
        )
    document = {"command": typed_command(), **measured}
    tables, remarks = loso_tables(document), loso_remarks(document)
    show_and_write(document, tables, remarks, loso_markdown, json_file, markdown)
