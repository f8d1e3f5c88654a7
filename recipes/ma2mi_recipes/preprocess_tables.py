"""The report of `keras-ma2mi benchmark preprocess`, made from its JSON document alone."""

from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report

from .flow_table import ReportTable

GOAL = 0.85
"""Share of the cores' time that the work itself should have."""


def preprocess_tables(document: dict[str, Any]) -> list[ReportTable]:
    """All tables of a document of `preprocess_document`; what was not measured has none."""
    tables = [_stages(document), _kinds(document["kinds"])]
    if document["reruns"]:
        tables.append(_reruns(document["reruns"]))
    tables.append(_growth(document["growth"]))
    if document["planner"]:
        tables.append(_planner(document["planner"]))
    return tables


def preprocess_remarks(document: dict[str, Any]) -> list[str]:
    """What came out, and where and how it was measured, one sentence each."""
    machine, run = document["machine"], document["run"]
    return [
        f"{run['needed_share']:.0%} of the cores' time goes into decoding, detecting, aligning and "
        f"flow (goal: {GOAL:.0%}), and {run['needed_cpu_share']:.0%} of the workers' CPU time; "
        f"{run['clips']} clips, {run['frames']} frames kept, in "
        f"{run['seconds']:.1f} s with {run['workers']} workers: {run['frames_per_second']:.0f} "
        f"frames and {run['clips_per_second']:.2f} clips a second.",
        f"{machine_words(machine)}.",
        f"`{document['command']}`, {document['seconds']:.0f} s. Rendered clips, default options.",
    ]


def preprocess_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        preprocess_remarks(document), preprocess_tables(document), title="Preprocessing, measured"
    )


def _stages(document: dict[str, Any]) -> ReportTable:
    rows = [
        (
            row["stage"],
            f"{row['seconds']:.1f}",
            f"{row['cpu_seconds']:.1f}" if row["cpu_seconds"] else "",
            f"{row['share']:.1%}",
        )
        for row in document["stages"]
    ]
    needed = document["run"]["needed_share"]
    return ReportTable(
        "Where the time of the cores goes",
        "All workers together, from the start of the command's work to its last table.",
        ("stage", "seconds", "CPU seconds", "share"),
        [*rows, ("decode, detect, align, flow", "", "", f"{needed:.1%}")],
    )


def _kinds(rows: list[dict[str, Any]]) -> ReportTable:
    return ReportTable(
        "What a clip costs",
        "One core; frames are those kept. The share is that of decode, detect, align and flow.",
        ("clips", "number", "frames", "core s a clip", "frames/core s", "share", "MB", "files"),
        [
            (
                row["kind"],
                f"{row['clips']}",
                f"{row['frames'] / row['clips']:.0f}",
                f"{row['core_seconds']:.2f}",
                f"{row['frames_per_core_second']:.0f}",
                f"{row['needed_share']:.0%}",
                f"{row['megabytes']:.1f}",
                f"{row['files']:.0f}",
            )
            for row in rows
        ],
    )


def _reruns(rows: list[dict[str, Any]]) -> ReportTable:
    return ReportTable(
        "A run with nothing to do",
        "The whole command, start of Python included: fastest and slowest round. Planning is part "
        "of it; the table is made from the clips only after a run that was killed.",
        ("clips", "sources", "seconds", "CPU s", "MB", "planning s", "table from the clips s"),
        [
            (
                f"{row['clips']:,}",
                row["sources"],
                f"{min(row['seconds']):.2f} - {max(row['seconds']):.2f}",
                f"{row['cpu_seconds']:.2f}",
                f"{row['megabytes']:.0f}",
                f"{row['plan_seconds']:.2f}",
                f"{row['table_seconds']:.2f}",
            )
            for row in rows
        ],
        text_columns=2,
    )


def _growth(rows: list[dict[str, Any]]) -> ReportTable:
    return ReportTable(
        "What many clips cost",
        "In proportion to the clips measured above, which are independent of each other.",
        ("clips", "like", "core hours", "GB", "files or objects"),
        [
            (
                f"{row['clips']:,}",
                row["kind"],
                f"{row['core_hours']:,.0f}",
                f"{row['gigabytes']:,.0f}",
                f"{row['files']:,.0f}",
            )
            for row in rows
        ],
        text_columns=2,
    )


def _planner(rows: list[dict[str, Any]]) -> ReportTable:
    return ReportTable(
        "What the process costs that plans and writes the tables",
        "A straight line through the runs with nothing to do.",
        ("clips", "nothing to do, s", "table from the clips, s", "MB"),
        [
            (
                f"{row['clips']:,}",
                f"{row['seconds']:.1f}",
                f"{row['table_seconds']:.0f}",
                f"{row['megabytes']:,.0f}",
            )
            for row in rows
        ],
    )
