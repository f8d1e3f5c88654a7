"""`keras-ma2mi benchmark probes`: what can be read linearly from action features."""

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
    ChooseOption,
    MethodsOption,
    OnStep,
    OutOption,
    PretrainingBackendOption,
    PretrainingStyleOption,
    SomeSeedsOption,
    StyleOption,
    asked_plan,
    kept_folder,
    measured,
    pretrained_with,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, WorkersOption


@one_line_errors
def benchmark_probes_command(
    out: OutOption = None,
    quick: Annotated[
        bool, typer.Option(help="Fewer clips, shorter pre-trainings, one seed.")
    ] = False,
    choose: ChooseOption = False,
    only: MethodsOption = None,
    seeds: SomeSeedsOption = None,
    style: StyleOption = None,
    pretraining_style: PretrainingStyleOption = None,
    workers: WorkersOption = None,
    backend: BackendOption = None,
    pretraining_backend: PretrainingBackendOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Reads true flow and action units linearly from untrained and pre-trained networks.

    From the action features of rendered micro clips, each person by what was fitted to the others.
    Takes up the pre-trainings of `benchmark ma2mi` where --out is its folder.

    Example: keras-ma2mi benchmark probes --quick --out ma2mi-quick
    """
    chosen_backend = use_backend(backend, fits=True)
    plan = asked_plan(quick, choose, {"methods": only, "seeds": seeds}, style, pretraining_style)
    plan = pretrained_with(pretraining_backend, plan)
    from ma2mi_recipes.probes import probe_figures
    from ma2mi_recipes.probes.tables import probe_markdown, probe_remarks, probe_tables

    with kept_folder(out) as folder:

        def figures_of(processes: int, on_step: OnStep) -> dict[str, Any]:
            return probe_figures(plan, folder, processes, on_step)

        document = {
            "command": typed_command(),
            "backend": str(chosen_backend),
            **measured(workers, figures_of),
        }
    tables, remarks = probe_tables(document), probe_remarks(document)
    show_and_write(document, tables, remarks, probe_markdown, json_file, markdown)
