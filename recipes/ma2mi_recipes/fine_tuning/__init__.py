"""Fine-tuning fold by fold: no classifier predicts a subject that it has seen."""

from ma2mi_recipes.fine_tuning.classifiers import FoldClassifier, build_classifier
from ma2mi_recipes.fine_tuning.defaults import default_recipe, with_recipe
from ma2mi_recipes.fine_tuning.events import EpochEnd, FoldEnd, Listeners
from ma2mi_recipes.fine_tuning.fold_runner import FINAL, FoldRunner, Unit
from ma2mi_recipes.fine_tuning.folds import epochs_left, train_folds
from ma2mi_recipes.fine_tuning.options import TrainOptions, fitted_to_clips
from ma2mi_recipes.fine_tuning.placement import Placement
from ma2mi_recipes.fine_tuning.plan import TrainPlan, plan_run
from ma2mi_recipes.fine_tuning.training_rows import TrainingRows

__all__ = [
    "FINAL",
    "EpochEnd",
    "FoldClassifier",
    "FoldEnd",
    "FoldRunner",
    "Listeners",
    "Placement",
    "TrainOptions",
    "TrainPlan",
    "TrainingRows",
    "Unit",
    "build_classifier",
    "default_recipe",
    "epochs_left",
    "fitted_to_clips",
    "plan_run",
    "train_folds",
    "with_recipe",
]
