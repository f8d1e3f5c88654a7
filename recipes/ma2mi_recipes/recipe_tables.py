"""The report of `keras-ma2mi benchmark recipe` as tables, made from its JSON document alone."""

from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report
from ma2mi_recipes.flow_table import ReportTable


def recipe_tables(document: dict[str, Any]) -> list[ReportTable]:
    """One table for each part of the document: how each variant of the recipe compares."""
    return [_table(part) for part in document["parts"]]


def recipe_remarks(document: dict[str, Any]) -> list[str]:
    """Where and how it was measured, one sentence each."""
    machine = document["machine"]
    return [
        f"{machine_words(machine)}; Keras on {document['backend']}.",
        f"`{document['command']}`, {document['seconds']:.0f} s with {document['workers']} "
        "process(es).",
        "The clips are rendered: which ingredient helps can differ on people.",
    ]


def recipe_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        recipe_remarks(document), recipe_tables(document), title="The training recipe, measured"
    )


def _table(part: dict[str, Any]) -> ReportTable:
    seeds = part["seeds"]
    classes = ", ".join(f"{name} {count}" for name, count in part["classes"].items())
    start = "pre-trained encoders" if part["pretrained"] else "from scratch"
    note = (
        f"{sum(part['classes'].values())} clips ({classes}) of {part['subjects']} identities, "
        f"{part['size']} pixels; leave one out, {part['epochs']} epochs, the last counts; "
        f"{len(seeds)} seed(s) from {seeds[0]}. In brackets 95 per cent intervals over identities; "
        "p: paired permutation test of UF1 against the default, not corrected for the number of "
        "comparisons. Train: accuracy on the training clips."
    )
    columns = ("variant", "UF1", "UAR", "accuracy", "train", "UF1, difference", "p")
    rows = [
        (
            row["name"],
            *(_with_interval(row[metric]) for metric in ("uf1", "uar", "accuracy")),
            f"{row['train_accuracy']:.2f}",
            *_difference(row["difference"]),
        )
        for row in part["rows"]
    ]
    return ReportTable(f"{part['preset']}, {start}", note, columns, rows)


def _with_interval(metric: dict[str, Any]) -> str:
    return f"{metric['value']:.3f}{_interval(metric, '.3f')}"


def _difference(difference: dict[str, Any] | None) -> tuple[str, str]:
    if difference is None:
        return "", ""
    return (
        f"{difference['difference']:+.3f}{_interval(difference, '+.3f')}",
        f"{difference['p_value']:.3f}",
    )


def _interval(value: dict[str, Any], form: str) -> str:
    if value["low"] is None:
        return ""
    return f" ({value['low']:{form}} to {value['high']:{form}})"
