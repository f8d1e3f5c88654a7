"""`keras-ma2mi benchmark magnification`: asked and measured enlargement of small movements."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from ma2mi_recipes.commands.benchmark_output import document_text, typed_command, write_text
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.progress import console, progress_bar


@one_line_errors
def benchmark_magnification_command(
    faces: Annotated[int, typer.Option(help="Rendered faces.", min=1)] = 6,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write all figures to this JSON file.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Also write the tables to this Markdown file.")
    ] = None,
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
    for table in magnification_tables(document):
        console.print(f"\n[bold]{table.title}[/bold]")
        drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
        for name in table.columns:
            drawn.add_column(name.replace(" ", "\n"), justify="right")
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)
    for remark in magnification_remarks(document):
        console.print(remark, markup=False)
    if json_file is not None:
        write_text(json_file, document_text(document))
    if markdown is not None:
        write_text(markdown, magnification_markdown(document))
    if picture is not None:
        from ma2mi_preprocessing.benchmarks.magnification_picture import magnification_picture
        from ma2mi_preprocessing.contact_sheet import write_picture

        write_picture(magnification_picture(), picture)
        console.print(f"{picture}")
