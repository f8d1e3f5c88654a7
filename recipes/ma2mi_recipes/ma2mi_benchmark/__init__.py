"""Does MA2MI pre-training help? Rendered clips, methods, shares of the labels, paired tests."""

from ma2mi_recipes.ma2mi_benchmark.conditions import Condition, standard_conditions
from ma2mi_recipes.ma2mi_benchmark.plan import BRANCHES, METHODS, Plan, RenderedSet
from ma2mi_recipes.ma2mi_benchmark.plans import (
    FULL_PLAN,
    QUICK_PLAN,
    check_disjoint,
    for_choosing,
    in_style,
)
from ma2mi_recipes.ma2mi_benchmark.results import (
    Family,
    families_beside,
    results_document,
    standard_families,
)
from ma2mi_recipes.ma2mi_benchmark.stage import Results, run_conditions

__all__ = [
    "BRANCHES",
    "FULL_PLAN",
    "METHODS",
    "QUICK_PLAN",
    "Condition",
    "Family",
    "Plan",
    "RenderedSet",
    "Results",
    "check_disjoint",
    "families_beside",
    "for_choosing",
    "in_style",
    "results_document",
    "run_conditions",
    "standard_conditions",
    "standard_families",
]
