"""The tables of `keras-ma2mi benchmark key-frames`, made from its JSON document alone."""

from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report
from ma2mi_recipes.flow_table import ReportTable

_WORDS = {
    "onset": "Onset moved",
    "apex": "Apex moved",
    "both": "Onset and apex moved",
    "found": "Onset and apex found",
}


def key_frame_tables(document: dict[str, Any]) -> list[ReportTable]:
    """UF1 by distance and jitter, then all three figures of each jitter."""
    jitters = list(dict.fromkeys(row["jitter"] for row in document["rows"]))
    return [
        _across(document["rows"], jitters),
        *(_of_jitter(document["rows"], name) for name in jitters),
    ]


def key_frame_remarks(document: dict[str, Any]) -> list[str]:
    """Where and how it was measured, one sentence each."""
    spans = document["spans"]
    seeds = ", ".join(map(str, document["seeds"]))
    return [
        f"{machine_words(document['machine'])}.",
        f"`{document['command']}`: {document['clips']} rendered micro clips of "
        f"{document['subjects']} identities, faces of {document['size']} pixels, 100 frames a "
        f"second; onset to apex {spans['shortest']:g} to {spans['longest']:g} frames, median "
        f"{spans['median']:g}. Leave-one-subject-out, {document['epochs']} epochs, seeds {seeds}, "
        f"{document['backend']}; {document['variants']} jittered samples a clip.",
    ]


def key_frame_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(key_frame_remarks(document), key_frame_tables(document))


def _across(rows: list[dict[str, Any]], jitters: list[str]) -> ReportTable:
    points = list(dict.fromkeys((row["moved"], row["frames"]) for row in rows))
    values = {(row["jitter"], row["moved"], row["frames"]): row["uf1"] for row in rows}
    lines = [
        (
            _WORDS[moved],
            "" if moved == "found" else f"{frames}",
            *(f"{values[name, moved, frames]:.3f}" for name in jitters),
        )
        for moved, frames in points
    ]
    columns = ("key frames", "frames", *(f"jitter {name}" for name in jitters))
    return ReportTable("UF1 by training jitter", "", columns, lines)


def _of_jitter(rows: list[dict[str, Any]], jitter: str) -> ReportTable:
    lines = [
        (
            _WORDS[row["moved"]],
            f"{row['onset_error']:g} / {row['apex_error']:g}"
            if row["moved"] == "found"
            else f"{row['frames']}",
            *(_with_interval(row, name) for name in ("accuracy", "uf1", "uar")),
            _with_interval(row, "uf1_change"),
            f"{row['at_border']:.0%}",
        )
        for row in rows
        if row["jitter"] == jitter
    ]
    columns = ("key frames", "frames", "accuracy", "UF1", "UAR", "change of UF1", "at the border")
    return ReportTable(f"Jitter {jitter}, with 95 % intervals over subjects", "", columns, lines)


def _with_interval(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.3f} [{row[f'{name}_low']:.2f}, {row[f'{name}_high']:.2f}]"
