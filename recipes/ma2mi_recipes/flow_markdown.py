"""The report of `keras-ma2mi benchmark flow` as Markdown, made from its JSON document alone."""

from typing import Any

from .benchmark_markdown import machine_words, markdown_report, markdown_table
from .flow_table import report_tables, summary_table


def remarks(document: dict[str, Any]) -> list[str]:
    """Where and how it was measured, and what was not, one sentence each."""
    return [
        f"{machine_words(document['machine'])}.",
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
    return markdown_report(remarks(document), report_tables(document))


def markdown_summary(document: dict[str, Any]) -> str:
    """One Markdown table with the figures over all noise levels, ours beside other methods."""
    return markdown_table(summary_table(document)) + "\n"
