"""Fits and predicts every fold of a run that is not there yet."""

import pandas as pd

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning.events import Listeners
from ma2mi_recipes.fine_tuning.fold_results import drop_half_kept, fold_folder, pool_folds
from ma2mi_recipes.fine_tuning.fold_runner import FINAL, FoldRunner, Unit, epochs_of_fold
from ma2mi_recipes.fine_tuning.placement import Placement
from ma2mi_recipes.fine_tuning.plan import TrainPlan
from ma2mi_recipes.fine_tuning.training_rows import TrainingRows
from ma2mi_recipes.run_directory import RunDirectory


def train_folds(
    run: RunDirectory,
    plan: TrainPlan,
    listeners: Listeners | None = None,
    placement: Placement | None = None,
) -> pd.DataFrame:
    """Fits and predicts every fold not there yet, then a final network on all clips.

    Args:
        run: Where the results go.
        plan: What to fit.
        listeners: Who is told.
        placement: Where to fit; by default one fold after another in this process.

    Returns:
        The pooled predictions, one row a clip and seed; also written to `predictions.csv`.

    Raises:
        InputError: Where a fold cannot be fitted; what was finished is kept.
        SubjectLeakError: Where something of a held-out subject would be fitted on.
    """
    listeners, placement = listeners or Listeners(), placement or Placement()
    for fold in plan.folds:
        # All of them before any is fitted: a leak in the last fold is no news for tomorrow.
        TrainingRows(plan.clips, fold, fitted_before=plan.fitted_before)
    drop_half_kept(run)
    units = units_left(run, plan)
    if placement.cluster is not None or (placement.workers or 1) > 1:
        _fit_elsewhere(run, plan, units, placement, listeners)
        # The final network, where its epochs were chosen by the folds.
        units = units_left(run, plan)
    runner = FoldRunner(run, plan)
    for unit in units:
        end = runner.run(unit, listeners.on_epoch)
        if end is not None:
            listeners.on_fold(end)
    return pool_folds(run, plan.folds, plan.seeds)


def _fit_elsewhere(
    run: RunDirectory,
    plan: TrainPlan,
    units: list[Unit],
    placement: Placement,
    listeners: Listeners,
) -> None:
    from ma2mi_preprocessing.worker_pool import WorkerDied
    from ma2mi_recipes.fine_tuning.fold_workers import results_elsewhere

    apart = [unit for unit in units if unit.place is not None or plan.options.select != "nested"]
    if not apart:
        return
    died: list[str] = []
    with results_elsewhere(run, plan, apart, placement, listeners.on_epoch) as results:
        for unit, result in results:
            if isinstance(result, WorkerDied):
                died.append(_name(plan, unit))
            elif isinstance(result, Exception):
                raise result
            elif result is not None:
                listeners.on_fold(result)
    if died:
        raise InputError(
            f"the process that fitted {', '.join(died)} died twice (killed, crashed, or out of "
            "memory); the other folds are kept: run the same command again, with fewer workers"
        )


def _name(plan: TrainPlan, unit: Unit) -> str:
    fold = FINAL if unit.place is None else plan.folds[unit.place].name
    return f"{fold} (seed {unit.seed})"


def units_left(run: RunDirectory, plan: TrainPlan) -> list[Unit]:
    """What has no result yet: folds seed by seed, and at the end the final network."""
    units = [
        Unit(seed, place)
        for seed in plan.seeds
        for place, fold in enumerate(plan.folds)
        if not fold_folder(run, seed, fold).is_dir()
    ]
    if plan.options.is_network and not run.model_path.is_file():
        # Under the first seed: changing back to it costs less than compiling.
        units.append(Unit(plan.seeds[0], None))
    return units


def epochs_left(run: RunDirectory, plan: TrainPlan) -> int:
    """How many epochs are still to do, for the progress bar."""
    units = units_left(run, plan)
    return sum(
        plan.options.epochs if unit.place is None else epochs_of_fold(plan) for unit in units
    )
