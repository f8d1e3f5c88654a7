"""The report of `keras-ma2mi benchmark rendering`, made from its JSON document alone."""

from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report
from ma2mi_recipes.flow_table import ReportTable

MANY_FRAMES = 100_000
GOAL_MINUTES = 15
"""For so many frames on two cores."""


def rendering_tables(document: dict[str, Any]) -> list[ReportTable]:
    """All tables of a document of `rendering_document`."""
    return [_sets(document["sets"]), _steps(document["steps"])]


def rendering_remarks(document: dict[str, Any]) -> list[str]:
    """What came out, and where and how it was measured, one sentence each."""
    first = document["sets"][0]
    measured = f"{first['frames']:,} measured"
    return [
        f"{MANY_FRAMES:,} frames of the style `{first['style']}`, {first['size']} pixels wide, "
        f"take {_minutes(first):.1f} minutes with {first['workers']} worker(s), in proportion to "
        f"the {measured}; the goal is under {GOAL_MINUTES} on two cores.",
        f"{machine_words(document['machine'])}.",
        f"`{document['command']}`, {document['seconds']:.0f} s. Times are from the call to the "
        "manifest: start of the processes, rendering, ground truth, and files.",
    ]


def rendering_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        rendering_remarks(document), rendering_tables(document), title="Rendering, measured"
    )


def _sets(rows: list[dict[str, Any]]) -> ReportTable:
    return ReportTable(
        "Whole sets",
        f"Minutes and gigabytes are those of {MANY_FRAMES:,} frames; memory is that of the largest "
        "process. The same seed gives the same files with any number of workers.",
        ("movements", "style", "frames as", "workers", "clips", "frames", "frames/s", "minutes",
         "CPU ms a frame", "kB a frame", "GB", "MB of memory"),
        [
            (
                row["kind"],
                row["style"],
                row["frames_as"],
                f"{row['workers']}",
                f"{row['clips']:,}",
                f"{row['frames']:,}",
                f"{row['frames'] / row['seconds']:.0f}",
                f"{_minutes(row):.1f}",
                _known(row["cpu_seconds"], 1000 / row["frames"], "{:.1f}"),
                f"{row['frame_bytes'] / row['frames'] / 1000:.1f}",
                f"{_bytes(row) * MANY_FRAMES / row['frames'] / 1e9:.1f}",
                _known(row["megabytes"], 1, "{:.0f}"),
            )
            for row in rows
        ],
        text_columns=3,
    )  # fmt: skip


def _steps(rows: list[dict[str, Any]]) -> ReportTable:
    groups = list(dict.fromkeys((row["style"], row["kind"]) for row in rows))
    steps = list(dict.fromkeys(row["step"] for row in rows))
    value = {(row["style"], row["kind"], row["step"]): row["milliseconds"] for row in rows}
    return ReportTable(
        "CPU milliseconds a frame",
        "One process; a set has one of the forms.",
        ("step", *(f"{style}, {kind}" for style, kind in groups)),
        [(step, *(f"{value[*group, step]:.2f}" for group in groups)) for step in steps],
    )


def _minutes(row: dict[str, Any]) -> float:
    return float(MANY_FRAMES * row["seconds"] / row["frames"] / 60)


def _bytes(row: dict[str, Any]) -> int:
    return int(row["frame_bytes"] + row["truth_bytes"])


def _known(value: float | None, factor: float, form: str) -> str:
    return "" if value is None else form.format(value * factor)
