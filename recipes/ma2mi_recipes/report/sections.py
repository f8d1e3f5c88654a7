"""What the page's template needs, computed from runs."""

from collections.abc import Sequence
from typing import Any

from ma2mi_recipes.report.facts import facts_of
from ma2mi_recipes.report.notices import notices_of
from ma2mi_recipes.report.plots import curve_plot, interval_plot, subject_plot
from ma2mi_recipes.report.runs import ReportRun, RunComparison
from ma2mi_recipes.report.wording import METRIC_NAMES, listed, plural

_NOT_CURVES = {"fold", "seed", "epoch", "learning_rate"}
_KIND_NAMES = {"train": "Fine-tuning", "pretrain": "Pre-training"}


def page_content(runs: Sequence[ReportRun], comparisons: Sequence[RunComparison]) -> dict[str, Any]:
    """Everything that the template shows, apart from what the caller wrote.

    Args:
        runs: The runs, under the names that the page shows.
        comparisons: Tests between them.

    Raises:
        PredictionsError: Where predictions cannot be scored; the message names the run.
    """
    scored = [run for run in runs if run.scored]
    summaries = [_summary(run) for run in scored]
    return {
        "lead": _lead(runs, scored, summaries),
        "found_notices": notices_of(scored, summaries),
        "results": list(zip(scored, summaries, strict=True)),
        "baselines": _baselines(scored, summaries),
        "interval_plots": _interval_plots(scored, summaries),
        "comparisons": list(comparisons),
        "subjects": _subjects(scored),
        "curves": _curves(runs),
        "facts": [(run, facts_of(run)) for run in runs],
        "heat_maps": [run for run in runs if run.heat_maps],
    }


def _summary(run: ReportRun) -> dict[str, Any]:
    from keras_ma2mi.evaluation import PredictionsError, check_predictions, summarise

    assert run.predictions is not None
    try:
        return summarise(check_predictions(run.predictions, run.classes), run.classes)
    except PredictionsError as error:
        raise PredictionsError(f"run {run.name}: {error}") from None


def _lead(
    runs: Sequence[ReportRun], scored: Sequence[ReportRun], summaries: Sequence[dict[str, Any]]
) -> str:
    """One sentence on what the page is about."""
    if not scored:
        return f"{plural(len(runs), 'run')}, none of them with predictions."
    pooled = summaries[0]["pooled"]
    text = (
        f"{plural(pooled['n_clips'], 'clip')} of {plural(pooled['n_subjects'], 'subject')}, "
        f"{plural(len(summaries[0]['classes']), 'class')}"
    )
    protocols = {str(run.info["protocol"]) for run in scored if run.info.get("protocol")}
    if len(protocols) == 1:
        text += f", {protocols.pop()}"
    return f"{text}. {plural(len(scored), 'run')}: {listed([run.name for run in scored])}."


def _baselines(
    scored: Sequence[ReportRun], summaries: Sequence[dict[str, Any]]
) -> list[dict[str, float]]:
    """Figures of the majority class, once for each clip list."""
    found = {tuple(s["majority_baseline"].values()): s["majority_baseline"] for s in summaries}
    return list(found.values())


def _interval_plots(scored: Sequence[ReportRun], summaries: Sequence[dict[str, Any]]) -> list[str]:
    if not scored:
        return []
    return [
        interval_plot(
            title,
            {
                run.name: summary["pooled"][metric]
                for run, summary in zip(scored, summaries, strict=True)
            },
            summaries[0]["majority_baseline"][metric],
            f"interval-{metric}",
        )
        for metric, title in METRIC_NAMES.items()
    ]


def _subjects(scored: Sequence[ReportRun]) -> dict[str, Any] | None:
    from keras_ma2mi.evaluation import subject_table

    if not scored:
        return None
    tables = {
        run.name: subject_table(run.predictions, run.classes)
        for run in scored
        if run.predictions is not None
    }
    rows: dict[str, dict[str, Any]] = {}
    for name, table in tables.items():
        for row in table.to_dict("records"):
            rows.setdefault(row["subject"], {})[name] = row
    return {
        "plot": subject_plot(tables, "subjects"),
        # Predictions from elsewhere come without a protocol, so nothing is claimed about them.
        "held_out": all(run.info.get("protocol") for run in scored),
        "names": list(tables),
        "rows": sorted(rows.items()),
    }


def _curves(runs: Sequence[ReportRun]) -> list[str]:
    """One picture for each kind of run and each column of its history."""
    panels: dict[tuple[str, str], dict[str, Any]] = {}
    for place, run in enumerate(_scored_first(runs)):
        if run.history is None or run.history.empty or "epoch" not in run.history:
            continue
        kind = str(run.info.get("kind", "train"))
        for column in run.history.select_dtypes("number").columns:
            if column not in _NOT_CURVES:
                base = str(column).removeprefix("val_")
                panels.setdefault((kind, base), {})[run.name] = (place, run.history)
    return [
        curve_plot(
            f"{_KIND_NAMES.get(kind, kind)}: {column.replace('_', ' ')}",
            histories,
            column,
            f"curve-{number}",
        )
        for number, ((kind, column), histories) in enumerate(panels.items())
    ]


def _scored_first(runs: Sequence[ReportRun]) -> list[ReportRun]:
    """Scored runs first, so that a run has one colour in every picture."""
    return sorted(runs, key=lambda run: not run.scored)
