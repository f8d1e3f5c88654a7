"""`keras-ma2mi benchmark shifts`: what remains when light, skin, camera or the face change."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.benchmark_ma2mi import kept_folder, listed, without_empty
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
    out: Annotated[
        Path | None,
        typer.Option(
            help="Keep clips, pre-trainings and predictions here, and go on with what is there. "
            "Default: nothing is kept."
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option(help="Fewer clips, styles and seeds: minutes instead of hours.")
    ] = False,
    style: StylesOption = None,
    pretraining_style: PretrainingStylesOption = None,
    test_style: TestStylesOption = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="METHOD,...",
            help="Of scratch, naive_transfer, autoencoder and ma2mi. Default: all but autoencoder.",
        ),
    ] = None,
    fractions: Annotated[
        str | None, typer.Option(metavar="SHARE,...", help="Shares of the labels, such as 0.25,1.")
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="SEED,...", help="Seeds, such as 0,1,2.")
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Whether to fit simple baselines too.")] = True,
    workers: WorkersOption = None,
    backend: BackendOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
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
    plan = _plan(quick, styles, changes, baselines)
    from ma2mi_recipes.shifts_benchmark.tables import (
        shifts_markdown,
        shifts_remarks,
        shifts_tables,
    )

    with kept_folder(out) as folder:
        document = {
            "command": typed_command(),
            "backend": str(chosen_backend),
            **_measured(plan, folder, workers),
        }
    tables, remarks = shifts_tables(document), shifts_remarks(document)
    show_and_write(document, tables, remarks, shifts_markdown, json_file, markdown)


def _plan(
    quick: bool, styles: dict[str, str | None], changes: dict[str, str | None], baselines: bool
) -> "ShiftPlan":
    from ma2mi_recipes import shifts_benchmark

    plan = shifts_benchmark.QUICK_SHIFTS if quick else shifts_benchmark.FULL_SHIFTS

    def given(texts: dict[str, str | None]) -> dict[str, Any]:
        return {name: listed(name, text) for name, text in texts.items() if text is not None}

    learnt = replace(plan.plan, baselines=baselines, **given(changes))
    return replace(plan, plan=learnt, **given(styles))


def _measured(plan: "ShiftPlan", folder: Path, workers: int | None) -> dict[str, Any]:
    from ma2mi_preprocessing.benchmarks.machine import machine_facts
    from ma2mi_recipes.shifts_benchmark import run_shifts, shifts_document
    from ma2mi_recipes.worker_cores import cores

    begun = time.perf_counter()
    processes = workers or cores()
    with steps_bar("piece") as on_step:
        results = run_shifts(plan, folder, processes, without_empty(on_step))
    figures = shifts_document(results)
    return {
        "machine": machine_facts(),
        "seconds": time.perf_counter() - begun,
        "workers": processes,
        **figures,
    }
