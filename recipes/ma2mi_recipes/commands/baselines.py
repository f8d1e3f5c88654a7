"""`keras-ma2mi baselines`: what a network must beat, on the very same folds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.train_options import ClassesOption, MotionScalingOption, SeedsOption
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, Motion, MotionOption, MotionScaling, StoreArgument

if TYPE_CHECKING:
    from ma2mi_preprocessing.motion_channels import MotionScaling as MotionScalingName
    from ma2mi_recipes.fine_tuning import TrainPlan


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
    from ma2mi_recipes.baselines.stage import run_baselines, show_scores

    names = chosen_baselines(only)
    if (run / "run.json").is_file():
        plan = _plan_of(run, store)
    else:
        chosen = [name.strip() for name in classes.split(",")] if classes else None
        plan = _own_plan(store, motion, motion_scaling, chosen, seeds)
    show_scores(run_baselines(run, plan, store, names))


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
