"""The report of runs: one self-contained HTML file, and tables for the terminal."""

from ma2mi_recipes.report.action_units import compare_unit_runs
from ma2mi_recipes.report.baselines import baselines_of
from ma2mi_recipes.report.comparisons import compare_all, compare_runs
from ma2mi_recipes.report.page import write_report
from ma2mi_recipes.report.runs import HeatMap, ReportRun, RunComparison
from ma2mi_recipes.report.terminal import comparison_table, metrics_table, unit_table

__all__ = [
    "HeatMap",
    "ReportRun",
    "RunComparison",
    "baselines_of",
    "compare_all",
    "compare_runs",
    "compare_unit_runs",
    "comparison_table",
    "metrics_table",
    "unit_table",
    "write_report",
]
