"""`keras-ma2mi benchmark key-frames`: what wrong key frames cost, and what jitter does about it."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption


@one_line_errors
def benchmark_key_frames_command(
    folder: Annotated[
        Path | None,
        typer.Option(help="Keep clips and runs here, and go on with what is there. Default: none."),
    ] = None,
    subjects: Annotated[int, typer.Option(help="Identities to render.", min=3)] = 12,
    clips_per_subject: Annotated[int, typer.Option(help="Clips of each identity.", min=1)] = 10,
    size: Annotated[int, typer.Option(help="Side of the aligned faces, pixels.", min=32)] = 64,
    jitter: Annotated[
        str,
        typer.Option(
            help="Jitters to train with, comma separated: 0 for none, 0.15 for a share of the "
            "onset-to-apex time as in MMNet, 5f for up to 5 frames either way."
        ),
    ] = "0,0.15,3f,8f",
    variants: Annotated[int, typer.Option(help="Jittered samples of a clip.", min=1)] = 4,
    epochs: Annotated[int, typer.Option(help="Epochs.", min=1)] = 30,
    seeds: Annotated[str, typer.Option(help="Seeds, comma separated.")] = "0,1,2",
    backend: BackendOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Scores with onset and apex moved by 0 to 10 frames, or found, by jitter in training.

    On rendered micro clips under leave-one-subject-out. Half an hour on two cores.

    Example: keras-ma2mi benchmark key-frames --subjects 6 --seeds 0 --jitter 0,5f
    """
    use_backend(backend, fits=True)
    from ma2mi_recipes.commands.train import parse_seeds
    from ma2mi_recipes.fine_tuning import TrainOptions
    from ma2mi_recipes.key_frame_benchmark import key_frame_document
    from ma2mi_recipes.key_frame_tables import (
        key_frame_markdown,
        key_frame_remarks,
        key_frame_tables,
    )

    names = _jitters(jitter)
    with tempfile.TemporaryDirectory() as scratch:
        figures = key_frame_document(
            folder or Path(scratch),
            TrainOptions(epochs=epochs, jitter_variants=variants),
            jitters=names,
            subjects=subjects,
            clips_per_subject=clips_per_subject,
            size=size,
            seeds=parse_seeds(seeds),
        )
    document = {"command": typed_command(), **figures}
    tables, remarks = key_frame_tables(document), key_frame_remarks(document)
    show_and_write(document, tables, remarks, key_frame_markdown, json_file, markdown)


def _jitters(text: str) -> list[str]:
    from ma2mi_recipes.key_frame_benchmark import jitter_of

    names = [name.strip() for name in text.split(",")]
    try:
        for name in names:
            jitter_of(name)
    except ValueError as error:
        raise InputError(f"--jitter must be such as 0,0.15,5f; got {text!r}") from error
    return names
