"""`keras-ma2mi baselines`: what a network must beat, on the very same folds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.train_options import ClassesOption, MotionScalingOption, SeedsOption
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, Motion, MotionOption, MotionScaling, StoreArgument
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from ma2mi_preprocessing.motion_channels import MotionScaling as MotionScalingName
    from ma2mi_recipes.fine_tuning import Listeners, TrainPlan
    from ma2mi_recipes.run_directory import RunDirectory


@one_line_errors
def baselines_command(
    store: StoreArgument,
    run: Annotated[
        Path,
        typer.Argument(
            help="A run of `train`, whose clips, classes, folds and seeds are taken; or a folder "
            "to make, for baselines without a run."
        ),
    ],
    only: Annotated[
        str | None,
        typer.Option(
            help="Some of majority, linear_svm, rbf_svm, three_stream_cnn, comma separated. "
            "Default: all four.",
            show_default=False,
        ),
    ] = None,
    backend: BackendOption = None,
    classes: ClassesOption = None,
    motion: MotionOption = Motion.flow,
    motion_scaling: MotionScalingOption = None,
    seeds: SeedsOption = "0",
) -> None:
    """Fits baselines in RUN/baselines: majority class, two support-vector machines, a small CNN.

    Each is a run of its own, made in the same folds and scored the same way, and goes on where it
    was cut off. Beside a run of `train`, --classes, --motion, --motion-scaling and --seeds are
    those of the run.

    Example: keras-ma2mi baselines micro.store runs/ma2mi
    """
    use_backend(backend, fits=True)
    from ma2mi_recipes.baselines.beside_run import FOLDER

    names = chosen_baselines(only)
    if (run / "run.json").is_file():
        plan = _plan_of(run, store)
    else:
        chosen = [name.strip() for name in classes.split(",")] if classes else None
        plan = _own_plan(store, motion, motion_scaling, chosen, seeds)
    runs = run_baselines(run / FOLDER, plan, store, names)
    show_scores(runs)


def chosen_baselines(only: str | None) -> list[str]:
    """Names of baselines from text such as `"majority,rbf_svm"`; all of them for None.

    Raises:
        InputError: Where one is unknown.
    """
    from ma2mi_recipes.baselines import BASELINES

    names: list[str] = [name.strip() for name in only.split(",")] if only else [*BASELINES]
    unknown = sorted(set(names) - set(BASELINES))
    if unknown:
        raise InputError(
            f"there is no baseline {', '.join(unknown)}; choose from {', '.join(BASELINES)}"
        )
    return names


def run_baselines(
    folder: Path, plan: "TrainPlan", store: Path, names: Sequence[str]
) -> "list[RunDirectory]":
    """Fits the named baselines with progress bars; finished ones are left as they are."""
    from ma2mi_recipes.baselines import BASELINES
    from ma2mi_recipes.baselines.beside_run import classes_without_clips, train_baseline

    clips = plan.clips
    console.print(
        f"baselines on {len(clips)} clips of {len(set(clips.subjects))} subjects, "
        f"{len(plan.folds)} folds, {plan.split}"
    )
    for fold, absent in classes_without_clips(plan).items():
        console.print(
            f"fold {fold} has no training clip of {', '.join(absent)}: majority and support "
            "vectors give it probability 0"
        )
    return [
        train_baseline(folder, plan, model, store, _progress)
        for model in BASELINES
        if model in names
    ]


def show_scores(runs: "Sequence[RunDirectory]") -> None:
    """Prints the scores of baselines as the table that `evaluate` prints."""
    import pandas as pd

    from ma2mi_recipes.report import ReportRun, metrics_table

    shown = [
        ReportRun(
            run.name, run.info, run.read_table("predictions.csv"), pd.DataFrame(),
            run.info["classes"],
        )
        for run in runs
    ]  # fmt: skip
    console.print(metrics_table(shown))


@contextmanager
def _progress(description: str, total: int, unit: str) -> "Iterator[Listeners]":
    from ma2mi_recipes.fine_tuning import Listeners
    from ma2mi_recipes.training_progress import TrainingProgress

    with progress_bar(description, total, unit) as advance:
        told = TrainingProgress(advance)
        yield Listeners(told.on_epoch, told.on_fold)


def _plan_of(run: Path, store: Path) -> "TrainPlan":
    from ma2mi_recipes.baselines.plan_of_run import plan_of_run
    from ma2mi_recipes.run_directory import RunDirectory

    return plan_of_run(RunDirectory.open(run, "train"), store)


def _own_plan(
    store: Path,
    motion: Motion,
    scaling: MotionScaling | None,
    classes: list[str] | None,
    seeds: str,
) -> "TrainPlan":
    from ma2mi_preprocessing.store import open_store
    from ma2mi_recipes.commands.train import parse_seeds
    from ma2mi_recipes.fine_tuning import (
        TrainOptions,
        fitted_to_clips,
        plan_leave_one_subject_out,
    )
    from ma2mi_recipes.labelled_clips import load_labelled_clips

    wanted: MotionScalingName | None = scaling.value if scaling else None
    clips = load_labelled_clips(open_store(store), motion.value, classes, wanted)
    options = fitted_to_clips(TrainOptions(motion=motion.value), clips)
    return plan_leave_one_subject_out(clips, options, parse_seeds(seeds))
