"""`keras-ma2mi benchmark experiments`: what was tried in pre-training, judged by linear probes."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.commands.plan_options import (
    OnStep,
    PredictionsOption,
    PretrainingBackendOption,
    archive_of,
    given_lists,
    listed,
    measured,
    pretrained_with,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, WorkersOption


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
    pretraining_backend: PretrainingBackendOption = None,
    predictions: PredictionsOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Pre-trains with one thing changed at a time, and judges what was learnt by a linear probe.

    On people and seeds that nothing is reported on. Hours; cut off, the same command goes on.

    Example: keras-ma2mi benchmark experiments --out experiments --only horizon,code-24
    """
    chosen_backend = use_backend(backend, fits=True)
    from ma2mi_recipes.ma2mi_benchmark import (
        chosen_experiments,
        experiments_document,
        experiments_plan,
        run_experiments,
    )
    from ma2mi_recipes.ma2mi_benchmark.experiment_tables import (
        experiments_markdown,
        experiments_remarks,
        experiments_tables,
    )

    changes = given_lists({"seeds": seeds, "fractions": fractions})
    plan = pretrained_with(pretraining_backend, replace(experiments_plan(quick), **changes))
    experiments = chosen_experiments(None if only is None else listed("only", only))
    archive = archive_of(predictions)

    def figures_of(processes: int, on_step: OnStep) -> dict[str, Any]:
        results = run_experiments(plan, experiments, out, processes, on_step, archive)
        return experiments_document(results)

    document = {
        "command": typed_command(),
        "backend": str(chosen_backend),
        **measured(workers, figures_of, archive),
    }
    tables, remarks = experiments_tables(document), experiments_remarks(document)
    show_and_write(document, tables, remarks, experiments_markdown, json_file, markdown)
