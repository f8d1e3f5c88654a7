"""The card of weights: what they saw, what they are not, and the figures of their making."""

import re
from collections.abc import Mapping
from typing import Any

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.benchmark_markdown import markdown_table
from ma2mi_recipes.flow_table import ReportTable

_NOT = """\
- **Never trained on people.** Every face that they saw was drawn by a program. Nothing is known of
  how they do on a person, of any age, sex or colour of skin: no figure below says it.
- **Not for judging people**: not in hiring, teaching, policing, medicine or anywhere else. A class
  is a name for how skin moved, not for what somebody feels or means.
- Not a benchmark: whoever reports figures of micro-expression recognition trains on a licensed
  dataset, and says that these weights were the start."""


def card_text(info: Mapping[str, Any]) -> str:
    """The card as Markdown; the same facts give the same text.

    Args:
        info: The content of `run.json` beside the weights.
    """
    parts = [
        f"# {info['name']}",
        f"{info['description']}. {_shape(info)}",
        "## What they are not",
        _NOT,
        "## What they saw",
        f"{info['saw'][0].upper()}{info['saw'][1:]}",
        *_seen_table(info),
        "## Figures",
        f"Of {info['figures_of']}; 95 per cent intervals over people.",
        markdown_table(_figures(info)),
        *_units_table(info),
        "People and clips of these figures are drawn by the program that drew those trained on, so "
        "that they are what rendered faces can show at best.",
        "## How they were made",
        f"```bash\n{info['command']} --out DIR\n```",
        f"Seed {info['seeds'][0]}, finished {info['finished'][:10]}, Keras on {info['backend']}; "
        f"{_machine(info['machine'])}; {_versions(info)}. Checksum of the weights (SHA-256): "
        f"`{info['weights_sha256']}`.",
        f"Licence: {info['licence']}.",
    ]
    return "\n\n".join(parts) + "\n"


def with_card(page: str, name: str, card: str) -> str:
    """A Markdown page with the card between its markers, headings one level lower.

    Raises:
        InputError: Where the page has no markers for that name.
    """
    begin, end = f"<!-- card of {name} -->", f"<!-- end of {name} -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise InputError(f"the page has no lines {begin} and {end} to put the card between")
    return f"{before}{begin}\n{as_section(card)}{end}{after}"


def as_section(card: str) -> str:
    """The card with headings one level lower, as part of a page."""
    return re.sub("^#", "##", card, flags=re.MULTILINE)


def _shape(info: Mapping[str, Any]) -> str:
    names = ", ".join(info["classes"])
    return f"{info['parameters']:,} parameters. Answers: {names}."


def _seen_table(info: Mapping[str, Any]) -> list[str]:
    work = info["plan"]["work"]
    # Weights of earlier versions met labels of micro clips alone.
    twice = "macro" in info.get("labels_of", [])
    before = "pre-training, then labels" if twice else "pre-training, no labels"
    sets = [(before, work.get("macro")), ("labels", work.get("micro"))]
    rows: list[tuple[str, ...]] = [
        (
            what,
            f"{one['kind']}, style {one['style']}",
            str(one["subjects"]),
            str(one["subjects"] * one["clips_per_subject"]),
            str(one["seed"]),
        )
        for what, one in sets
        if one
    ]
    if not rows:
        return []
    columns = ("for", "clips", "people", "clips in all", "seed")
    return [markdown_table(ReportTable("", "", columns, rows, text_columns=2))]


def _figures(info: Mapping[str, Any]) -> ReportTable:
    rows = [
        (
            row["way"] + (f", {row['crop']} crops" if "crop" in row else ""),
            str(row["classes"]),
            *(_with_interval(row[name]) for name in ("uf1", "uar", "accuracy")),
        )
        for row in info["figures"]
    ]
    columns = ("answers", "classes", "UF1", "UAR", "accuracy")
    return ReportTable("", "", columns, rows, text_columns=1)


def _units_table(info: Mapping[str, Any]) -> list[str]:
    if "units" not in info:
        return []
    rows: list[tuple[str, ...]] = [
        (row["unit"], f"{row['auc']:.3f}", f"{row['f1']:.3f}") for row in info["units"]
    ]
    table = ReportTable("", "", ("unit", "AUC", "F1"), rows, text_columns=1)
    return [
        "Action units told from flow fields like those trained on, none of which was trained on:",
        markdown_table(table),
    ]


def _with_interval(metric: Mapping[str, Any]) -> str:
    if metric["low"] is None:
        return f"{metric['value']:.3f}"
    return f"{metric['value']:.3f} ({metric['low']:.2f} to {metric['high']:.2f})"


def _machine(machine: Mapping[str, Any]) -> str:
    return f"{machine['cpu']}, {machine['cpus']} CPU(s), {machine['system']}"


def _versions(info: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in info["versions"].items())
