"""`keras-ma2mi benchmark shifts`: what remains when light, skin, camera or the face change."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ma2mi_recipes.backend import Backend, use_backend
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    PictureFileOption,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.commands.plan_options import (
    BaselinesOption,
    FractionsOption,
    MethodsOption,
    OnStep,
    OutOption,
    PredictionsOption,
    PretrainingBackendOption,
    SomeSeedsOption,
    archive_of,
    given_lists,
    kept_folder,
    measured,
    pretrained_with,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, WorkersOption
from ma2mi_recipes.progress import console

if TYPE_CHECKING:
    from ma2mi_recipes.shifts_benchmark import ShiftPlan

StylesOption = Annotated[
    str | None,
    typer.Option(
        metavar="STYLE,...", help="Rendering styles to fine-tune on, such as natural,plain."
    ),
]
PretrainingStylesOption = Annotated[
    str | None, typer.Option(metavar="STYLE,...", help="Rendering styles to pre-train on.")
]
TestStylesOption = Annotated[
    str | None,
    typer.Option(metavar="STYLE,...", help="What to test on: rendering styles, and photograph."),
]


@one_line_errors
def benchmark_shifts_command(
    out: OutOption = None,
    quick: Annotated[
        bool, typer.Option(help="Fewer clips, styles and seeds: minutes instead of hours.")
    ] = False,
    style: StylesOption = None,
    pretraining_style: PretrainingStylesOption = None,
    test_style: TestStylesOption = None,
    only: MethodsOption = None,
    fractions: FractionsOption = None,
    seeds: SomeSeedsOption = None,
    baselines: BaselinesOption = True,
    workers: WorkersOption = None,
    backend: BackendOption = None,
    pretraining_backend: PretrainingBackendOption = None,
    predictions: PredictionsOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
    picture: PictureFileOption = None,
) -> None:
    """Trains in one rendering style and tests in others, and on a photograph that is moved.

    Light, skin, frame rate, the whole renderer, or a real face: nothing is refitted. An hour or
    two; cut off, the same command with the same --out goes on where it was.

    Example: keras-ma2mi benchmark shifts --quick --out shifts-quick
    """
    chosen_backend = use_backend(backend, fits=True)
    styles = {
        "fine_tuning_styles": style,
        "pretraining_styles": pretraining_style,
        "test_styles": test_style,
    }
    changes = {"methods": only, "fractions": fractions, "seeds": seeds}
    from ma2mi_recipes.shifts_benchmark import run_shifts, shifts_document
    from ma2mi_recipes.shifts_benchmark.picture import write_shifts_picture
    from ma2mi_recipes.shifts_benchmark.tables import (
        shifts_markdown,
        shifts_remarks,
        shifts_tables,
    )

    plan = _asked_plan(quick, changes, styles, baselines, pretraining_backend)
    archive = archive_of(predictions)
    with kept_folder(out) as folder:

        def figures_of(processes: int, on_step: OnStep) -> dict[str, Any]:
            return shifts_document(run_shifts(plan, folder, processes, on_step, archive))

        document = {
            "command": typed_command(),
            "backend": str(chosen_backend),
            **measured(workers, figures_of, archive),
        }
    tables, remarks = shifts_tables(document), shifts_remarks(document)
    show_and_write(document, tables, remarks, shifts_markdown, json_file, markdown)
    if picture is not None:
        write_shifts_picture(document, picture)
        console.print(f"{picture}")


def _asked_plan(
    quick: bool,
    changes: dict[str, str | None],
    styles: dict[str, str | None],
    baselines: bool,
    pretraining_backend: Backend | None,
) -> "ShiftPlan":
    from ma2mi_recipes.shifts_benchmark import FULL_SHIFTS, QUICK_SHIFTS

    usual = QUICK_SHIFTS if quick else FULL_SHIFTS
    learnt = replace(usual.plan, baselines=baselines, **given_lists(changes))
    learnt = pretrained_with(pretraining_backend, learnt)
    return replace(usual, plan=learnt, **given_lists(styles))
