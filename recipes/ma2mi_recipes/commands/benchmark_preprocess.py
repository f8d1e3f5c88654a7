"""`keras-ma2mi benchmark preprocess`: where the time goes, and what many clips cost."""

import dataclasses
import sys
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
from ma2mi_recipes.preprocess_tables import (
    preprocess_markdown,
    preprocess_remarks,
    preprocess_tables,
)


@one_line_errors
def benchmark_preprocess_command(
    quick: Annotated[bool, typer.Option(help="Fewer clips: about half a minute.")] = False,
    rerun: Annotated[
        list[int] | None,
        typer.Option(
            help="Clips of a store to run on with nothing to do; may be given several times. "
            "Default: 10000 and 100000, with --quick 1000.",
            min=1,
        ),
    ] = None,
    rerun_folders: Annotated[
        int, typer.Option(help="The same with as many folders of 30 images; 0: none.", min=0)
    ] = 0,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Frames and clips a second, and the share of each stage, from video to clip store.

    Clips are rendered and written as folders of images and as videos, then preprocessed by all
    cores. The full run takes some five minutes and two gigabytes of the temporary folder.

    Example: keras-ma2mi benchmark preprocess --quick
    """
    document = {"command": typed_command(), **_measure(quick, rerun, rerun_folders)}
    tables, remarks = preprocess_tables(document), preprocess_remarks(document)
    show_and_write(document, tables, remarks, preprocess_markdown, json_file, markdown)


def _measure(quick: bool, rerun: list[int] | None, rerun_folders: int) -> dict[str, Any]:
    from ma2mi_preprocessing.benchmarks.preprocess_document import (
        FULL_PLAN,
        QUICK_PLAN,
        preprocess_document,
    )

    plan = QUICK_PLAN if quick else FULL_PLAN
    if rerun is not None:
        plan = dataclasses.replace(plan, reruns=tuple((clips, False) for clips in rerun))
    if rerun_folders:
        plan = dataclasses.replace(plan, reruns=(*plan.reruns, (rerun_folders, True)))
    command = [sys.executable, "-c", "from ma2mi_recipes.cli import main; main()", "preprocess"]
    with measuring("clip") as (on_progress, on_step):
        return preprocess_document(
            plan,
            command,
            on_progress=on_progress,
            on_step=on_step,
        )
