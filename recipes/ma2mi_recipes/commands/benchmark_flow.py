"""`keras-ma2mi benchmark flow`: error and time of optical flow, on your machine."""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.flow_markdown import markdown_tables, remarks
from ma2mi_recipes.flow_table import report_tables
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from ma2mi_recipes.flow_table import ReportTable


@one_line_errors
def benchmark_flow_command(
    quick: Annotated[bool, typer.Option(help="Fewer pairs: under two minutes.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write all figures to this JSON file.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Also write the tables to this Markdown file.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw pairs and their flow into this PNG file.")
    ] = None,
) -> None:
    """Error and time of TV-L1 flow on pairs whose flow is known, beside other methods.

    One thread, all methods in one process; times are medians, ratios are taken pair by pair. The
    full run takes some twenty minutes.

    Example: keras-ma2mi benchmark flow --quick
    """
    document = {"command": typed_command(), **_measure(quick)}
    for table in report_tables(document):
        print_table(table)
    for remark in remarks(document):
        console.print(remark, markup=False, soft_wrap=False)
    if json_file is not None:
        write_text(json_file, document_text(document))
    if markdown is not None:
        write_text(markdown, markdown_tables(document))
    if picture is not None:
        from ma2mi_preprocessing.benchmarks.flow_picture import flow_picture
        from ma2mi_preprocessing.contact_sheet import write_picture

        write_picture(flow_picture(), picture)
        console.print(f"{picture}")


def _measure(quick: bool) -> dict[str, Any]:
    from ma2mi_preprocessing.benchmarks.flow_document import FULL_PLAN, QUICK_PLAN, flow_document

    with progress_bar("measuring", None, "pair") as advance:
        done = 0

        def on_progress(finished: int, total: int) -> None:
            nonlocal done
            advance(finished - done, total=total)
            done = finished

        return flow_document(
            QUICK_PLAN if quick else FULL_PLAN,
            on_progress=on_progress,
            on_step=lambda words: advance(0, note=words),
        )


def document_text(document: dict[str, Any]) -> str:
    """JSON with a line for each row of figures: short, and differences of versions can be read."""
    parts = []
    for name, value in document.items():
        text = json.dumps(value)
        if isinstance(value, list) and value:
            text = "[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]"
        parts.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def typed_command() -> str:
    """What was typed, without the folder that the program lies in."""
    return shlex.join(["keras-ma2mi", *sys.argv[1:]])


def print_table(table: "ReportTable") -> None:
    """Draws a table on the terminal."""
    console.print(f"\n[bold]{table.title}[/bold]")
    if table.note:
        console.print(table.note, style="dim", markup=False, soft_wrap=False)
    # Without lines between columns the widest table fits 100 characters.
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for number, name in enumerate(table.columns):
        justify: JustifyMethod = "left" if number < table.text_columns else "right"
        # The name of a method is wider than its figures.
        heading = name.replace("OpenCV ", "OpenCV\n").replace("ma2mi ", "ma2mi\n")
        drawn.add_column(heading, justify=justify, overflow="fold")
    for row in table.rows:
        drawn.add_row(*row)
    console.print(drawn)


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all, and names it on the terminal."""
    from ma2mi_preprocessing.atomic_files import atomic_path

    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")
    console.print(f"{path}")
