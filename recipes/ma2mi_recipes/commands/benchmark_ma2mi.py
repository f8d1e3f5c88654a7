"""`keras-ma2mi benchmark ma2mi`: whether MA2MI pre-training helps."""

from typing import Annotated, Any

import typer

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    PictureFileOption,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.commands.plan_options import (
    BaselinesOption,
    BranchesOption,
    ChooseOption,
    FractionsOption,
    MethodsOption,
    OnStep,
    OutOption,
    PredictionsOption,
    PretrainingBackendOption,
    PretrainingStyleOption,
    SomeSeedsOption,
    StyleOption,
    archive_of,
    asked_plan,
    kept_folder,
    measured,
    pretrained_with,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, WorkersOption
from ma2mi_recipes.progress import console


@one_line_errors
def benchmark_ma2mi_command(
    out: OutOption = None,
    quick: Annotated[
        bool, typer.Option(help="Fewer clips, labels and seeds: minutes instead of hours.")
    ] = False,
    choose: ChooseOption = False,
    only: MethodsOption = None,
    branches: BranchesOption = None,
    fractions: FractionsOption = None,
    seeds: SomeSeedsOption = None,
    style: StyleOption = None,
    pretraining_style: PretrainingStyleOption = None,
    baselines: BaselinesOption = True,
    workers: WorkersOption = None,
    backend: BackendOption = None,
    pretraining_backend: PretrainingBackendOption = None,
    predictions: PredictionsOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
    picture: PictureFileOption = None,
) -> None:
    """Fine-tunes on rendered micro-expressions from scratch and after pre-trainings, and compares.

    With few and with all labels, each person held out once. Hours; cut off, the same command with
    the same --out goes on where it was.

    Example: keras-ma2mi benchmark ma2mi --quick --out ma2mi-quick
    """
    chosen_backend = use_backend(backend, fits=True)
    changes = {"methods": only, "branches": branches, "fractions": fractions, "seeds": seeds}
    plan = asked_plan(quick, choose, changes, style, pretraining_style, baselines)
    plan = pretrained_with(pretraining_backend, plan)
    from ma2mi_recipes.ma2mi_benchmark import (
        results_document,
        run_conditions,
        standard_conditions,
    )
    from ma2mi_recipes.ma2mi_benchmark.picture import write_ma2mi_picture
    from ma2mi_recipes.ma2mi_benchmark.tables import ma2mi_markdown, ma2mi_remarks, ma2mi_tables

    archive = archive_of(predictions)
    with kept_folder(out) as folder:

        def figures_of(processes: int, on_step: OnStep) -> dict[str, Any]:
            conditions = standard_conditions(plan)
            results = run_conditions(plan, conditions, folder, processes, on_step, archive)
            return results_document(results)

        document = {
            "command": typed_command(),
            "backend": str(chosen_backend),
            **measured(workers, figures_of, archive),
        }
    tables, remarks = ma2mi_tables(document), ma2mi_remarks(document)
    show_and_write(document, tables, remarks, ma2mi_markdown, json_file, markdown)
    if picture is not None:
        write_ma2mi_picture(document, picture)
        console.print(f"{picture}")
