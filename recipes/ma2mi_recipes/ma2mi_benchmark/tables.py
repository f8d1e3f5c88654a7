"""The report of `keras-ma2mi benchmark ma2mi` as tables, made from its JSON document alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from ma2mi_recipes.benchmark_markdown import markdown_report, where_measured
from ma2mi_recipes.flow_table import ReportTable
from ma2mi_recipes.ma2mi_benchmark.heat_map_tables import heat_map_tables

_NAMES = {
    "scratch": "from scratch",
    "naive_transfer": "naive transfer",
    "autoencoder": "autoencoder",
    "ma2mi": "MA2MI",
    "ma2mi_then_labels": "MA2MI, then macro labels",
    "majority": "majority class",
    "linear_svm": "linear SVM",
    "rbf_svm": "RBF SVM",
    "rbf_svm_residual": "RBF SVM without head motion",
    "three_stream_cnn": "three-stream CNN",
}
_BRANCHES = {"both": "both", "action": "action only", "position": "position only"}


def method_words(name: str) -> str:
    """A method as the reader knows it."""
    return _NAMES.get(name, name)


def ma2mi_tables(document: Mapping[str, Any]) -> list[ReportTable]:
    """UF1 by share of the labels, all figures, comparisons, heat maps, and the pre-trainings."""
    tables = [_by_fraction(document), _all_figures(document)]
    questions = dict.fromkeys(line["question"] for line in document["comparisons"])
    tables += [_comparisons(document, question) for question in questions]
    if document["heat_maps"] is not None:
        tables += heat_map_tables(document["heat_maps"], _label_words)
    if document["pretraining"]:
        tables.append(pretraining_table(document["pretraining"]))
    return tables


def ma2mi_remarks(document: Mapping[str, Any]) -> list[str]:
    """What came of the goals, and where and how it was measured; a sentence or two each."""
    plan = document["plan"]
    return [
        *(goal["sentence"] for goal in document["goals"]),
        f"Pre-trained on {set_words(plan['macro'])}; fine-tuned under leave-one-subject-out on "
        f"{set_words(plan['micro'])}, of {len(document['classes'])} classes. Nobody is in both.",
        f"{plan['preset']}, {plan['size']} pixels, {plan['epochs']} epochs with all labels and "
        "more with fewer (divided by the root of the share), the last counts; seeds "
        f"{', '.join(map(str, plan['seeds']))}.",
        *where_measured(document, plan),
        f"`{document['command']}`, {document['seconds']:.0f} s with {document['workers']} "
        f"process(es). All fits took {document['fit_seconds']:.0f} s together, each counted in its "
        "own process and those of earlier calls included.",
        "The faces are rendered: what helps on them need not help on people.",
    ]


def ma2mi_markdown(document: Mapping[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        ma2mi_remarks(document), ma2mi_tables(document), title="Does MA2MI help? Measured"
    )


def share_words(fraction: float) -> str:
    """A share of the labels in per cent."""
    return f"{100 * fraction:g} %"


def _by_fraction(document: Mapping[str, Any]) -> ReportTable:
    fractions = document["plan"]["fractions"]
    lines: dict[tuple[str, str], list[str]] = {}
    for row in document["rows"]:
        lines.setdefault(_keys(row), []).append(with_interval(row["uf1"]))
    return ReportTable(
        "UF1 by share of the training labels",
        "Mean over seeds; in brackets 95 per cent intervals over people and seeds.",
        ("method", "branches", *(share_words(fraction) for fraction in fractions)),
        [(*keys, *cells) for keys, cells in lines.items()],
        text_columns=2,
    )


def _all_figures(document: Mapping[str, Any]) -> ReportTable:
    rows = [
        (
            *_keys(row),
            share_words(row["fraction"]),
            *(with_interval(row[metric]) for metric in ("uf1", "uar", "accuracy")),
            "" if row["uf1"]["spread"] is None else f"{row['uf1']['spread']:.3f}",
            f"{row['train_accuracy']:.2f}",
            f"{row['train_clips']:.0f}",
        )
        for row in document["rows"]
    ]
    return ReportTable(
        "All figures",
        "Spread: standard deviation of UF1 over seeds. Train: accuracy on the training clips, of "
        "which a fold has as many as the last column says.",
        ("method", "branches", "labels", "UF1", "UAR", "accuracy", "spread", "train", "clips"),
        rows,
        text_columns=3,
    )


def _comparisons(document: Mapping[str, Any], question: str) -> ReportTable:
    lines = [line for line in document["comparisons"] if line["question"] == question]
    rows: list[tuple[str, ...]] = [
        (
            _label_words(line["b"]),
            _label_words(line["a"]),
            share_words(line["fraction"]),
            f"{line['difference']:+.3f} ({line['low']:+.3f} to {line['high']:+.3f})",
            f"{line['p_value']:.4f}",
            f"{line['p_holm']:.4f}",
        )
        for line in lines
    ]
    return ReportTable(
        question,
        "Differences of UF1 over the same clips and labels, with intervals over people; p of a "
        "paired permutation test over people, and p adjusted by Holm for the "
        f"{len(lines)} tests of this table.",
        ("this", "above this", "labels", "difference of UF1", "p", "p, Holm"),
        rows,
        text_columns=3,
    )


def pretraining_table(rows: Sequence[Mapping[str, Any]]) -> ReportTable:
    """A row for each run of `results_document`'s `pretraining`."""
    names = list(dict.fromkeys(name for row in rows for name in row["last_epoch"]))
    return ReportTable(
        "Pre-trainings",
        "Figures of the last epoch; see `FutureFrameReconstructor` for what they mean. A "
        "reconstruction trains both encoders, and serves networks of all branches.",
        ("condition", "seed", "clips", "s", *(name.replace("_", " ") for name in names)),
        [
            (
                _label_words(row["condition"]),
                str(row["seed"]),
                str(row["clips"]),
                f"{row['seconds']:.0f}",
                *(_figure(row["last_epoch"].get(name)) for name in names),
            )
            for row in rows
        ],
    )


def _keys(row: Mapping[str, Any]) -> tuple[str, str]:
    branches = "" if row["baseline"] else _BRANCHES.get(row["branches"], row["branches"])
    return method_words(row["method"]), branches


def _label_words(label: str) -> str:
    name, _, branches = label.partition(", ")
    return method_words(name) + (f", {_BRANCHES.get(branches, branches)}" if branches else "")


def set_words(rendered: Mapping[str, Any]) -> str:
    """A `RenderedSet` in words."""
    rate = "" if rendered["fps"] is None else f", {rendered['fps']:g} frames a second"
    return (
        f"{rendered['subjects'] * rendered['clips_per_subject']} rendered {rendered['kind']} clips "
        f"of {rendered['subjects']} people (seed {rendered['seed']}, style {rendered['style']}"
        f"{rate})"
    )


def with_interval(metric: Mapping[str, Any]) -> str:
    """`0.612 (0.550 to 0.671)`, of a dict with `value`, `low` and `high`."""
    return f"{metric['value']:.3f} ({metric['low']:.3f} to {metric['high']:.3f})"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
