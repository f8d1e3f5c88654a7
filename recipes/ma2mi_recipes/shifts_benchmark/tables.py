"""The report of `keras-ma2mi benchmark shifts` as tables, made from its JSON document alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from ma2mi_recipes.benchmark_markdown import markdown_report, where_measured
from ma2mi_recipes.flow_table import ReportTable
from ma2mi_recipes.ma2mi_benchmark.tables import method_words, share_words

Document = Mapping[str, Any]
Row = Mapping[str, Any]

_PERSON = (
    "All clips of `photograph` show one person, in variants of one picture: its intervals and "
    "tests are over clips, and say nothing of other people."
)


def shifts_tables(document: Document) -> list[ReportTable]:
    """UF1 by test set for each style and share, all figures, comparisons, and pre-trainings."""
    tables = [
        _by_test(document, style, fraction)
        for style in document["plan"]["fine_tuning_styles"]
        for fraction in document["plan"]["plan"]["fractions"]
    ]
    tables.append(_all_figures(document["rows"]))
    for question, style in dict.fromkeys(
        (line["question"], line["style"]) for line in document["comparisons"]
    ):
        tables.append(_comparisons(document, question, style))
    if document["pretraining"]:
        tables.append(_pretraining(document["pretraining"]))
    return tables


def shifts_remarks(document: Document) -> list[str]:
    """What was trained and tested on, and where; a sentence or two each."""
    shifts, plan = document["plan"], document["plan"]["plan"]
    people = plan["micro"]["subjects"]
    return [
        f"Fine-tuned on all {people * plan['micro']['clips_per_subject']} micro clips of {people} "
        f"people (seed {plan['micro']['seed']}) in one style, or on a share of their labels; "
        f"pre-trained on {plan['macro']['subjects'] * plan['macro']['clips_per_subject']} macro "
        f"clips of {plan['macro']['subjects']} others (seed {plan['macro']['seed']}).",
        f"Tested, without refitting anything, on {shifts['test_subjects']} further people with "
        f"{shifts['test_clips_per_subject']} clips each (seed {shifts['test_seed']}), the same in "
        "all styles but `plain`. Nothing was ever chosen on them.",
        _PERSON,
        f"{plan['preset']}, {plan['size']} pixels, {plan['epochs']} epochs with all labels; seeds "
        f"{', '.join(map(str, plan['seeds']))}.",
        *where_measured(document, plan),
        f"`{document['command']}`, {document['seconds']:.0f} s with {document['workers']} "
        f"process(es). All fits took {document['fit_seconds']:.0f} s together, each counted in its "
        "own process and those of earlier calls included.",
        "But for the photograph, the faces are rendered; and the photograph moves as they do.",
    ]


def shifts_markdown(document: Document) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        shifts_remarks(document), shifts_tables(document), title="When the world shifts: measured"
    )


def _by_test(document: Document, style: str, fraction: float) -> ReportTable:
    tests = document["plan"]["test_styles"]
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in document["rows"]:
        if (row["style"], row["fraction"]) == (style, fraction):
            cells = lines.setdefault(_learnt_words(row), {})
            cells[row["test"]] = f"{row['uf1']['value']:.3f}"
    return ReportTable(
        f"UF1 by test set, fine-tuned on {style} with {share_words(fraction)} of the labels",
        f"Mean over seeds; intervals are below. {style} is the style that is known.",
        ("method", "pre-trained on", *tests),
        [(*words, *(cells[test] for test in tests)) for words, cells in lines.items()],
        text_columns=2,
    )


def _all_figures(rows: Sequence[Row]) -> ReportTable:
    return ReportTable(
        "All figures",
        "In brackets 95 per cent intervals over people (of the photograph: over clips) and seeds. "
        "Change: UF1 minus that in the style that was fine-tuned on. Train: accuracy on the "
        "training clips.",
        (
            "fine-tuned on",
            "labels",
            "method",
            "pre-trained on",
            "tested on",
            "UF1",
            "UAR",
            "accuracy",
            "change",
            "train",
        ),
        [
            (
                row["style"],
                share_words(row["fraction"]),
                *_learnt_words(row),
                row["test"],
                *(_with_interval(row[metric]) for metric in ("uf1", "uar", "accuracy")),
                "" if row["change"] is None else f"{row['change']:+.3f}",
                f"{row['train_accuracy']:.2f}",
            )
            for row in rows
        ],
        text_columns=5,
    )


def _comparisons(document: Document, question: str, style: str) -> ReportTable:
    lines = [
        line
        for line in document["comparisons"]
        if (line["question"], line["style"]) == (question, style)
    ]
    return ReportTable(
        f"{question} Fine-tuned on {style}",
        "Differences of UF1 over the same clips, with intervals over people; p of a paired "
        "permutation test over people, and p adjusted by Holm for the "
        f"{len(lines)} tests of this table. Of the photograph both are over clips.",
        ("this", "above this", "labels", "tested on", "difference of UF1", "p", "p, Holm"),
        [
            (
                _one_words(line["b"]),
                _one_words(line["a"]),
                share_words(line["fraction"]),
                line["test"],
                _difference(line),
                f"{line['p_value']:.4f}",
                f"{line['p_holm']:.4f}",
            )
            for line in lines
        ],
        text_columns=4,
    )


def _pretraining(rows: Sequence[Row]) -> ReportTable:
    names = list(dict.fromkeys(name for row in rows for name in row["last_epoch"]))
    return ReportTable(
        "Pre-trainings",
        "Figures of the last epoch; see `FutureFrameReconstructor` for what they mean.",
        ("condition", "style", "seed", "clips", "s", *(name.replace("_", " ") for name in names)),
        [
            (
                method_words(row["condition"].partition(", ")[0]),
                row["style"],
                str(row["seed"]),
                str(row["clips"]),
                f"{row['seconds']:.0f}",
                *(_figure(row["last_epoch"].get(name)) for name in names),
            )
            for row in rows
        ],
        text_columns=2,
    )


def _learnt_words(row: Row) -> tuple[str, str]:
    """Method, with its branches where these are not both, and the style of its pre-training."""
    words = method_words(row["method"])
    if row["branches"] != "both" and not row.get("baseline", False):
        words = f"{words}, {row['branches']} only"
    return words, row["pretraining_style"] or ""


def _one_words(told: Row) -> str:
    words, style = _learnt_words(told)
    return f"{words} ({style})" if style else words


def _with_interval(metric: Mapping[str, Any]) -> str:
    if metric["low"] is None:
        return f"{metric['value']:.3f}"
    return f"{metric['value']:.3f} ({metric['low']:.3f} to {metric['high']:.3f})"


def _difference(line: Row) -> str:
    if line["low"] is None:
        return f"{line['difference']:+.3f}"
    return f"{line['difference']:+.3f} ({line['low']:+.3f} to {line['high']:+.3f})"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
