"""`keras-ma2mi baselines`: what a network must beat, on the very same folds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.train_options import (
    ActionUnitsOption,
    AllowMissingOption,
    ClassesOption,
    MotionScalingOption,
    ProtocolOption,
    SeedsOption,
    SplitOption,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, Motion, MotionOption, StoreArgument

if TYPE_CHECKING:
    from ma2mi_preprocessing.motion_channels import MotionScaling as MotionScalingName


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
            help="Some of majority, linear_svm, rbf_svm, rbf_svm_residual, three_stream_cnn, comma "
            "separated. Default: all.",
            show_default=False,
        ),
    ] = None,
    backend: BackendOption = None,
    classes: ClassesOption = None,
    protocol: ProtocolOption = None,
    split: SplitOption = None,
    action_units: ActionUnitsOption = None,
    allow_missing: AllowMissingOption = False,
    motion: MotionOption = Motion.flow,
    motion_scaling: MotionScalingOption = None,
    seeds: SeedsOption = "0",
) -> None:
    """Fits baselines in RUN/baselines: majority of training clips, three SVMs, a small CNN.

    Each is a run of its own, made in the same folds and scored the same way, and goes on where it
    was cut off. Beside a run of `train` all but --only and --backend comes from the run.

    Example: keras-ma2mi baselines micro.store runs/ma2mi
    """
    use_backend(backend, fits=True)
    from ma2mi_preprocessing.store_lock import run_lock
    from ma2mi_recipes.baselines.plan_of_run import plan_from_store, plan_of_run
    from ma2mi_recipes.baselines.stage import run_baselines
    from ma2mi_recipes.commands.train import parse_seeds
    from ma2mi_recipes.evaluation_stage import evaluate_runs
    from ma2mi_recipes.fine_tuning import TrainOptions
    from ma2mi_recipes.run_directory import RunDirectory

    names = chosen_baselines(only)
    beside = RunDirectory.open(run, "train") if (run / "run.json").is_file() else None
    if beside:
        plan = plan_of_run(beside, store)
    else:
        choice = {
            "classes": classes,
            "protocol": protocol,
            "split": split,
            "action_units": action_units,
            "allow_missing": allow_missing,
        }
        options = TrainOptions(motion=motion.value)
        scaling: MotionScalingName | None = motion_scaling.value if motion_scaling else None
        plan = plan_from_store(store, options, parse_seeds(seeds), choice, scaling)
    run.mkdir(parents=True, exist_ok=True)
    with run_lock(run, "run directory"):
        fitted = run_baselines(run, plan, store, names)
    if beside and beside.finished:
        evaluate_runs([run])
    else:
        evaluate_runs([one.path for one in fitted], run / "report.html")


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
