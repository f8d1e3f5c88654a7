"""What the benchmarks of rendered people share: options, what they list, and a timed run."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import Backend, checked_backend
from ma2mi_recipes.progress import steps_bar

if TYPE_CHECKING:
    from ma2mi_recipes.ma2mi_benchmark import Plan, PredictionArchive

OnStep = Callable[[str, int, int], None]

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
        help="Of scratch, naive_transfer, autoencoder, ma2mi and ma2mi_then_labels. Default: all "
        "that are reported.",
    ),
]
BranchesOption = Annotated[
    str | None, typer.Option(metavar="BRANCHES,...", help="Of both, action and position.")
]
FractionsOption = Annotated[
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
BaselinesOption = Annotated[bool, typer.Option(help="Whether to fit simple baselines too.")]
ChooseOption = Annotated[
    bool, typer.Option(help="Other people and seeds, to choose options on; never report these.")
]
PretrainingBackendOption = Annotated[
    Backend | None,
    typer.Option(
        help="Backend of the reconstructions, where another one steps through them sooner."
    ),
]
PredictionsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.zip",
        help="Archive of predictions: what it has is not fitted again, and what is fitted is "
        "added to it.",
    ),
]


@contextmanager
def kept_folder(out: Path | None) -> Iterator[Path]:
    """The folder that was asked for, or one that is gone afterwards."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch)


def archive_of(path: Path | None) -> "PredictionArchive | None":
    """The archive that was named, if one was."""
    from ma2mi_recipes.ma2mi_benchmark import PredictionArchive

    return None if path is None else PredictionArchive(path)


def measured(
    workers: int | None,
    figures_of: Callable[[int, OnStep], dict[str, Any]],
    archive: "PredictionArchive | None" = None,
) -> dict[str, Any]:
    """Figures, and where and in what time they came out.

    Args:
        workers: Processes; None for as many as there are cores.
        figures_of: Takes the number of processes and what is told of each step.
        archive: Where predictions of earlier calls are, if anywhere.

    Returns:
        Dict with `machine`, `seconds`, `workers`, and `calls` of the archive before the figures.
    """
    from ma2mi_preprocessing.available_cpus import available_cpus
    from ma2mi_preprocessing.benchmarks.machine import machine_facts

    begun, processes = time.perf_counter(), workers or available_cpus()
    with steps_bar("piece") as on_step:
        figures = figures_of(processes, _without_empty(on_step))
    return {
        "machine": machine_facts(),
        "seconds": time.perf_counter() - begun,
        "workers": processes,
        "calls": [] if archive is None else archive.calls(),
        **figures,
    }


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
    return replace(plan, baselines=baselines, **given_lists(changes))


def pretrained_with(backend: Backend | None, plan: "Plan") -> "Plan":
    """The plan with reconstructions under a backend of their own, where one was asked for."""
    if backend is None:
        return plan
    return replace(plan, pretraining_backend=checked_backend(backend))


def given_lists(texts: dict[str, str | None]) -> dict[str, Any]:
    """What the options list that were given, by the names of the fields that they change."""
    return {name: listed(name, text) for name, text in texts.items() if text is not None}


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


def _without_empty(on_step: OnStep) -> OnStep:
    """Steps of which nothing is left get no bar."""

    def told(step: str, done: int, total: int) -> None:
        if total:
            on_step(step, done, total)

    return told
