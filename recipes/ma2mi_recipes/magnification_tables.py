"""The tables of `keras-ma2mi benchmark magnification`, made from its JSON document alone."""

from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report
from ma2mi_recipes.flow_table import ReportTable

_FIGURES = (
    ("amplified", "How many times larger the movement came out", "{:.2f}"),
    ("error", "Error after division by the factor, px", "{:.3f}"),
    ("contrast", "Flow where the face moves over flow where it is still", "{:.0f}"),
    ("still_change", "Grey-level change where the face is still, over that before", "{:.2f}"),
    ("clipped", "Pixels that became black or white, %", "{:.2f}"),
)


def magnification_tables(document: dict[str, Any]) -> list[ReportTable]:
    """One table for each figure: a row for each amplitude and noise, a column for each rival."""
    return [_table(document["rows"], *figure) for figure in _FIGURES]


def magnification_remarks(document: dict[str, Any]) -> list[str]:
    """Where and how it was measured, one sentence each."""
    times = ", ".join(f"{name} {ms:.0f} ms" for name, ms in document["milliseconds"].items())
    return [
        f"{machine_words(document['machine'])}.",
        f"`{document['command']}`: {document['faces']} rendered faces of 224 pixels, seed "
        f"{document['seed']}. CPU time for a frame: {times}.",
    ]


def magnification_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(magnification_remarks(document), magnification_tables(document))


def _table(rows: list[dict[str, Any]], figure: str, title: str, form: str) -> ReportTable:
    known = [row for row in rows if row[figure] is not None]
    methods = list(dict.fromkeys(row["method"] for row in known))
    if figure == "clipped":
        methods = [method for method in methods if method in ("phase", "linear")]
    asked = [(factor, method) for factor in _distinct(known, "factor") for method in methods]
    value = {
        (row["amplitude"], row["noise"], row["factor"], row["method"]): form.format(row[figure])
        for row in known
    }
    lines = [
        (
            f"{amplitude:g}",
            f"{noise:g}",
            *(value.get((amplitude, noise, *column), "") for column in asked),
        )
        for amplitude in _distinct(rows, "amplitude")
        for noise in _distinct(known, "noise")
    ]
    names = [f"{factor:g}x {method.split()[0]}" for factor, method in asked]
    return ReportTable(title, "", ("px", "noise", *names), lines, text_columns=0)


def _distinct(rows: list[dict[str, Any]], name: str) -> list[float]:
    return sorted({row[name] for row in rows})
