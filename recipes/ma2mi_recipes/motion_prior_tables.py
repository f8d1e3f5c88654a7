"""The report of `keras-ma2mi benchmark motion-prior` as tables, made from its JSON document."""

from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report
from ma2mi_recipes.flow_table import ReportTable

_FLOW_WORDS = {"crop": "64 px, averaged down", "size": "28 px"}


def motion_prior_tables(document: dict[str, Any]) -> list[ReportTable]:
    """UF1 and UAR of every way by crop and flow, a table for each class set and scaling."""
    setting = document["setting"]
    tables = [_units(document["units"])]
    for classes in ("3", "5"):
        for scaling in setting["scalings"]:
            rows = [
                row
                for row in document["rows"]
                if (row["classes"], row["scaling"]) == (classes, scaling)
            ]
            tables.append(_shifts(rows, classes, scaling))
    return tables


def motion_prior_remarks(document: dict[str, Any]) -> list[str]:
    """Where and how it was measured, one sentence each."""
    setting = document["setting"]
    return [
        f"{machine_words(document['machine'])}; Keras on {document['backend']}.",
        f"`{document['command']}`, {document['seconds']:.0f} s: {document['clips']} rendered "
        f"micro clips (style {setting['style']}) of {setting['subjects']} identities; "
        f"{setting['samples']} flow fields a pre-training; seed {setting['seed']}.",
        *_of_ma2mi(setting),
        "Zero-shot answers saw no clip; all others were fitted to the clips of the other "
        "identities. Rendered clips and flow fields share the shapes of their action units: how "
        "far the prior reaches people cannot be read off here.",
    ]


def _of_ma2mi(setting: dict[str, Any]) -> list[str]:
    people = setting.get("macro_people", 0)
    if not people:
        return []
    return [
        f"MA2MI was pre-trained, without labels, on ten macro clips each of {people} other "
        f"identities (style {setting['macro_style']}), {setting['macro_epochs']} epochs."
    ]


def motion_prior_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        motion_prior_remarks(document),
        motion_prior_tables(document),
        title="Emotions before a labelled clip is seen, measured",
    )


def _units(rows: list[dict[str, Any]]) -> ReportTable:
    lines = [
        (row["crop"], row["scaling"], *(f"{row[name]:.3f}" for name in ("mean_auc", "mean_f1")))
        for row in rows
    ]
    columns = ("crops trained on", "scaling", "mean AUC", "mean F1")
    note = "Of flow fields like those trained on, mean over action units."
    return ReportTable("Action units told from flow fields", note, columns, lines, text_columns=2)


def _shifts(rows: list[dict[str, Any]], classes: str, scaling: str) -> ReportTable:
    lines = [
        (
            row["crop"],
            _FLOW_WORDS[row["flow_at"]],
            row["way"],
            *(_with_interval(row[name]) for name in ("uf1", "uar")),
            f"{row['difference']['difference']:+.3f}",
            _p_value(row["difference"]["p_value"]),
        )
        for row in rows
    ]
    columns = ("crop", "flow at", "way", "UF1", "UAR", "UF1 beside RBF SVM", "p")
    note = "95 per cent intervals over identities; p of a paired permutation test, not corrected."
    title = f"{classes} classes, motion in {scaling}"
    return ReportTable(title, note, columns, lines, text_columns=3)


def _p_value(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def _with_interval(metric: dict[str, Any]) -> str:
    if metric["low"] is None:
        return f"{metric['value']:.3f}"
    return f"{metric['value']:.3f} ({metric['low']:.2f} to {metric['high']:.2f})"
