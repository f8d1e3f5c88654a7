"""What every benchmark command does with its figures: progress, tables, and files."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from ma2mi_recipes.flow_table import ReportTable

JsonFileOption = Annotated[
    Path | None, typer.Option("--json", help="Also write all figures to this JSON file.")
]
MarkdownFileOption = Annotated[
    Path | None, typer.Option(help="Also write the tables to this Markdown file.")
]
PictureFileOption = Annotated[
    Path | None, typer.Option(help="Also draw the figures into this PNG file.")
]


@contextmanager
def measuring(unit: str) -> Iterator[tuple[Callable[[int, int], None], Callable[[str], None]]]:
    """A progress bar as two functions: `(finished, total)`, and the words for the step at hand."""
    with progress_bar("measuring", None, unit) as advance:
        done = 0

        def on_progress(finished: int, total: int) -> None:
            nonlocal done
            advance(finished - done, total=total)
            done = finished

        yield on_progress, lambda words: advance(0, note=words)


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


def show_and_write(
    document: dict[str, Any],
    tables: "Sequence[ReportTable]",
    remarks: Sequence[str],
    markdown_text: Callable[[dict[str, Any]], str],
    json_file: Path | None,
    markdown_file: Path | None,
) -> None:
    """Prints what came out and where it was measured, and writes the files that were asked for.

    Args:
        document: All figures.
        tables: What of them is shown.
        remarks: One sentence each.
        markdown_text: The report of a document.
        json_file: Where the document goes, if anywhere.
        markdown_file: Where the report goes, if anywhere.
    """
    for table in tables:
        print_table(table)
    for remark in remarks:
        console.print(remark, markup=False, soft_wrap=False)
    if json_file is not None:
        write_text(json_file, document_text(document))
    if markdown_file is not None:
        write_text(markdown_file, markdown_text(document))


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
