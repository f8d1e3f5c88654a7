"""The report of `keras-ma2mi benchmark probes` as tables, made from its JSON document alone."""

from collections.abc import Mapping
from typing import Any

from ma2mi_recipes.benchmark_markdown import markdown_report, where_measured
from ma2mi_recipes.flow_table import ReportTable
from ma2mi_recipes.ma2mi_benchmark.tables import method_words

_METHODS = {"untrained": "untrained", "no network": "no network"}
_TARGETS = {"flow": "flow", "units": "action units"}


def probe_tables(document: Mapping[str, Any]) -> list[ReportTable]:
    """R2 of flow and action units, of each unit, and what differs from MA2MI."""
    tables = [_figures(document)]
    if document["units"]:
        tables.append(_by_unit(document))
    if document["comparisons"]:
        tables.append(_comparisons(document))
    return tables


def probe_remarks(document: Mapping[str, Any]) -> list[str]:
    """What was read of whom, and where it was measured; a sentence or two each."""
    plan, left_out = document["plan"], document["left_out"]
    macro, micro = plan["macro"], plan["micro"]
    remarks = [
        f"Read from {document['clips']} rendered micro clips of {document['people']} people (seed "
        f"{micro['seed']}, style {micro['style']}), each person by what was fitted to the others; "
        f"pre-trained on {macro['subjects'] * macro['clips_per_subject']} macro clips of "
        f"{macro['subjects']} other people (seed {macro['seed']}, style {macro['style']}).",
        f"{plan['preset']}, {plan['size']} pixels; seeds {', '.join(map(str, plan['seeds']))}.",
        *where_measured(document, plan),
        f"`{document['command']}`, {document['seconds']:.0f} s with {document['workers']} "
        "process(es).",
    ]
    if left_out:
        units = ", ".join(f"{name} ({count})" for name, count in left_out.items())
        remarks.insert(1, f"Left out, because too few clips or people show them: {units}.")
    return remarks


def probe_markdown(document: Mapping[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        probe_remarks(document),
        probe_tables(document),
        title="What can be read from action features? Measured",
    )


def _figures(document: Mapping[str, Any]) -> ReportTable:
    targets = [name for name in _TARGETS if name in document["rows"][0]]
    return ReportTable(
        "R2 of linear readings",
        "Share of the variance that ridge regression reads of people held out: 1 is all, 0 what "
        "the mean of the others would give. Flow: true facial movement on a grid; action units: "
        "mean over units. In brackets 95 per cent intervals over people and seeds.",
        ("method", "features", "numbers", *(_TARGETS[name] for name in targets)),
        [
            (
                _method(row["method"]),
                row["features"],
                str(row["width"]),
                *(_with_interval(row[name]) for name in targets),
            )
            for row in document["rows"]
        ],
        text_columns=2,
    )


def _by_unit(document: Mapping[str, Any]) -> ReportTable:
    rows = document["rows"]
    return ReportTable(
        "R2 by action unit",
        "Means over seeds. Clips: how many of them show the unit.",
        ("unit", "clips", *(f"{_method(row['method'])}: {row['features']}" for row in rows)),
        [
            (
                unit["unit"],
                str(unit["clips"]),
                *(f"{row['r2_of_units'][unit['unit']]:.3f}" for row in rows),
            )
            for unit in document["units"]
        ],
    )


def _comparisons(document: Mapping[str, Any]) -> ReportTable:
    lines = document["comparisons"]
    return ReportTable(
        "How far above the others is MA2MI?",
        "Differences of R2 over the same clips, with intervals over people; p of a paired "
        f"permutation test over people, and p adjusted by Holm for the {len(lines)} tests of this "
        "table.",
        ("this", "above this", "of", "difference of R2", "p", "p, Holm"),
        [
            (
                f"{_method(line['b'])}: {line['features_b']}",
                f"{_method(line['a'])}: {line['features_a']}",
                _TARGETS[line["target"]],
                f"{line['difference']:+.3f} ({line['low']:+.3f} to {line['high']:+.3f})",
                f"{line['p_value']:.4f}",
                f"{line['p_holm']:.4f}",
            )
            for line in lines
        ],
        text_columns=3,
    )


def _method(name: str) -> str:
    return _METHODS.get(name) or method_words(name)


def _with_interval(figure: Mapping[str, Any]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
