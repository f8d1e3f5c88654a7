"""The report of `keras-ma2mi benchmark experiments`, made from its JSON document alone."""

from collections.abc import Mapping
from typing import Any

from ma2mi_recipes.benchmark_markdown import markdown_report, where_measured
from ma2mi_recipes.flow_table import ReportTable
from ma2mi_recipes.ma2mi_benchmark.tables import (
    pretraining_table,
    set_words,
    share_words,
    with_interval,
)


def experiments_tables(document: Mapping[str, Any]) -> list[ReportTable]:
    """What was tried, differences to the reference by question, and the pre-trainings."""
    tables = [_tried(document)]
    questions = dict.fromkeys(line["question"] for line in document["comparisons"])
    tables += [_answer(document, question) for question in questions]
    if document["pretraining"]:
        tables.append(pretraining_table(document["pretraining"]))
    return tables


def experiments_remarks(document: Mapping[str, Any]) -> list[str]:
    """What the reference is, and where and how it was measured; a sentence or two each."""
    plan, reference = document["plan"], document["reference"]
    others = ", ".join(f"{name} {value}" for name, value in reference.items() if name != "network")
    return [
        f"The reference: network {', '.join(reference['network'])}; {others}.",
        f"Pre-trained on {set_words(plan['macro'])}; probed on {set_words(plan['micro'])}, of "
        f"{len(document['classes'])} classes. Nobody is in both, and nobody in what is reported.",
        f"{plan['preset']}, {plan['size']} pixels; seeds {', '.join(map(str, plan['seeds']))}.",
        *where_measured(document, plan),
        f"`{document['command']}`, {document['seconds']:.0f} s with {document['workers']} "
        f"process(es). Pre-trainings took {document['pretraining_seconds']:.0f} s together and "
        f"probes {document['probe_seconds']:.0f} s, those of earlier calls included.",
        "A linear probe is no fine-tuning, and rendered faces are no people: what wins here is "
        "what to try next.",
    ]


def experiments_markdown(document: Mapping[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        experiments_remarks(document),
        experiments_tables(document),
        title="What was tried in pre-training, measured",
    )


def _tried(document: Mapping[str, Any]) -> ReportTable:
    lines: dict[tuple[str, str, str], list[str]] = {}
    for row in document["rows"]:
        told = (row["experiment"], row["changes"], row["features"])
        spread = row["uf1"]["spread"]
        words = "" if spread is None else f" ± {spread:.3f}"
        lines.setdefault(told, []).append(f"{row['uf1']['value']:.3f}{words}")
    shares = (share_words(fraction) for fraction in document["plan"]["fractions"])
    return ReportTable(
        "UF1 of linear probes by share of the training labels",
        "Mean over seeds, and standard deviation over them.",
        ("experiment", "what differs", "probed", *shares),
        [(*told, *cells) for told, cells in lines.items()],
        text_columns=3,
    )


def _answer(document: Mapping[str, Any], question: str) -> ReportTable:
    scores = {(row["experiment"], row["fraction"]): row["uf1"] for row in document["rows"]}
    lines = [line for line in document["comparisons"] if line["question"] == question]
    return ReportTable(
        question,
        "UF1 with 95 per cent intervals over people and seeds, and how far it is above the "
        "reference (intervals over people); p of a paired permutation test over people, and p "
        f"adjusted by Holm for the {len(lines)} tests of this table.",
        ("experiment", "labels", "UF1", "above the reference", "p", "p, Holm"),
        [
            (
                line["experiment"],
                share_words(line["fraction"]),
                with_interval(scores[line["experiment"], line["fraction"]]),
                f"{line['difference']:+.3f} ({line['low']:+.3f} to {line['high']:+.3f})",
                f"{line['p_value']:.4f}",
                f"{line['p_holm']:.4f}",
            )
            for line in lines
        ],
        text_columns=2,
    )
