"""The report of `keras-ma2mi benchmark faces` as tables, made from its JSON document alone."""

from collections.abc import Sequence
from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report

from .flow_table import ReportTable

_Row = dict[str, Any]

_HEADS = ("slight", "strong")
_ABOUT_HEADS = "Slight: the head sways as in the clips one trains on; strong: eight times as much."


def faces_tables(document: dict[str, Any]) -> list[ReportTable]:
    """All tables of a document of `faces_document`; what was not measured has no table."""
    tables = [_motion(document["motion"])]
    peaks = list(dict.fromkeys(row["peak"] for row in document["expression"]))
    tables += [
        _expression(document["expression"], peak, document["detectors"][-1]) for peak in peaks
    ]
    tables += [_registrations(document["registrations"]), _times(document["times"])]
    if document["videos"]:
        tables += [_detection(document["videos"]), _shake(document["videos"])]
    return tables


def faces_remarks(document: dict[str, Any]) -> list[str]:
    """Where and how it was measured, and what was not, one sentence each."""
    machine = document["machine"]
    return [
        f"{machine_words(machine)}.",
        f"`{document['command']}`, seed {document['seed']}, {document['seconds']:.0f} s; "
        "CPU time of one thread.",
        *(f"Not measured: {name}: {why}." for name, why in document["not_measured"].items()),
    ]


def faces_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        faces_remarks(document),
        faces_tables(document),
        title="Faces, measured",
        lead="Pixels are those of an aligned crop of 224, in which the eyes are 72 apart. Figures "
        "are medians over clips (smallest–largest).",
    )


def _motion(rows: Sequence[_Row]) -> ReportTable:
    lines: dict[str, list[str]] = {}
    for row in rows:
        name = ", ".join(filter(None, (row["method"], row["detector"])))
        cells = lines.setdefault(name, [])
        cells += [_spread(row["residual"]), _spread(row["jitter"])]
    clips = {row["clips"] for row in rows}
    return ReportTable(
        title="What is left of the head's motion after alignment",
        note=f"Rendered clips ({_range(clips)} a cell). {_ABOUT_HEADS} Residual: root mean square "
        "since the onset; jitter: its part that changes from frame to frame. Pixels.",
        columns=(
            "alignment",
            *(f"{name}: {what}" for name in _HEADS for what in ("residual", "jitter")),
        ),
        rows=[(name, *cells) for name, cells in lines.items()],
    )


def _expression(rows: Sequence[_Row], peak: str, detector: str) -> ReportTable:
    rows = [row for row in rows if row["peak"] == peak and row["detector"] in ("", detector)]
    lines: dict[str, list[str]] = {}
    for head in _HEADS:
        for row in rows:
            if row["head"] == head:
                cells = lines.setdefault(row["method"], [])
                cells += [_spread(row["kept"]), _spread(row["error"])]
    clips = {row["clips"] for row in rows}
    return ReportTable(
        title=f"What is left of an expression that moves the skin by {peak}",
        note=f"Rendered clips ({_range(clips)} a cell); detector: {detector}. Kept: amplitude of "
        "the true movement in the aligned crop over that of the expression alone (1: all of it, "
        "and nothing else). Error: of TV-L1's flow from onset to apex, root mean square where the "
        "face acts, pixels.",
        columns=(
            "alignment",
            *(f"{name}: {what}" for name in _HEADS for what in ("kept", "error")),
        ),
        rows=[(method, *cells) for method, cells in lines.items()],
    )


def _registrations(rows: Sequence[_Row]) -> ReportTable:
    clips = {row["clips"] for row in rows}
    return ReportTable(
        title="Ways to register the rigid part of the face",
        note=f"{_range(clips)} rendered clips, strongly moving head, eyes of the onset known. "
        "Residual as above, pixels; kept as above; time of a frame.",
        columns=("registration", "residual", "kept", "ms"),
        rows=[
            (
                row["method"],
                _spread(row["residual"], 3),
                _spread(row["kept"]),
                f"{row['milliseconds']:.1f}",
            )
            for row in rows
        ],
    )


def _times(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="Milliseconds a frame",
        note="Rendered frames of 320x320; stabilisation looks at every frame, detection only where "
        "the alignment asks for it. Median.",
        columns=("step", "ms"),
        rows=[(row["step"], f"{row['milliseconds']:.1f}") for row in rows],
    )


def _detection(rows: Sequence[_Row]) -> ReportTable:
    return ReportTable(
        title="Detection on videos",
        note="Eye jitter: of the eyes found in each frame, in the stabilised crop, pixels.",
        columns=("video", "detector", "frames", "with a face", "most faces", "ms", "eye jitter"),
        rows=[
            (
                row["video"],
                row["detector"],
                str(row["frames"]),
                f"{row['found']:.1%}",
                str(row["most_faces"]),
                f"{row['milliseconds']:.0f}",
                "" if row["eye_jitter"] is None else f"{row['eye_jitter']:.2f}",
            )
            for row in rows
        ],
        text_columns=2,
    )


def _shake(rows: Sequence[_Row]) -> ReportTable:
    rows = [row for row in rows if row["shake"]]
    detectors = list(dict.fromkeys(row["detector"] for row in rows))
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        for method, pixels in row["shake"].items():
            lines.setdefault((row["video"], method), {})[row["detector"]] = f"{pixels:.2f}"
    return ReportTable(
        title="How much the aligned face of a video shakes",
        note="Part of its movement that changes from frame to frame, as the skin shows it, in the "
        "longest run of frames with a face. Pixels.",
        columns=("video", "alignment", *detectors),
        rows=[
            (*key, *(cells.get(detector, "") for detector in detectors))
            for key, cells in lines.items()
        ],
        text_columns=2,
    )


def _spread(value: dict[str, float], digits: int = 2) -> str:
    middle, low, high = (f"{value[name]:.{digits}f}" for name in ("median", "low", "high"))
    return f"{middle} ({low}–{high})"


def _range(counts: set[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"
