"""The pictures of a report; each returns one `<svg>` element."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ma2mi_recipes.report.runs import PEEKED
from ma2mi_recipes.report.svg import GRID, MUTED, SERIES, axes, inline_svg
from ma2mi_recipes.report.wording import figure as share
from ma2mi_recipes.report.wording import interval

if TYPE_CHECKING:
    import pandas as pd

_NARROW = 3.5
_LONGEST_NAME = 22


def interval_plot(
    metric: str,
    blocks: Mapping[str, Mapping[str, Any]],
    baselines: Mapping[str, Mapping[str, Any]],
    prefix: str,
) -> str:
    """One metric of several runs: a dot for the value and a line for its 95 % interval.

    Runs that peeked are crosses on broken lines, baselines are grey squares under a line.

    Args:
        metric: Name of the metric, as the reader knows it.
        blocks: For each run, `value`, `low` and `high`.
        baselines: The same for each simple baseline.
        prefix: Begins the picture's ids.
    """
    everything = [*blocks.items(), *baselines.items()]
    with axes(_NARROW, 0.85 + 0.27 * len(everything)) as (canvas, plot):
        for row, (name, block) in enumerate(everything):
            colour, marker, style = MUTED, "s", "-"
            if row < len(blocks):
                colour = SERIES[row % len(SERIES)]
                marker, style = ("X", ":") if name.endswith(PEEKED) else ("o", "-")
            if block["low"] is not None:
                ends = [block["low"], block["high"]]
                plot.plot(ends, [row, row], color=colour, linewidth=2, linestyle=style)
                # A short interval would hide behind its dot.
                plot.plot(ends, [row, row], "|", color=colour, markersize=9, markeredgewidth=2)
            size = 5 if marker == "s" else 6
            plot.plot(block["value"], row, marker, color=colour, markersize=size)
        if blocks and baselines:
            plot.axhline(len(blocks) - 0.5, color=GRID, linewidth=1)
        names = [shortened(name) for name, _ in everything]
        labels = plot.set_yticks(range(len(everything)), names)
        for label in labels[len(blocks) :]:
            label.label1.set_color(MUTED)
        plot.set_ylim(len(everything) - 0.5, -0.5)
        plot.set_xlim(0, 1)
        plot.grid(axis="y", visible=False)
        plot.set_title(metric)
        values = ", ".join(
            f"{name} {share(block['value'])} {interval(block['low'], block['high'])}"
            for name, block in everything
        )
        return inline_svg(canvas, f"{metric} with 95 % intervals: {values}", prefix)


def subject_plot(tables: Mapping[str, "pd.DataFrame"], prefix: str) -> str:
    """Accuracy of every subject under every run, subjects sorted by their mean over runs.

    Args:
        tables: For each run, a table with `subject` and `accuracy`.
        prefix: Begins the picture's ids.
    """
    import pandas as pd

    wide = pd.DataFrame(
        {name: table.set_index("subject")["accuracy"] for name, table in tables.items()}
    )
    wide = wide.loc[wide.mean(axis=1).sort_values(kind="stable").index]
    with axes(8.0, 2.9) as (canvas, plot):
        for column, name in enumerate(wide.columns):
            # Dots of two runs at one height would hide each other.
            shift = (column - (wide.shape[1] - 1) / 2) * 0.22
            plot.plot(
                [row + shift for row in range(len(wide))],
                wide[name].to_numpy(),
                "X" if str(name).endswith(PEEKED) else "o",
                color=SERIES[column % len(SERIES)],
                markersize=6 if len(wide) <= 30 else 4,
                label=shortened(name),
            )
        plot.set_xlim(-0.6, len(wide) - 0.4)
        plot.set_ylim(-0.05, 1.05)
        plot.set_ylabel("share of clips right")
        if len(wide) <= 30:
            names = [shortened(name, 14) for name in without_shared_folder(wide.index)]
            plot.set_xticks(range(len(wide)), names, rotation=40, ha="right")
        else:
            plot.set_xticks([])
        plot.set_xlabel("subjects, sorted by their mean over runs")
        plot.grid(axis="x", visible=False)
        if wide.shape[1] > 1:
            canvas.legend(loc="outside upper left", ncols=min(4, wide.shape[1]))
        label = (
            f"Accuracy of each of {len(wide)} subjects; lowest {share(wide.min().min())}, "
            f"highest {share(wide.max().max())}; the table below lists them"
        )
        return inline_svg(canvas, label, prefix)


def without_shared_folder(subjects: Iterable[object]) -> list[str]:
    """`casme2/sub01`, `casme2/sub02` as `sub01`, `sub02`; as they are where datasets differ."""
    names = [str(name) for name in subjects]
    folders = {name.rpartition("/")[0] for name in names}
    return [name.rpartition("/")[2] for name in names] if len(folders) == 1 else names


def curve_plot(
    title: str, histories: Mapping[str, tuple[int, "pd.DataFrame"]], column: str, prefix: str
) -> str:
    """One column of the history over epochs: the median over folds and seeds, and their spread.

    Args:
        title: What is drawn.
        histories: For each run, its place among the page's colours and its history.
        column: The column; `val_<column>` is drawn dashed beside it, and `held_out_<column>`, which
            only a run that peeked has, dotted. Where the history has inner and outer trainings,
            the line is that of the outer ones.
        prefix: Begins the picture's ids.
    """
    ends = []
    with axes(_NARROW, 2.7) as (canvas, plot):
        for name, (place, history) in histories.items():
            colour = SERIES[place % len(SERIES)]
            for drawn, style, suffix in _lines_of(history, column):
                rows = _outer(history) if style == "-" else history
                middle = _draw_curve(plot, rows, drawn, (colour, style))
                if middle is None:
                    continue
                shown = shortened(name.removesuffix(PEEKED) if "peeked" in suffix else name)
                plot.plot([], [], style, color=colour, label=f"{shown}{suffix}")
                ends.append(f"{name}{suffix} ends at {middle:.3g}")
        plot.set_xlabel("epoch")
        plot.set_title(title)
        plot.locator_params(axis="x", integer=True)
        labels = plot.get_legend_handles_labels()[1]
        columns = 2 if max(map(len, labels), default=0) <= _LONGEST_NAME else 1
        canvas.legend(loc="outside lower left", ncols=columns)
        return inline_svg(canvas, f"{title} over epochs: {', '.join(ends)}", prefix)


def _lines_of(history: "pd.DataFrame", column: str) -> list[tuple[str, str, str]]:
    validated_on = " (inner subjects)" if "part" in history else " (validation)"
    lines = [
        (column, "-", ""),
        (f"val_{column}", "--", validated_on),
        (f"held_out_{column}", ":", " (held out, peeked)"),
    ]
    return [line for line in lines if line[0] in history]


def _outer(history: "pd.DataFrame") -> "pd.DataFrame":
    if "part" not in history or not (history["part"] == "outer").any():
        return history
    return history[history["part"] == "outer"]


def _draw_curve(
    plot: Any, history: "pd.DataFrame", column: str, look: tuple[str, str]
) -> float | None:
    colour, style = look
    by_epoch = history.dropna(subset=[column]).groupby("epoch")[column]
    if not len(by_epoch):
        return None
    middle = by_epoch.median()
    if by_epoch.size().max() > 1:
        low, high = by_epoch.quantile(0.1), by_epoch.quantile(0.9)
        plot.fill_between(
            middle.index.to_numpy(), low.to_numpy(), high.to_numpy(), color=colour, alpha=0.18, lw=0
        )
    # A single epoch is a point, which a line would not show.
    marker = "o" if len(middle) == 1 else ""
    plot.plot(
        middle.index.to_numpy(),
        middle.to_numpy(),
        style,
        marker=marker,
        color=colour,
        linewidth=1.8,
    )
    return float(middle.iloc[-1])


def shortened(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name that fits beside a plot, safe from being read as mathematics."""
    # However long a name is, a plot must say that the run peeked.
    ending = PEEKED if name.endswith(PEEKED) else ""
    stem = name.removesuffix(ending)
    room = longest - len(ending)
    text = stem if len(stem) <= room else f"{stem[: room - 1]}…"
    # Matplotlib reads dollar signs as mathematics.
    return (text + ending).replace("$", r"\$")
