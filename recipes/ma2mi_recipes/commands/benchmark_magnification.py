"""`keras-ma2mi benchmark magnification`: asked and measured enlargement of small movements."""

from pathlib import Path
from typing import Annotated

import typer

from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.progress import console, progress_bar


@one_line_errors
def benchmark_magnification_command(
    faces: Annotated[int, typer.Option(help="Rendered faces.", min=1)] = 6,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw magnified frames into this PNG file.")
    ] = None,
) -> None:
    """How far magnified frames move as asked, by amplitude and noise, beside flow times factor.

    On rendered faces with known displacement. About a minute.

    Example: keras-ma2mi benchmark magnification --faces 2
    """
    from ma2mi_preprocessing.benchmarks.magnification import magnification_document
    from ma2mi_recipes.magnification_tables import (
        magnification_markdown,
        magnification_remarks,
        magnification_tables,
    )

    with progress_bar("measuring", None, "pair") as advance:
        figures = magnification_document(faces=faces, on_cell=lambda total: advance(1, total=total))
    document = {"command": typed_command(), **figures}
    tables, remarks = magnification_tables(document), magnification_remarks(document)
    show_and_write(document, tables, remarks, magnification_markdown, json_file, markdown)
    if picture is not None:
        from ma2mi_preprocessing.benchmarks.magnification_picture import magnification_picture
        from ma2mi_preprocessing.contact_sheet import write_picture

        write_picture(magnification_picture(), picture)
        console.print(f"{picture}")
