"""The tables of `keras-ma2mi benchmark flow`, made from its JSON document and from nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# The names in the document, as `ma2mi_preprocessing.benchmarks.flow_methods` writes them. They
# are not imported, so that a table can be made where the flow methods are not installed.
_OURS = "ma2mi TV-L1"
_FASTER_THAN = ("OpenCV DualTVL1", "OpenCV for speed", "OpenCV DIS medium")

_Row = dict[str, Any]


@dataclass(frozen=True)
class ReportTable:
    """A table of texts.

    Attributes
    ----------
    title, note : str
        What the table shows, and what one must know to read it (may be empty).
    columns : tuple of str
    rows : list of tuple of str
    text_columns : int
        How many of the columns, from the left, are words; the others are figures.
    """

    title: str
    note: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    text_columns: int = 1


def report_tables(document: dict[str, Any]) -> list[ReportTable]:
    """All tables of a document of `flow_document`; what was not measured has no table."""
    rows = document["flow"]
    tables = [_errors(rows, kind) for kind in _distinct(rows, "kind")]
    if any(row["epe_edge"] is not None for row in rows):
        tables.append(_errors_at_edges(rows))
    tables += [_milliseconds(rows), _error_ratios(rows), _speed_ratios(rows)]
    if document["stereo"]:
        tables.append(_stereo(document["stereo"]))
    tables += [_data_weight(document["data_weight"]), _edge_sharpness(document["edge_sharpness"])]
    if document["threads"]:
        tables.append(_threads(document["threads"]))
    tables.append(_magnitudes(document["magnitudes"]))
    if document["processors"]:
        tables.append(_processors(document["processors"]))
    if document["startup"]:
        tables.append(_startup(document["startup"]))
    return tables


def summary_table(document: dict[str, Any]) -> ReportTable:
    """Ours beside other methods, over all noise levels or at the only one."""
    of_ours = list(_ours(document["flow"]))
    several = {(row["kind"], row["size"]) for row in of_ours if row["noise"] is None}
    shown = [
        row for row in of_ours if row["noise"] is None or (row["kind"], row["size"]) not in several
    ]
    return ReportTable(
        title="Ours beside other methods",
        note="",
        columns=(
            "pairs",
            "px",
            "ms",
            "error, all pixels",
            "error, moving",
            *(f"faster than {name}" for name in _FASTER_THAN),
        ),
        rows=[
            (
                f"{row['pairs']} {row['kind']}",
                str(row["size"]),
                _milliseconds_text(row["milliseconds"]),
                _ratio(row["epe_ratio"], _two_decimals),
                _ratio(row["epe_moving_ratio"], _two_decimals),
                *(_ratio(row["times_faster"][name], _two_digits) for name in _FASTER_THAN),
            )
            for row in shown
        ],
    )


def _errors(rows: Sequence[_Row], kind: str) -> ReportTable:
    return _pivot(
        [row for row in rows if row["kind"] == kind],
        title=f"End-point error, {kind} pairs",
        note="Over all pixels / over moving pixels, in pixels.",
        keys=("size", "noise"),
        cell=lambda row: f"{row['epe']:.3f}/{row['epe_moving']:.3f}",
    )


def _errors_at_edges(rows: Sequence[_Row]) -> ReportTable:
    return _pivot(
        [row for row in rows if row["epe_edge"] is not None],
        title="End-point error beside motion edges",
        note="Over pixels that are not occluded / over those within 4 px of an edge, in pixels.",
        keys=("size", "noise"),
        cell=lambda row: f"{row['epe_visible']:.3f}/{row['epe_edge']:.3f}",
    )


def _milliseconds(rows: Sequence[_Row]) -> ReportTable:
    return _pivot(
        rows,
        title="Milliseconds a pair",
        note="",
        keys=("kind", "size", "noise"),
        cell=lambda row: _milliseconds_text(row["milliseconds"]),
    )


def _pivot(
    rows: Sequence[_Row], *, title: str, note: str, keys: tuple[str, ...], cell: Any
) -> ReportTable:
    """One line for each value of the keys, one column for each method."""
    methods = _distinct(rows, "method")
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        lines.setdefault(tuple(_key(row, key) for key in keys), []).append(cell(row))
    return ReportTable(
        title=title,
        note=note,
        columns=(*(_KEY_NAMES[key] for key in keys), *methods),
        rows=[(*key, *cells) for key, cells in lines.items()],
        text_columns=len(keys),
    )


_KEY_NAMES = {"kind": "kind", "size": "px", "noise": "noise"}


def _key(row: _Row, key: str) -> str:
    value = row[key]
    if key == "noise":
        return "all" if value is None else f"{value:g}"
    return str(value)


def _error_ratios(rows: Sequence[_Row]) -> ReportTable:
    fields = ("epe_ratio", "epe_moving_ratio", "epe_visible_ratio", "epe_edge_ratio")
    return ReportTable(
        title="Our end-point error divided by that of OpenCV's default",
        note="Ratio of the means (smallest–largest on a single pair); below 1 is better.",
        columns=("kind", "px", "noise", "all", "moving", "not occluded", "at edges"),
        rows=[
            (*_cell_keys(row), *(_ratio(row[field], _two_decimals) for field in fields))
            for row in _ours(rows)
        ],
        text_columns=3,
    )


def _speed_ratios(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="How many times faster than other methods ours is",
        note="Ratio of the mean times (smallest–largest on a single pair).",
        columns=("kind", "px", "noise", "pairs", *_FASTER_THAN),
        rows=[
            (
                *_cell_keys(row),
                str(row["pairs"]),
                *(_ratio(row["times_faster"][name], _two_digits) for name in _FASTER_THAN),
            )
            for row in _ours(rows)
        ],
        text_columns=3,
    )


def _ours(rows: Sequence[_Row]) -> Iterator[_Row]:
    return (row for row in rows if row["method"] == _OURS)


def _cell_keys(row: _Row) -> tuple[str, str, str]:
    return _key(row, "kind"), _key(row, "size"), _key(row, "noise")


def _stereo(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="Motorcycle stereo pair",
        note="End-point error in pixels of the reduced images, and its ratio to OpenCV's default.",
        columns=("method", "size", "largest", "error", "ratio", "ms"),
        rows=[
            (
                row["method"],
                f"{row['width']}x{row['height']}",
                f"{row['largest']:.1f}",
                f"{row['epe']:.3f}",
                f"{row['epe_ratio']:.2f}",
                _milliseconds_text(row["milliseconds"]),
            )
            for row in rows
        ],
    )


def _data_weight(rows: Sequence[_Row]) -> ReportTable:
    factors = _distinct(rows, "factor")
    lines = {
        (kind, name): [
            f"{row[field]:.3f}" for row in rows if row["kind"] == kind and row[field] is not None
        ]
        for kind in _distinct(rows, "kind")
        for name, field in (("all", "epe"), ("moving", "epe_moving"), ("edge", "epe_edge"))
    }
    weights = [next(row["attachment"] for row in rows if row["factor"] == f) for f in factors]
    return ReportTable(
        title="Our end-point error by the weight of the data term",
        note="In pixels; columns are the `attachment` and how many times the default it is.",
        columns=(
            "kind",
            "pixels",
            *(f"{w:g} ({f:g}x)" for w, f in zip(weights, factors, strict=True)),
        ),
        rows=[(*key, *cells) for key, cells in lines.items() if cells],
        text_columns=2,
    )


def _edge_sharpness(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="Sharpness of a straight motion edge",
        note="Distance over which the estimate rises from 10 to 90 % of a step of 2 px: median "
        "over rows and textures (medians of single textures); and how far it lies off.",
        columns=("method", "width, px", "off by, px"),
        rows=[
            (
                row["method"],
                f"{row['width']:.1f} ({row['low']:.1f}–{row['high']:.1f})",
                f"{row['shift']:.2f}",
            )
            for row in rows
        ],
    )


def _threads(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="A batch on two threads",
        note="Wall-clock throughput, median (smallest–largest of the rounds), and CPU time a pair.",
        columns=("batch", "pairs/s, 1 thread", "2 threads", "ratio", "CPU ms, 1 thread", "2"),
        rows=[
            (
                f"{row['pairs']} of {row['size']}x{row['size']}",
                f"{row['pairs_per_second']:.0f}",
                f"{row['pairs_per_second_two']:.0f}",
                _ratio(row["throughput_ratio"], _two_decimals),
                f"{row['cpu_milliseconds']:.2f}",
                f"{row['cpu_milliseconds_two']:.2f}",
            )
            for row in rows
        ],
    )


def _magnitudes(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="Strain and difference beside the flow",
        note="",
        columns=("step", "px", "ms", "% of the flow"),
        rows=[
            (
                row["step"],
                str(row["size"]),
                f"{row['milliseconds']:.3f}",
                f"{row['percent_of_flow']:.2f}",
            )
            for row in rows
        ],
    )


def _processors(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="Compiled for older processors",
        note="224x224. OpenCV's default, in the same process, uses all that this processor has. "
        "The difference is from the flow of this one, over all pixels.",
        columns=("instructions", "pairs", "ms", "times faster", "largest difference, px"),
        rows=[
            (
                row["processor"],
                str(row["pairs"]),
                _milliseconds_text(row["milliseconds"]),
                _two_digits(row["times_faster"]),
                f"{row['largest_difference']:.0e}",
            )
            for row in rows
        ],
    )


def _startup(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="Start of a process",
        note="Wall-clock seconds, median (smallest–largest).",
        columns=("step", "processes", "s"),
        rows=[
            (
                row["step"],
                str(row["processes"]),
                f"{row['seconds']:.2f} ({row['low']:.2f}–{row['high']:.2f})",
            )
            for row in rows
        ],
    )


def _distinct(rows: Sequence[_Row], key: str) -> list[Any]:
    return list(dict.fromkeys(row[key] for row in rows))


def _ratio(ratio: dict[str, float] | None, text: Any) -> str:
    if ratio is None:
        return ""
    return f"{text(ratio['mean'])} ({text(ratio['low'])}–{text(ratio['high'])})"


def _two_decimals(value: float) -> str:
    return f"{value:.2f}"


def _two_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _milliseconds_text(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:#.3g}"
