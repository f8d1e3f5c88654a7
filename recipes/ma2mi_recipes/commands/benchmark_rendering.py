"""`keras-ma2mi benchmark rendering`: what rendered faces cost."""

from typing import Annotated

import typer

from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    measuring,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import WorkersOption
from ma2mi_recipes.rendering_tables import (
    rendering_markdown,
    rendering_remarks,
    rendering_tables,
)


@one_line_errors
def benchmark_rendering_command(
    style: Annotated[
        list[str] | None,
        typer.Option(
            help="Rendering style; may be given several times, and of the first one more is "
            "measured. Default: natural and plain.",
            show_default=False,
        ),
    ] = None,
    subjects: Annotated[int, typer.Option(help="Identities of each set.", min=1)] = 20,
    clips_per_subject: Annotated[int, typer.Option(help="Clips of each.", min=1)] = 7,
    size: Annotated[int, typer.Option(help="Side of the frames, pixels.", min=48)] = 128,
    whole: Annotated[
        bool, typer.Option(help="Before them, a set of some 100,000 frames: three gigabytes.")
    ] = False,
    workers: WorkersOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Frames a second of rendered faces, files and ground truth included, and room on disk.

    Sets are rendered into the temporary folder one after another and deleted again. Some three
    minutes and a quarter of a gigabyte; with --whole some ten minutes.

    Example: keras-ma2mi benchmark rendering --subjects 4
    """
    from ma2mi_preprocessing.available_cpus import available_cpus
    from ma2mi_preprocessing.benchmarks.rendering_document import rendering_document
    from ma2mi_preprocessing.errors import InputError
    from ma2mi_preprocessing.synthesis.style import STYLES

    styles = list(dict.fromkeys(style or ("natural", "plain")))
    for name in styles:
        if name not in STYLES:
            raise InputError(f"there is no rendering style '{name}'; use {' or '.join(STYLES)}")
    with measuring("set") as (on_progress, on_step):
        figures = rendering_document(
            styles,
            workers=workers or available_cpus(),
            subjects=subjects,
            clips_per_subject=clips_per_subject,
            size=size,
            whole=whole,
            on_progress=on_progress,
            on_step=on_step,
        )
    document = {"command": typed_command(), **figures}
    tables, remarks = rendering_tables(document), rendering_remarks(document)
    show_and_write(document, tables, remarks, rendering_markdown, json_file, markdown)
