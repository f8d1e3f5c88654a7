"""Runs that predict action units: figures, baselines, comparisons, and what to know of them."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ma2mi_recipes.report.baselines import MODEL_NAMES, over_seeds_of, place_of, told_apart
from ma2mi_recipes.report.runs import ReportRun, RunComparison, presentable
from ma2mi_recipes.report.wording import MEAN_F1

if TYPE_CHECKING:
    import pandas as pd

    from ma2mi_recipes.report.notices import Notice

ALWAYS_PRESENT = "always every unit"
_ALL_PAIRS_UP_TO = 3


def unit_content(runs: Sequence[ReportRun]) -> dict[str, Any]:
    """What the template shows of runs that predict action units; empty lists without any.

    Args:
        runs: The runs, under the names that the page shows.

    Raises:
        PredictionsError: Where predictions cannot be scored; the message names the run.
    """
    from ma2mi_recipes.report.plots import interval_plot

    scored = [run for run in runs if run.predicts_units]
    results = [(run, unit_summary(run)) for run in scored]
    baselines = [(run, unit_summary(run)) for run in unit_baselines(scored)]
    comparisons = compare_unit_runs(runs)
    plot = ""
    if results:
        figures, simple = (
            {run.name: summary["pooled"]["mean_f1"] for run, summary in of}
            for of in (results, baselines)
        )
        plot = interval_plot("Mean F1", figures, simple, "interval-mean-f1")
    return {
        "results": results,
        "baselines": baselines,
        "comparisons": comparisons,
        "plot": plot,
        "units": list(dict.fromkeys(unit for run in scored for unit in run.units)),
        "notices": unit_notices([(run, summary) for run, summary in results], comparisons),
    }


def unit_summary(run: ReportRun) -> dict[str, Any]:
    """Figures of a run with their intervals.

    Raises:
        PredictionsError: Where predictions cannot be scored; the message names the run.
    """
    from keras_ma2mi.evaluation import PredictionsError, summarise_action_units

    assert run.predictions is not None
    try:
        return summarise_action_units(run.predictions)
    except PredictionsError as error:
        raise PredictionsError(f"run {run.name}: {error}") from None


def unit_baselines(runs: Sequence[ReportRun]) -> list[ReportRun]:
    """The baselines in the runs' directories, and that of answering every unit."""
    found: list[ReportRun] = []
    for run in runs:
        for baseline in [*run.baselines, _always_present(run)]:
            if baseline.predicts_units and not any(_same(baseline, one) for one in found):
                name = MODEL_NAMES.get(str(baseline.info.get("model")), baseline.name)
                info = {**baseline.info, "baseline_of": run.name}
                found.append(replace(baseline, name=name, info=info, is_baseline=True))
    return sorted(told_apart(found), key=lambda one: place_of(one.info.get("model")))


def compare_unit_runs(runs: Sequence[ReportRun]) -> list[RunComparison]:
    """Paired tests of the mean F1: of runs with each other, and with the best simple baseline."""
    from ma2mi_recipes.report.comparisons import holm_corrected

    scored = [run for run in presentable(runs) if run.predicts_units]
    if len(scored) <= _ALL_PAIRS_UP_TO:
        pairs = list(itertools.combinations(scored, 2))
    else:
        pairs = [(scored[0], other) for other in scored[1:]]
    found = [_compare(*pair) for pair in pairs]
    baselines = unit_baselines(scored)
    for run in scored:
        rivals = [one for one in baselines if _truth(one) == _truth(run)]
        if rivals:
            best = max(rivals, key=lambda one: unit_summary(one)["pooled"]["mean_f1"]["value"])
            assert best.predictions is not None and run.predictions is not None
            rows = over_seeds_of(best.predictions, run.predictions)
            tested = _compare(replace(best, predictions=rows), run)
            found.append(replace(tested, with_baseline=True))
    return holm_corrected(found, (MEAN_F1,))


def unit_notices(
    results: Sequence[tuple[ReportRun, dict[str, Any]]], comparisons: Sequence[RunComparison]
) -> "list[Notice]":
    """What has to be known before a figure of action units is believed."""
    from ma2mi_recipes.report.notices import Notice, notices_of_any_run
    from ma2mi_recipes.report.wording import listed

    found = notices_of_any_run(
        [run for run, _ in results], [summary for _, summary in results], comparisons
    )
    for run, summary in results:
        pooled = summary["pooled"]
        if pooled["absent_units"]:
            text = f"No clip shows {listed(pooled['absent_units'])}: F1 counts 0 there in the mean."
            found.append(Notice("warning", text))
        silent = [name for name, unit in pooled["per_unit"].items() if unit["predicted"] == 0]
        if silent:
            level = "warning" if len(silent) == len(pooled["per_unit"]) else "note"
            found.append(Notice(level, f"{run.name} never answers {listed(silent)}."))
    return sorted(dict.fromkeys(found), key=lambda notice: notice.level != "warning")


def _always_present(run: ReportRun) -> ReportRun:
    assert run.predictions is not None
    rows = run.predictions.drop_duplicates("clip_id").assign(seed=0)
    names = run.units
    kept = [name for name in rows if not str(name).startswith(("probability_", "prediction_"))]
    rows = rows[kept].assign(**{f"prediction_{name}": 1 for name in names})
    return ReportRun(
        ALWAYS_PRESENT,
        {"model": "always_present"},
        rows.drop(columns="select", errors="ignore"),
        None,
        list(names),
        is_baseline=True,
    )


def _compare(baseline: ReportRun, candidate: ReportRun) -> RunComparison:
    from keras_ma2mi.evaluation import PredictionsError, paired_action_unit_test

    assert baseline.predictions is not None and candidate.predictions is not None
    names = (baseline.name, candidate.name)
    if set(baseline.units) != set(candidate.units):
        return RunComparison(*names, None, "the runs predict different action units")
    try:
        return RunComparison(
            *names, paired_action_unit_test(baseline.predictions, candidate.predictions)
        )
    except PredictionsError as error:
        return RunComparison(*names, None, str(error))


def _same(one: ReportRun, other: ReportRun) -> bool:
    return one.info.get("model") == other.info.get("model") and _truth(one, "prediction_") == (
        _truth(other, "prediction_")
    )


def _truth(run: ReportRun, prefix: str = "label_") -> set[tuple[object, ...]]:
    rows: pd.DataFrame | None = run.predictions
    assert rows is not None
    columns = ["clip_id", *(prefix + name for name in sorted(run.units))]
    columns = columns if prefix == "label_" else [*columns, "seed"]
    return set(rows[columns].astype(str).itertuples(index=False, name=None))
