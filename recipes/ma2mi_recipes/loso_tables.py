"""The report of `keras-ma2mi benchmark loso`, made from its JSON document alone."""

from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report
from ma2mi_recipes.flow_table import ReportTable
from ma2mi_recipes.loso_benchmark import GOAL


def loso_tables(document: dict[str, Any]) -> list[ReportTable]:
    """All tables of a document of `benchmark_loso`."""
    rows = document["loso"]
    return [_totals(document), _pieces(rows), _by_epochs(rows), _agreement(rows)]


def loso_remarks(document: dict[str, Any]) -> list[str]:
    """What came out, and where and how it was measured, one sentence each."""
    machine, setting = document["machine"], document["setting"]
    return [
        _outcome(document),
        f"{setting['preset']}, {setting['subjects']} subjects with "
        f"{setting['clips_per_subject']} clips each, {setting['epochs']} epochs a fold, batches of "
        f"{setting['batch_size']}; generated clips.",
        "Anew: for each fold `keras.backend.clear_session()`, build, compile, fit, predict. Once: "
        "what `train` does, with all that it writes of a fold. Both are the same training, in two "
        "processes that take turns fold by fold.",
        f"{machine_words(machine)}.",
        f"`{document['command']}`, {document['seconds']:.0f} s.",
    ]


def loso_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        loso_remarks(document), loso_tables(document), title="Leave-one-subject-out, measured"
    )


def _outcome(document: dict[str, Any]) -> str:
    ratios = ", ".join(f"{row['backend']} {row['ratio']:.1f}" for row in document["loso"])
    text = f"All folds, one compilation instead of one a fold: {ratios} times faster"
    beside = [
        f"{row['backend']} {row['beside_ratio']:.1f}"
        for row in document["loso"]
        if "beside_ratio" in row
    ]
    if beside:
        text += f"; with {document['workers']} processes {', '.join(beside)} times"
    return f"{text} (goal on TensorFlow and JAX: {GOAL:.0f})."


def _totals(document: dict[str, Any]) -> ReportTable:
    rows: list[tuple[str, ...]] = []
    for row in document["loso"]:
        beside = row["beside_seconds"]
        rows.append(
            (
                row["backend"],
                f"{row['anew_seconds']:.1f}",
                f"{row['shared_seconds']:.1f}",
                f"{row['ratio']:.2f}",
                "" if beside is None else f"{beside:.1f}",
                "" if beside is None else f"{row['beside_ratio']:.2f}",
            )
        )
    workers = document["workers"]
    threads = max(1, document["machine"]["cpus"] // max(1, workers))
    return ReportTable(
        "All folds",
        f"Seconds, all compiling included. Anew: the median of {document['loso'][0]['anew_folds']} "
        f"folds, times {document['setting']['subjects']}. {workers} processes: from their "
        f"start to their end, imports included, {threads} thread(s) "
        "each.",
        ("backend", "anew", "once", "ratio", f"{workers} processes", "ratio"),
        rows,
    )


def _pieces(rows: list[dict[str, Any]]) -> ReportTable:
    ways = {"anew": "anew", "shared": "once"}
    return ReportTable(
        "A fold",
        "Seconds; medians over all folds but the first, with the fastest and the slowest. Beside "
        "epochs: building, compiling, predicting, writing.",
        ("backend", "compiled", "a fold", "an epoch", "beside epochs", "first fold more"),
        [
            (
                row["backend"],
                name,
                f"{piece['fold']:.2f} ({piece['fold_low']:.2f}-{piece['fold_high']:.2f})",
                f"{piece['epoch']:.3f}",
                f"{piece['beside_epochs']:.2f}",
                f"{piece['first_more']:.2f}",
            )
            for row in rows
            for way, name in ways.items()
            for piece in [row["pieces"][way]]
        ],
        text_columns=2,
    )


def _by_epochs(rows: list[dict[str, Any]]) -> ReportTable:
    return ReportTable(
        "All folds, for other numbers of epochs",
        "Seconds, computed from the table above: compiling weighs less the longer a fold trains.",
        ("backend", "epochs", "anew", "once", "ratio"),
        [
            (
                row["backend"],
                f"{at['epochs']}",
                f"{at['anew']:.0f}",
                f"{at['shared']:.0f}",
                f"{at['ratio']:.2f}",
            )
            for row in rows
            for at in row["by_epochs"]
        ],
    )


def _agreement(rows: list[dict[str, Any]]) -> ReportTable:
    names = {"agreement": "once", "beside_agreement": "processes"}
    return ReportTable(
        "Are the predictions the same as anew?",
        "Share of clips with the same answer, and the largest difference of a probability (written "
        "with six digits).",
        ("backend", "fitted", "same answers", "largest difference"),
        [
            (
                row["backend"],
                name,
                f"{row[key]['same_answers']:.1%}",
                f"{row[key]['largest_difference']:.1e}",
            )
            for row in rows
            for key, name in names.items()
            if key in row
        ],
        text_columns=2,
    )
