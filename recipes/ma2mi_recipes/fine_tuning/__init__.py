"""Fine-tuning fold by fold: no classifier predicts a subject that it has seen."""

from ma2mi_recipes.fine_tuning.classifiers import FoldClassifier, build_classifier
from ma2mi_recipes.fine_tuning.folds import (
    FINAL,
    EpochEnd,
    FoldEnd,
    FoldRunner,
    Listeners,
    epochs_left,
    train_folds,
)
from ma2mi_recipes.fine_tuning.options import TrainOptions, fitted_to_clips
from ma2mi_recipes.fine_tuning.plan import TrainPlan, plan_run
from ma2mi_recipes.fine_tuning.training_rows import TrainingRows

__all__ = [
    "FINAL",
    "EpochEnd",
    "FoldClassifier",
    "FoldEnd",
    "FoldRunner",
    "Listeners",
    "TrainOptions",
    "TrainPlan",
    "TrainingRows",
    "build_classifier",
    "epochs_left",
    "fitted_to_clips",
    "plan_run",
    "train_folds",
]
