"""Scores of runs, comparison of runs, and the report."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.evaluation_sources import Source, read_sources
from ma2mi_recipes.progress import console
from ma2mi_recipes.report import (
    ReportRun,
    RunComparison,
    baselines_of,
    compare_all,
    compare_unit_runs,
    comparison_table,
    metrics_table,
    unit_table,
    write_report,
)
from ma2mi_recipes.report.runs import presentable
from ma2mi_recipes.report.selection_gap import selection_gaps
from ma2mi_recipes.report.wording import MEAN_F1

RENDERED_NOTICE = (
    "The clips are rendered: drawn by a program, not filmed. The figures show that the chain "
    "works; they say nothing about people."
)


@dataclass(frozen=True)
class ReportExtras:
    """What a report shows beside the figures."""

    notices: Sequence[str] = ()
    pictures: Sequence[tuple[str, bytes]] = ()
    next_steps: Sequence[str] = ()
    title: str = "Micro-expression recognition"


def evaluate_runs(
    paths: Sequence[Path],
    report: Path | None = None,
    extras: ReportExtras | None = None,
    classes: Sequence[str] | None = None,
) -> Path:
    """Scores finished runs and tables of predictions, and prints what came out.

    Beside each run go `metrics.json` and TensorBoard logs, beside each table `NAME.metrics.json`,
    and beside the first of them the report.

    Args:
        paths: Run directories of `train`, and CSV files of predictions.
        report: The report, if it is to be elsewhere.
        extras: What else the report shows.
        classes: The explicit class set of tables.

    Returns:
        The report's path.

    Raises:
        InputError: Where something cannot be read, scored or written.
    """
    from keras_ma2mi.evaluation import PredictionsError

    sources = read_sources(paths, classes)
    try:
        return _score_and_report(sources, report or sources[0].report, extras or ReportExtras())
    except PredictionsError as error:
        raise InputError(f"{error}; correct predictions.csv, or repeat the run") from error


def _score_and_report(sources: Sequence[Source], report: Path, extras: ReportExtras) -> Path:
    runs = [source.run for source in sources]
    notices = list(dict.fromkeys(text for source in sources for text in source.notices))
    for text in notices:
        console.print(text, markup=False)
    if any(run.scored for run in runs):
        console.print(metrics_table(runs))
    comparisons = compare_all(runs)
    if comparisons:
        console.print(comparison_table(comparisons))
    if any(run.predicts_units for run in runs):
        console.print(unit_table(runs))
        console.print(comparison_table(compare_unit_runs(runs), {MEAN_F1: "Mean F1"}))
    for gap in selection_gaps(runs):
        console.print(gap.sentence, markup=False)
    for source, shown in zip(sources, presentable(runs), strict=True):
        write_metrics(source, [one for one in comparisons if one.candidate == shown.name])
        write_logs_of(source)
    rendered = [RENDERED_NOTICE] if any(run.info.get("rendered") for run in runs) else []
    write_report(
        report,
        extras.title,
        runs,
        notices=[*rendered, *extras.notices, *notices],
        pictures=extras.pictures,
        next_steps=extras.next_steps,
        comparisons=comparisons,
    )
    return report


def write_metrics(source: Source, comparisons: Sequence[RunComparison]) -> None:
    """Writes the figures of a source: `summarise`, its selection, baselines and notices.

    Args:
        source: What was scored; one without predictions writes nothing.
        comparisons: Tests of this run against others; those with baselines become notices.
    """
    run = presentable([source.run])[0]
    if run.predicts_units:
        figures = _unit_figures(run)
    elif run.scored:
        figures = _class_figures(run, comparisons)
    else:
        return
    content = {"name": run.name, "select": run.select, "peeked": run.peeked, **figures}
    with atomic_path(source.metrics) as partial:
        partial.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")


def _class_figures(run: ReportRun, comparisons: Sequence[RunComparison]) -> dict[str, Any]:
    from ma2mi_recipes.report.notices import notices_of
    from ma2mi_recipes.report.sections import summary_of

    summary = summary_of(run)
    return {
        **summary,
        "baselines": {one.name: summary_of(one)["pooled"] for one in baselines_of([run])},
        "notices": [vars(notice) for notice in notices_of([run], [summary], comparisons)],
    }


def _unit_figures(run: ReportRun) -> dict[str, Any]:
    from ma2mi_recipes.report.action_units import unit_baselines, unit_notices, unit_summary

    summary = unit_summary(run)
    notices = unit_notices([(run, summary)], compare_unit_runs([run]))
    return {
        **summary,
        "baselines": {one.name: unit_summary(one)["pooled"] for one in unit_baselines([run])},
        "notices": [vars(notice) for notice in notices],
    }


def write_logs_of(source: Source) -> None:
    """Writes the TensorBoard logs of a run directory, or says in one line that it cannot."""
    if source.directory is None:
        return
    from ma2mi_recipes.tensorboard_logs import NOT_INSTALLED, write_logs

    folder = write_logs(source.directory.path, source.run)
    console.print(f"tensorboard: {folder}" if folder else NOT_INSTALLED, markup=False)
