"""UF1 over the share of labels, as one picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_recipes.ma2mi_benchmark.tables import method_words, share_words

METHOD_COLOURS = {
    "ma2mi_then_labels": "#7b1e3a",
    "ma2mi": "#c44e52",
    "autoencoder": "#dd8452",
    "naive_transfer": "#2f6fb0",
    "scratch": "#404040",
}
_OTHERS = ("#55a868", "#8172b3", "#937860", "#da8bc3", "#64b5cd")
_BASELINE_STYLES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)))
_TITLES = {
    "both": "two branches",
    "action": "action branch alone",
    "position": "position branch alone",
}


def write_ma2mi_picture(document: Mapping[str, Any], path: Path) -> None:
    """Draws a curve a method with its intervals, one panel for each set of branches.

    Args:
        document: Of `results_document`.
        path: PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = document["rows"]
    networks = [row for row in rows if not row["baseline"]]
    baselines = [row for row in rows if row["baseline"]]
    panels = list(dict.fromkeys(row["branches"] for row in networks)) or [""]
    figure = Figure(figsize=(1.2 + 3.9 * len(panels), 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    all_axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, branches in zip(all_axes, panels, strict=True):
        _draw_baselines(axes, baselines)
        _draw_methods(axes, [row for row in networks if row["branches"] == branches])
        _finish(axes, document["plan"]["fractions"], _TITLES.get(branches, branches))
    # After all panels are drawn: they share the axis, and the first would fix it for the others.
    all_axes[0].set_ylim(bottom=0.0)
    all_axes[0].set_ylabel("UF1, people held out")
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)


def _draw_methods(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    methods = list(dict.fromkeys(row["method"] for row in rows))
    others = iter(_OTHERS * len(methods))
    for place, method in enumerate(methods):
        points = [row for row in rows if row["method"] == method]
        colour = METHOD_COLOURS.get(method) or next(others)
        # Side by side, or the intervals of methods that are alike would hide each other.
        shift = 1 + 0.03 * (place - (len(methods) - 1) / 2)
        shares = [row["fraction"] * shift for row in points]
        axes.errorbar(
            shares,
            [row["uf1"]["value"] for row in points],
            yerr=interval_lengths([row["uf1"] for row in points]),
            color=colour,
            marker="o",
            markersize=5,
            linewidth=1.8,
            elinewidth=1.0,
            capsize=2.5,
            label=method_words(method),
        )


def interval_lengths(figures: Sequence[Mapping[str, float | None]]) -> list[list[float]] | None:
    """What intervals reach below and above their values, as `errorbar` takes it.

    Args:
        figures: Each with `value`, `low` and `high`.

    Returns:
        None where one has no interval.
    """
    lengths: list[list[float]] = [[], []]
    for figure in figures:
        value, low, high = figure["value"], figure["low"], figure["high"]
        if value is None or low is None or high is None:
            return None
        # A percentile interval need not hold the mean.
        lengths[0].append(max(0.0, value - low))
        lengths[1].append(max(0.0, high - value))
    return lengths


def _draw_baselines(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for place, method in enumerate(dict.fromkeys(row["method"] for row in rows)):
        points = [row for row in rows if row["method"] == method]
        axes.plot(
            [row["fraction"] for row in points],
            [row["uf1"]["value"] for row in points],
            linestyle=_BASELINE_STYLES[place % len(_BASELINE_STYLES)],
            color="#9a9a9a",
            linewidth=1.2,
            label=method_words(method),
        )


def _finish(axes: Any, fractions: Sequence[float], title: str) -> None:
    axes.set_xscale("log")
    axes.set_xticks(list(fractions), [share_words(fraction) for fraction in fractions])
    axes.minorticks_off()
    axes.set_xlim(min(fractions) * 0.85, max(fractions) * 1.18)
    axes.set_xlabel("share of the training labels")
    axes.set_title(title, loc="left")
    axes.grid(axis="y", color="#e0e0e0", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
