"""`keras-ma2mi benchmark spotting`: key frames and intervals that are found, beside the truth."""

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


@one_line_errors
def benchmark_spotting_command(
    quick: Annotated[bool, typer.Option(help="Fewer videos: about a minute.")] = False,
    seed: Annotated[int, typer.Option(help="Fixes people, expressions and noise.", min=0)] = 0,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Errors of onset, apex and offset, interval F1 on recordings, and false alarms.

    Rendered videos of people with known expressions, aligned as any other video; beside ours,
    simple methods as published code has them. The full run takes some seven minutes on two CPUs.

    Example: keras-ma2mi benchmark spotting --quick
    """
    from ma2mi_preprocessing.benchmarks.spotting import FULL_PLAN, QUICK_PLAN, spotting_document
    from ma2mi_recipes.spotting_tables import (
        spotting_markdown,
        spotting_remarks,
        spotting_tables,
    )

    with measuring("video") as (on_progress, _):
        figures = spotting_document(
            QUICK_PLAN if quick else FULL_PLAN, seed=seed, on_progress=on_progress
        )
    document = {"command": typed_command(), **figures}
    tables, remarks = spotting_tables(document), spotting_remarks(document)
    show_and_write(document, tables, remarks, spotting_markdown, json_file, markdown)
