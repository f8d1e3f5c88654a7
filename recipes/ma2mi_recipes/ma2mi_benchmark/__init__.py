"""Does MA2MI pre-training help? Rendered clips, methods, shares of the labels, paired tests."""

from ma2mi_recipes.ma2mi_benchmark.conditions import Condition, standard_conditions
from ma2mi_recipes.ma2mi_benchmark.experiment_results import experiments_document
from ma2mi_recipes.ma2mi_benchmark.experiment_stage import (
    ExperimentResults,
    experiments_plan,
    run_experiments,
)
from ma2mi_recipes.ma2mi_benchmark.experiments import (
    EXPERIMENTS,
    QUESTIONS,
    Experiment,
    chosen_experiments,
)
from ma2mi_recipes.ma2mi_benchmark.plan import BRANCHES, METHODS, Plan, RenderedSet
from ma2mi_recipes.ma2mi_benchmark.plans import (
    FULL_PLAN,
    QUICK_PLAN,
    check_disjoint,
    for_choosing,
    in_style,
)
from ma2mi_recipes.ma2mi_benchmark.prediction_archive import PredictionArchive
from ma2mi_recipes.ma2mi_benchmark.results import (
    Family,
    families_beside,
    results_document,
    standard_families,
)
from ma2mi_recipes.ma2mi_benchmark.settled import AUTOENCODER, CLASSIFIER, MA2MI
from ma2mi_recipes.ma2mi_benchmark.stage import Results, run_conditions

__all__ = [
    "AUTOENCODER",
    "BRANCHES",
    "CLASSIFIER",
    "EXPERIMENTS",
    "FULL_PLAN",
    "MA2MI",
    "METHODS",
    "QUESTIONS",
    "QUICK_PLAN",
    "Condition",
    "Experiment",
    "ExperimentResults",
    "Family",
    "Plan",
    "PredictionArchive",
    "RenderedSet",
    "Results",
    "check_disjoint",
    "chosen_experiments",
    "experiments_document",
    "experiments_plan",
    "families_beside",
    "for_choosing",
    "in_style",
    "results_document",
    "run_conditions",
    "run_experiments",
    "standard_conditions",
    "standard_families",
]
