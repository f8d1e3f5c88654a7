"""What remains of a classifier when the world of its clips changes."""

from ma2mi_recipes.shifts_benchmark.plan import FULL_SHIFTS, QUICK_SHIFTS, ShiftPlan
from ma2mi_recipes.shifts_benchmark.results import shifts_document
from ma2mi_recipes.shifts_benchmark.stage import ShiftResults, run_shifts

__all__ = [
    "FULL_SHIFTS",
    "QUICK_SHIFTS",
    "ShiftPlan",
    "ShiftResults",
    "run_shifts",
    "shifts_document",
]
