"""UF1 in each style that was tested in, as one picture."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_recipes.ma2mi_benchmark.picture import METHOD_COLOURS, interval_lengths
from ma2mi_recipes.ma2mi_benchmark.tables import method_words, share_words

Row = Mapping[str, Any]

_BASELINE_MARKERS = ("x", "+", "1", "2", "3")
_GREY = "#8a8a8a"


def write_shifts_picture(document: Mapping[str, Any], path: Path) -> None:
    """Draws UF1 with its intervals by test set; a row of panels a style, a column a share.

    Args:
        document: Of `shifts_document`.
        path: PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    styles = document["plan"]["fine_tuning_styles"]
    fractions = document["plan"]["plan"]["fractions"]
    size = (1.0 + 6.4 * len(fractions), 1.4 + 3.3 * len(styles))
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(styles), len(fractions), sharey=True, squeeze=False)
    known: dict[str, Any] = {}
    for across, style in zip(panels, styles, strict=True):
        for axes, fraction in zip(across, fractions, strict=True):
            rows = [
                row
                for row in document["rows"]
                if (row["style"], row["fraction"]) == (style, fraction)
            ]
            _draw(axes, rows, document["plan"]["test_styles"])
            title = f"fine-tuned on {style}, {share_words(fraction)} of the labels"
            axes.set_title(title, loc="left", fontsize=10)
            handles, labels = axes.get_legend_handles_labels()
            known |= dict(zip(labels, handles, strict=True))
        across[0].set_ylabel("UF1")
    panels[0][0].set_ylim(bottom=0.0)
    figure.legend(known.values(), known, loc="outside lower center", ncols=3, frameon=False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110)


def _draw(axes: Any, rows: Sequence[Row], tests: Sequence[str]) -> None:
    ways = _ways(rows)
    markers = iter(_BASELINE_MARKERS * len(ways))
    for place, way in enumerate(ways):
        points = [way[test] for test in tests]
        # Side by side, or the intervals of ways that are alike would hide each other.
        shift = 0.8 * ((place + 0.5) / len(ways) - 0.5)
        axes.errorbar(
            [number + shift for number in range(len(tests))],
            [row["uf1"]["value"] for row in points],
            yerr=interval_lengths([row["uf1"] for row in points]),
            linestyle="none",
            elinewidth=0.9,
            markersize=5,
            label=_label(points[0]),
            **_look(points[0], markers),
        )
    axes.set_xticks(range(len(tests)), [test.replace("_", " ") for test in tests], fontsize=8)
    for number in range(1, len(tests)):
        axes.axvline(number - 0.5, color="#e0e0e0", linewidth=0.6)
    axes.grid(axis="y", color="#e0e0e0", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _ways(rows: Sequence[Row]) -> list[dict[str, Row]]:
    """Of each way to learn its row by test set: each method's styles together, baselines last."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    ways: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in rows:
        place = (row["baseline"], methods.index(row["method"]), _elsewhere(row))
        ways.setdefault((*place, row["branches"], row["pretraining_style"] or ""), {})[
            row["test"]
        ] = row
    return [ways[key] for key in sorted(ways)]


def _elsewhere(row: Row) -> bool:
    """Whether it was pre-trained in another style than it was fine-tuned on."""
    return row["pretraining_style"] not in (None, row["style"])


def _look(row: Row, markers: Iterator[str]) -> dict[str, Any]:
    """A colour a method; hollow where it was pre-trained in another style."""
    if row["baseline"]:
        return {"color": _GREY, "marker": next(markers)}
    colour = METHOD_COLOURS.get(row["method"], _GREY)
    inside = "white" if _elsewhere(row) else colour
    return {"color": colour, "marker": "o", "markerfacecolor": inside}


def _label(row: Row) -> str:
    words = method_words(row["method"])
    if row["pretraining_style"] is None:
        return words
    return f"{words}, pre-trained in {'another' if _elsewhere(row) else 'the same'} style"
