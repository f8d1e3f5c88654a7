"""`keras-ma2mi benchmark flow`: error and time of optical flow, on your machine."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    measuring,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.flow_markdown import markdown_tables, remarks
from ma2mi_recipes.flow_table import report_tables
from ma2mi_recipes.progress import console


@one_line_errors
def benchmark_flow_command(
    quick: Annotated[bool, typer.Option(help="Fewer pairs: under two minutes.")] = False,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw pairs and their flow into this PNG or JPEG file.")
    ] = None,
) -> None:
    """Error and time of TV-L1 flow on pairs whose flow is known, beside other methods.

    One thread, all methods in one process; times are medians, ratios are taken pair by pair. The
    full run takes some twenty minutes.

    Example: keras-ma2mi benchmark flow --quick
    """
    document = {"command": typed_command(), **_measure(quick)}
    tables, sentences = report_tables(document), remarks(document)
    show_and_write(document, tables, sentences, markdown_tables, json_file, markdown)
    if picture is not None:
        from ma2mi_preprocessing.benchmarks.flow_picture import flow_picture
        from ma2mi_preprocessing.contact_sheet import write_picture

        write_picture(flow_picture(), picture)
        console.print(f"{picture}")


def _measure(quick: bool) -> dict[str, Any]:
    from ma2mi_preprocessing.benchmarks.flow_document import FULL_PLAN, QUICK_PLAN, flow_document

    with measuring("pair") as (on_progress, on_step):
        return flow_document(
            QUICK_PLAN if quick else FULL_PLAN,
            on_progress=on_progress,
            on_step=on_step,
        )
