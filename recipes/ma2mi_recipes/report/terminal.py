"""The results as tables for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ma2mi_recipes.report.baselines import baselines_of
from ma2mi_recipes.report.runs import ReportRun, RunComparison, presentable
from ma2mi_recipes.report.wording import (
    METRIC_NAMES,
    SIGNIFICANCE,
    difference,
    difference_interval,
    figure,
    holm,
    interval,
    p_value,
)

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def metrics_table(runs: Sequence[ReportRun]) -> "Table":
    """Accuracy, UF1 and UAR with 95 % intervals, pooled and per dataset, of runs and baselines.

    Raises:
        PredictionsError: Where predictions cannot be scored.
    """
    from rich.table import Table
    from rich.text import Text

    from keras_ma2mi.evaluation import summarise

    table = Table(
        title="Scores pooled over folds, with 95 % intervals over subjects",
        title_justify="left",
        caption_justify="left",
        caption="A model has to beat the baselines before its figures mean anything.",
    )
    table.add_column("Run", overflow="fold")
    for name in METRIC_NAMES.values():
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Clips", justify="right")
    table.add_column("Subjects", justify="right")
    shown = presentable([run for run in runs if run.scored])
    for run in [*shown, *baselines_of(shown)]:
        assert run.predictions is not None
        summary = summarise(run.predictions, run.classes)
        style = "dim" if run.is_baseline else ""
        # Markup in a run's name must not be interpreted, hence Text.
        shown_name = Text(f"baseline: {run.name}" if run.is_baseline else run.name)
        shown_name.stylize(style or "bold")
        table.add_row(shown_name, *_cells(summary["pooled"]), style=style)
        if len(summary["per_dataset"]) > 1:
            for dataset, block in summary["per_dataset"].items():
                table.add_row(Text(f"  {dataset or '(no name)'}"), *_cells(block), style=style)
    return table


def unit_table(runs: Sequence[ReportRun]) -> "Table":
    """Mean F1 of action units with 95 % intervals, and F1 of each unit, of runs and baselines.

    Raises:
        PredictionsError: Where predictions cannot be scored; the message names the run.
    """
    from rich.table import Table
    from rich.text import Text

    from ma2mi_recipes.report.action_units import unit_baselines, unit_summary

    shown = [run for run in presentable(runs) if run.predicts_units]
    everything = [*shown, *unit_baselines(shown)]
    table = Table(title="F1 of action units, pooled over folds", title_justify="left")
    table.add_column("")
    for run in everything:
        table.add_column(Text(run.name), justify="right", overflow="fold")
    pooled = [unit_summary(run)["pooled"] for run in everything]
    means = [block["mean_f1"] for block in pooled]
    table.add_row("mean", *[_interval_cell(one["value"], one) for one in means], style="bold")
    for unit in dict.fromkeys(name for block in pooled for name in block["per_unit"]):
        of_unit = [block["per_unit"].get(unit) for block in pooled]
        table.add_row(
            unit, *["–" if one is None else _interval_cell(one["f1"], one) for one in of_unit]
        )
    return table


def _interval_cell(value: float, bounds: dict[str, Any]) -> str:
    # Brackets would be read as markup.
    shown = interval(bounds["low"], bounds["high"]).replace("[", "\\[")
    return f"{figure(value)}\n{shown}"


def comparison_table(
    comparisons: Sequence[RunComparison], metrics: dict[str, str] = METRIC_NAMES
) -> "Table":
    """Differences between runs with their intervals and two-sided p-values."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Paired comparison over subjects (permutation test)", title_justify="left")
    table.add_column("Runs", overflow="fold")
    for name in metrics.values():
        table.add_column(name, justify="right")
    for comparison in comparisons:
        names = Text(f"{comparison.candidate} − {comparison.baseline}")
        if comparison.result is None:
            table.add_row(names, Text(f"not compared: {comparison.reason}"))
            continue
        found, adjusted = comparison.result.metrics, comparison.adjusted
        table.add_row(
            names, *[_difference(found[metric], adjusted.get(metric)) for metric in metrics]
        )
    return table


def _cells(block: dict[str, Any]) -> list[str]:
    cells = []
    for metric in METRIC_NAMES:
        value = block[metric]
        spread = "" if value["spread"] is None else f" ± {value['spread']:.3f}"
        # Brackets would be read as markup.
        shown = interval(value["low"], value["high"]).replace("[", "\\[")
        cells.append(f"{figure(value['value'])}{spread}\n{shown}")
    return [*cells, f"{block['n_clips']:,}", f"{block['n_subjects']:,}"]


def _difference(metric: Any, adjusted: float | None) -> "Text":
    from rich.text import Text

    text = (
        f"{difference(metric.difference)}\n{difference_interval(metric.low, metric.high)}\n"
        f"{p_value(metric.p_value)}"
    )
    if adjusted is not None:
        text += f"\n{holm(adjusted)}"
    judged = metric.p_value if adjusted is None else adjusted
    return Text(text, style="bold" if judged < SIGNIFICANCE else "")
