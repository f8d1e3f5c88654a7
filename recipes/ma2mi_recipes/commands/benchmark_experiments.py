"""`keras-ma2mi benchmark experiments`: what was tried in pre-training, judged by linear probes."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.benchmark_ma2mi import listed, without_empty
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, WorkersOption
from ma2mi_recipes.progress import steps_bar

if TYPE_CHECKING:
    from ma2mi_recipes.ma2mi_benchmark import Experiment, Plan


@one_line_errors
def benchmark_experiments_command(
    out: Annotated[
        Path,
        typer.Option(help="Keep everything here, and go on with what is there."),
    ],
    only: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Experiments beside the reference, or questions such as horizon. Default: all.",
        ),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(metavar="SEED,...", help="None of the reported ones. Default: 100,101."),
    ] = None,
    fractions: Annotated[
        str | None,
        typer.Option(metavar="SHARE,...", help="Shares of the labels. Default: 0.1,0.25,1."),
    ] = None,
    quick: Annotated[
        bool, typer.Option(help="Fewer people, clips and seeds: whether it runs.")
    ] = False,
    workers: WorkersOption = None,
    backend: BackendOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Pre-trains with one thing changed at a time, and judges what was learnt by a linear probe.

    On people and seeds that nothing is reported on. Hours; cut off, the same command goes on.

    Example: keras-ma2mi benchmark experiments --out experiments --only horizon,code-24
    """
    chosen_backend = use_backend(backend, fits=True)
    from ma2mi_recipes.ma2mi_benchmark import chosen_experiments
    from ma2mi_recipes.ma2mi_benchmark.experiment_tables import (
        experiments_markdown,
        experiments_remarks,
        experiments_tables,
    )

    plan = _plan(quick, {"seeds": seeds, "fractions": fractions})
    experiments = chosen_experiments(None if only is None else listed("only", only))
    document = {
        "command": typed_command(),
        "backend": str(chosen_backend),
        **_measured(plan, experiments, out, workers),
    }
    tables, remarks = experiments_tables(document), experiments_remarks(document)
    show_and_write(document, tables, remarks, experiments_markdown, json_file, markdown)


def _plan(quick: bool, changes: dict[str, str | None]) -> "Plan":
    from dataclasses import replace

    from ma2mi_recipes.ma2mi_benchmark import experiments_plan

    given: dict[str, Any] = {
        name: listed(name, text) for name, text in changes.items() if text is not None
    }
    return replace(experiments_plan(quick), **given)


def _measured(
    plan: "Plan", experiments: "list[Experiment]", out: Path, workers: int | None
) -> dict[str, Any]:
    from ma2mi_preprocessing.benchmarks.machine import machine_facts
    from ma2mi_recipes.ma2mi_benchmark import experiments_document, run_experiments
    from ma2mi_recipes.worker_cores import cores

    begun = time.perf_counter()
    processes = workers or cores()
    with steps_bar("piece") as on_step:
        results = run_experiments(plan, experiments, out, processes, without_empty(on_step))
    figures = experiments_document(results)
    return {
        "machine": machine_facts(),
        "seconds": time.perf_counter() - begun,
        "workers": processes,
        **figures,
    }
