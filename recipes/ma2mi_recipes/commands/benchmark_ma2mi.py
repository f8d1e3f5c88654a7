"""`keras-ma2mi benchmark ma2mi`: whether MA2MI pre-training helps."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import Backend, checked_backend, use_backend
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, WorkersOption
from ma2mi_recipes.progress import console, steps_bar

if TYPE_CHECKING:
    from ma2mi_recipes.ma2mi_benchmark import Plan


OutOption = Annotated[
    Path | None,
    typer.Option(
        help="Keep clips, pre-trainings and predictions here, and go on with what is there. "
        "Default: nothing is kept."
    ),
]
MethodsOption = Annotated[
    str | None,
    typer.Option(
        metavar="METHOD,...",
        help="Of scratch, naive_transfer, autoencoder and ma2mi. Default: all.",
    ),
]
_BranchesOption = Annotated[
    str | None, typer.Option(metavar="BRANCHES,...", help="Of both, action and position.")
]
_FractionsOption = Annotated[
    str | None, typer.Option(metavar="SHARE,...", help="Shares of the labels, such as 0.25,1.")
]
SomeSeedsOption = Annotated[
    str | None, typer.Option(metavar="SEED,...", help="Seeds, such as 0,1,2.")
]
StyleOption = Annotated[
    str | None, typer.Option(help="Rendering style, as of `synthesize --style`.")
]
PretrainingStyleOption = Annotated[
    str | None, typer.Option(help="Rendering style of the macro clips, where it is another.")
]

_PredictionsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.zip",
        help="Archive of predictions: what it has is not fitted again, and what is fitted is "
        "added to it.",
    ),
]

_PretrainingBackendOption = Annotated[
    Backend | None,
    typer.Option(
        help="Backend of the reconstructions, where it is another: on a CPU tensorflow is quicker "
        "at these, and jax at folds of few clips."
    ),
]
ChooseOption = Annotated[
    bool, typer.Option(help="Other people and seeds, to choose options on; never report these.")
]


@one_line_errors
def benchmark_ma2mi_command(
    out: OutOption = None,
    quick: Annotated[
        bool, typer.Option(help="Fewer clips, labels and seeds: minutes instead of hours.")
    ] = False,
    choose: ChooseOption = False,
    only: MethodsOption = None,
    branches: _BranchesOption = None,
    fractions: _FractionsOption = None,
    seeds: SomeSeedsOption = None,
    style: StyleOption = None,
    pretraining_style: PretrainingStyleOption = None,
    baselines: Annotated[bool, typer.Option(help="Whether to fit simple baselines too.")] = True,
    workers: WorkersOption = None,
    backend: BackendOption = None,
    pretraining_backend: _PretrainingBackendOption = None,
    predictions: _PredictionsOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the curves into this PNG file.")
    ] = None,
) -> None:
    """Fine-tunes on rendered micro-expressions from scratch and after pre-trainings, and compares.

    With few and with all labels, each person held out once. Hours; cut off, the same command with
    the same --out goes on where it was.

    Example: keras-ma2mi benchmark ma2mi --quick --out ma2mi-quick
    """
    chosen_backend = use_backend(backend, fits=True)
    changes = {"methods": only, "branches": branches, "fractions": fractions, "seeds": seeds}
    plan = asked_plan(quick, choose, changes, style, pretraining_style, baselines)
    if pretraining_backend is not None:
        plan = replace(plan, pretraining_backend=checked_backend(pretraining_backend))
    from ma2mi_recipes.ma2mi_benchmark.picture import write_ma2mi_picture
    from ma2mi_recipes.ma2mi_benchmark.tables import ma2mi_markdown, ma2mi_remarks, ma2mi_tables

    with kept_folder(out) as folder:
        document = {
            "command": typed_command(),
            "backend": str(chosen_backend),
            **_measured(plan, folder, workers, predictions),
        }
    tables, remarks = ma2mi_tables(document), ma2mi_remarks(document)
    show_and_write(document, tables, remarks, ma2mi_markdown, json_file, markdown)
    if picture is not None:
        write_ma2mi_picture(document, picture)
        console.print(f"{picture}")


@contextmanager
def kept_folder(out: Path | None) -> Iterator[Path]:
    """The folder that was asked for, or one that is gone afterwards."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch)


def asked_plan(
    quick: bool,
    choose: bool,
    changes: dict[str, str | None],
    style: str | None,
    pretraining_style: str | None,
    baselines: bool = False,
) -> "Plan":
    """The plan that the options ask for; `changes` has texts by the names of its fields."""
    from ma2mi_recipes.ma2mi_benchmark import FULL_PLAN, QUICK_PLAN, for_choosing, in_style

    plan = QUICK_PLAN if quick else FULL_PLAN
    plan = for_choosing(plan) if choose else plan
    if style is not None or pretraining_style is not None:
        plan = in_style(plan, style or plan.micro.style, pretraining_style)
    given: dict[str, Any] = {
        name: listed(name, text) for name, text in changes.items() if text is not None
    }
    return replace(plan, baselines=baselines, **given)


def listed(name: str, text: str) -> tuple[Any, ...]:
    """What an option lists: numbers for `seeds` and `fractions`, else words."""
    from ma2mi_recipes.commands.train import parse_seeds

    if name == "seeds":
        return tuple(parse_seeds(text))
    parts = [part.strip() for part in text.split(",")]
    if len(set(parts)) < len(parts):
        raise InputError(f"something is named twice in {text!r}; name each once")
    if name != "fractions":
        return tuple(parts)
    try:
        return tuple(sorted({float(part) for part in parts}))
    except ValueError as error:
        raise InputError(f"--fractions must be such as 0.25,1; got {text!r}") from error


def _measured(
    plan: "Plan", folder: Path, workers: int | None, predictions: Path | None
) -> dict[str, Any]:
    from ma2mi_preprocessing.benchmarks.machine import machine_facts
    from ma2mi_recipes.ma2mi_benchmark import (
        PredictionArchive,
        results_document,
        run_conditions,
        standard_conditions,
    )
    from ma2mi_recipes.worker_cores import cores

    begun = time.perf_counter()
    processes = workers or cores()
    archive = None if predictions is None else PredictionArchive(predictions)
    with steps_bar("piece") as on_step:
        results = run_conditions(
            plan, standard_conditions(plan), folder, processes, without_empty(on_step), archive
        )
    figures = results_document(results)
    return {
        "machine": machine_facts(),
        "calls": [] if archive is None else archive.calls(),
        "seconds": time.perf_counter() - begun,
        "workers": processes,
        **figures,
    }


def without_empty(on_step: Callable[[str, int, int], None]) -> Callable[[str, int, int], None]:
    """Steps of which nothing is left get no bar."""

    def told(step: str, done: int, total: int) -> None:
        if total:
            on_step(step, done, total)

    return told
