"""The plots of a page with the figures that stand beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from ma2mi_recipes.overfitting import fit_gap
from ma2mi_recipes.report.fold_plots import fit_plot, key_frame_plot
from ma2mi_recipes.report.key_frame_curves import key_frame_curves
from ma2mi_recipes.report.plots import curve_plot, interval_plot, subject_plot
from ma2mi_recipes.report.runs import PEEKED, ReportRun
from ma2mi_recipes.report.wording import METRIC_NAMES

_NOT_CURVES = {"fold", "seed", "epoch", "learning_rate"}
_KIND_NAMES = {"train": "Fine-tuning", "pretrain": "Pre-training"}
_BESIDE = ("val_", "held_out_")

Results = Sequence[tuple[ReportRun, dict[str, Any]]]


def interval_panels(results: Results, baselines: Results) -> list[str]:
    """One picture a metric: every run and every baseline with its interval."""

    def blocks(of: Results, metric: str) -> dict[str, Any]:
        return {run.name: summary["pooled"][metric] for run, summary in of}

    return [
        interval_plot(title, blocks(results, name), blocks(baselines, name), f"interval-{name}")
        for name, title in METRIC_NAMES.items()
        if results
    ]


def subject_panel(
    scored: Sequence[ReportRun], baselines: Sequence[ReportRun]
) -> dict[str, Any] | None:
    """Accuracy of every subject: a plot of the runs, a table of runs and baselines."""
    from keras_ma2mi.evaluation import subject_table

    if not scored:
        return None
    tables = {
        run.name: subject_table(run.predictions, run.classes)
        for run in [*scored, *baselines]
        if run.predictions is not None
    }
    rows: dict[str, dict[str, Any]] = {}
    for name, table in tables.items():
        for row in table.to_dict("records"):
            rows.setdefault(row["subject"], {})[name] = row
    return {
        "plot": subject_plot({run.name: tables[run.name] for run in scored}, "subjects"),
        # Predictions from elsewhere come without a protocol, so nothing is claimed about them.
        "held_out": all(run.info.get("protocol") for run in scored),
        "names": list(tables),
        "rows": sorted(rows.items()),
    }


def curve_panels(runs: Sequence[ReportRun]) -> list[str]:
    """One picture for each kind of run and each column of its history."""
    panels: dict[tuple[str, str], dict[str, Any]] = {}
    for name, (place, run) in _places(runs).items():
        if run.history is None or run.history.empty or "epoch" not in run.history:
            continue
        kind = str(run.info.get("kind", "train"))
        for column in run.history.select_dtypes("number").columns:
            if column not in _NOT_CURVES:
                panels.setdefault((kind, _base(str(column))), {})[name] = (place, run.history)
    return [
        curve_plot(
            f"{_KIND_NAMES.get(kind, kind)}: {column.replace('_', ' ')}",
            histories,
            column,
            f"curve-{number}",
        )
        for number, ((kind, column), histories) in enumerate(panels.items())
    ]


def fit_panels(runs: Sequence[ReportRun]) -> list[dict[str, Any]]:
    """For each run that tells: its training and held-out accuracy, and their plot."""
    found = []
    for name, (place, run) in _places(runs).items():
        gap = fit_gap(run.fits)
        if gap is not None:
            plot = fit_plot(name, gap, place, f"fits-{place}")
            found.append({"name": name, "gap": gap, "plot": plot, "peeked": run.peeked})
    return found


def key_frame_panels(runs: Sequence[ReportRun]) -> list[dict[str, Any]]:
    """For each run that tells: what moving key frames costs, a plot a metric."""
    found = []
    for name, (place, run) in _places(runs).items():
        curves = key_frame_curves(run)
        if curves is None:
            continue
        plots = [
            key_frame_plot(
                f"{title}{PEEKED if run.peeked else ''}",
                metric,
                curves,
                f"key-frames-{place}-{metric}",
            )
            for metric, title in curves.metrics.items()
        ]
        tables = {kind: table.to_dict("records") for kind, table in curves.curves.items()}
        found.append({"name": name, "curves": curves, "tables": tables, "plots": plots})
    return found


def _base(column: str) -> str:
    for prefix in _BESIDE:
        column = column.removeprefix(prefix)
    return column


def _places(runs: Sequence[ReportRun]) -> Mapping[str, tuple[int, ReportRun]]:
    """Scored runs first, so that a run has one colour in every picture."""
    ordered = sorted(runs, key=lambda run: not (run.scored or run.predicts_units))
    return {run.name: (place, run) for place, run in enumerate(ordered)}
