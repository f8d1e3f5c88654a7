"""The report of `keras-ma2mi benchmark flow` as Markdown, made from its JSON document alone."""

from collections.abc import Sequence
from typing import Any

from .flow_table import ReportTable, report_tables, summary_table


def remarks(document: dict[str, Any]) -> list[str]:
    """Where and how it was measured, and what was not, one sentence each."""
    machine = document["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return [
        f"{machine['cpu']}, {machine['cpus']} CPU(s), {machine['system']}; "
        f"Python {machine['python']}, {versions}.",
        f"`{document['command']}`, seed {document['seed']}, {document['seconds']:.0f} s. "
        "One thread on one CPU; CPU time, median over pairs.",
        *(f"Not measured: {name}: {why}." for name, why in document["not_measured"].items()),
    ]


def markdown_tables(document: dict[str, Any]) -> str:
    """The report as Markdown, for a README section.

    Parameters
    ----------
    document : dict
        As the JSON file of `keras-ma2mi benchmark flow` holds it.

    Returns
    -------
    str
        Ends with a newline. The same document gives the same text.
    """
    parts = ["\n".join(f"- {remark}" for remark in remarks(document))]
    for table in report_tables(document):
        heading = f"**{table.title}**" + (f". {table.note}" if table.note else "")
        parts += [heading, markdown_table(table)]
    return "\n\n".join(parts) + "\n"


def markdown_summary(document: dict[str, Any]) -> str:
    """One Markdown table with the figures over all noise levels, ours beside other methods."""
    return markdown_table(summary_table(document)) + "\n"


def markdown_table(table: ReportTable) -> str:
    """One table as Markdown, without its title."""
    marks = ["---" if i < table.text_columns else "--:" for i in range(len(table.columns))]
    return "\n".join(_markdown_line(cells) for cells in (table.columns, marks, *table.rows))


def _markdown_line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
