"""`keras-ma2mi benchmark preprocess`: where the time goes, and what many clips cost."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ma2mi_recipes.commands.benchmark_output import (
    document_text,
    measuring,
    print_table,
    typed_command,
    write_text,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.preprocess_tables import (
    preprocess_markdown,
    preprocess_remarks,
    preprocess_tables,
)
from ma2mi_recipes.progress import console


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
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write all figures to this JSON file.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Also write the tables to this Markdown file.")
    ] = None,
) -> None:
    """Frames and clips a second, and the share of each stage, from video to clip store.

    Clips are rendered and written as folders of images and as videos, then preprocessed by all
    cores. The full run takes some five minutes and two gigabytes of the temporary folder.

    Example: keras-ma2mi benchmark preprocess --quick
    """
    document = {"command": typed_command(), **_measure(quick, rerun, rerun_folders)}
    for table in preprocess_tables(document):
        print_table(table)
    for remark in preprocess_remarks(document):
        console.print(remark, markup=False, soft_wrap=False)
    if json_file is not None:
        write_text(json_file, document_text(document))
    if markdown is not None:
        write_text(markdown, preprocess_markdown(document))


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
