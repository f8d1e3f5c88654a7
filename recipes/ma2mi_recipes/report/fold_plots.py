"""Pictures of over-fitting and of moved key frames; each returns one `<svg>` element."""

from typing import Any

from ma2mi_recipes.overfitting import FitGap
from ma2mi_recipes.report.key_frame_curves import MOVED_NAMES, KeyFrameCurves
from ma2mi_recipes.report.plots import shortened, without_shared_folder
from ma2mi_recipes.report.svg import INK, MUTED, SERIES, axes, inline_svg
from ma2mi_recipes.report.wording import figure

_MOST_NAMED_FOLDS = 30


def fit_plot(name: str, gap: FitGap, place: int, prefix: str) -> str:
    """Training and held-out accuracy of every fold, and the line between them.

    Args:
        name: The run, under the name that the page shows.
        gap: The folds.
        place: Place of the run among the page's colours.
        prefix: Begins the picture's ids.
    """
    colour = SERIES[place % len(SERIES)]
    rows = range(len(gap.table))
    train, held_out = gap.table["train"].to_numpy(), gap.table["held_out"].to_numpy()
    with axes(8.0, 2.4) as (canvas, plot):
        plot.vlines(rows, held_out, train, color=MUTED, linewidth=1.2, alpha=0.6)
        plot.plot(rows, train, "o", color=MUTED, markersize=5, label="training clips")
        plot.plot(rows, held_out, "o", color=colour, markersize=6, label="held-out clips")
        plot.set_xlim(-0.6, len(gap.table) - 0.4)
        plot.set_ylim(-0.05, 1.05)
        plot.set_ylabel("accuracy")
        plot.set_title(shortened(name))
        plot.set_xlabel("folds, sorted by their held-out accuracy")
        if len(gap.table) <= _MOST_NAMED_FOLDS:
            names = [shortened(name, 14) for name in without_shared_folder(gap.table["fold"])]
            plot.set_xticks(rows, names, rotation=40, ha="right")
        else:
            plot.set_xticks([])
        plot.grid(axis="x", visible=False)
        canvas.legend(loc="outside upper left", ncols=2)
        label = (
            f"Accuracy of {len(gap.table)} folds of {name}: training clips {figure(gap.train)} on "
            f"average, held-out clips {figure(gap.held_out)}"
        )
        return inline_svg(canvas, label, prefix)


def key_frame_plot(title: str, metric: str, curves: KeyFrameCurves, prefix: str) -> str:
    """One metric as key frames are moved, with 95 % bands, and a point for found key frames.

    Args:
        title: Name of the metric, as the reader knows it, and whether the run peeked.
        metric: Its column.
        curves: What moving costs.
        prefix: Begins the picture's ids.
    """
    told = []
    with axes(3.5, 2.9) as (canvas, plot):
        largest = 0
        for number, (kind, table) in enumerate(curves.curves.items()):
            frames, values = table["frames"].to_numpy(), table[metric].to_numpy()
            low, high = table[f"{metric}_low"].to_numpy(), table[f"{metric}_high"].to_numpy()
            plot.fill_between(frames, low, high, color=SERIES[number], alpha=0.14, lw=0)
            look: dict[str, Any] = {"color": SERIES[number], "linewidth": 1.8, "markersize": 4}
            plot.plot(frames, values, "-o", label=MOVED_NAMES[kind], **look)
            largest = max(largest, int(frames.max()))
            told.append(
                f"{MOVED_NAMES[kind]} by {frames[-1]} frames {figure(values[-1])} "
                f"instead of {figure(values[0])}"
            )
        if curves.found is not None:
            _draw_found(plot, curves.found, metric, largest)
            told.append(f"found instead of annotated {figure(curves.found[metric])}")
        plot.set_ylim(0, 1)
        plot.set_xlabel("frames moved")
        plot.set_title(title)
        canvas.legend(loc="outside lower left", ncols=2)
        return inline_svg(canvas, f"{title} with moved key frames: {', '.join(told)}", prefix)


def _draw_found(plot: Any, found: dict[str, Any], metric: str, largest: int) -> None:
    place = largest + max(1.0, 0.2 * largest)
    low, high = found[f"{metric}_low"], found[f"{metric}_high"]
    if low == low:
        plot.plot([place, place], [low, high], color=INK, linewidth=1.5)
    plot.plot(place, found[metric], "D", color=INK, markersize=6, label="found, not annotated")
    step = max(1, round(largest / 5))
    ticks = list(range(0, largest + 1, step))
    plot.set_xticks([*ticks, place], [*map(str, ticks), "found"])
