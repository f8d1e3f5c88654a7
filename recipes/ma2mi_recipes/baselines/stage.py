"""Fits baselines where a person watches: progress bars and notices."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ma2mi_recipes.baselines.beside_run import FOLDER, classes_without_clips, train_baseline
from ma2mi_recipes.baselines.choice import BASELINES
from ma2mi_recipes.fine_tuning import Listeners, TrainPlan
from ma2mi_recipes.progress import console, progress_bar
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.training_progress import TrainingProgress


def run_baselines(
    run: Path, plan: TrainPlan, store: Path, names: Sequence[str]
) -> list[RunDirectory]:
    """Fits the named baselines in `run / "baselines"`; finished ones are left as they are.

    Returns:
        Their run directories, cheapest first; without that of a model that the motion rules out.
    """
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
    wanted = [model for model in BASELINES if model in names]
    if plan.options.motion == "difference" and "rbf_svm_residual" in wanted:
        console.print("rbf_svm_residual is left out: it takes the head's motion off flow")
        wanted.remove("rbf_svm_residual")
    return [train_baseline(run / FOLDER, plan, model, store, _progress) for model in wanted]


@contextmanager
def _progress(description: str, total: int, unit: str) -> Iterator[Listeners]:
    with progress_bar(description, total, unit) as advance:
        told = TrainingProgress(advance)
        yield Listeners(told.on_epoch, told.on_fold)
