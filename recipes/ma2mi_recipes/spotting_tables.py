"""The tables of `keras-ma2mi benchmark spotting`, made from its JSON document alone."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from keras_ma2mi.evaluation.spotting_scores import SpottingScore, score_spotting
from ma2mi_preprocessing.spotting import DEFAULT_THRESHOLD
from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report
from ma2mi_recipes.flow_table import ReportTable

AMPLITUDES = {
    "micro": ((0.0, 0.6), (0.6, 1.2), (1.2, math.inf)),
    "macro": ((0.0, math.inf),),
}
"""Bins of the largest movement at the apex, pixels of a picture of 224."""

_Video = dict[str, Any]


def spotting_tables(document: dict[str, Any]) -> list[ReportTable]:
    """Errors of key frames in clips, scores and false alarms in recordings."""
    videos = document["videos"]
    return [_key_frames(videos), _scores(videos), _false_alarms(videos)]


def spotting_remarks(document: dict[str, Any]) -> list[str]:
    """Where and how it was measured, one sentence each."""
    machine = document["machine"]
    lost = [f"{each['name']} ({each['failed']})" for each in document["videos"] if "failed" in each]
    remarks = [
        f"{machine_words(machine)}.",
        f"`{document['command']}`: {len(document['videos'])} rendered videos, each of another "
        f"person, seed {document['seed']}, {document['seconds']:.0f} s. Thresholds were set on "
        f"the people of seed {document['tuning_seed']}.",
    ]
    if lost:
        remarks.append(
            "No face was found in these; clips of them are not in the first table, their "
            f"expressions count as missed in the second: {'; '.join(lost)}."
        )
    return remarks


def spotting_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(spotting_remarks(document), spotting_tables(document))


def recording_scores(videos: Sequence[_Video], method: str) -> dict[str, SpottingScore]:
    """Scores of one method over recordings with expressions."""
    return dict(
        score_spotting(
            [
                (
                    [tuple(each) for each in video.get("found", {}).get(method, [])],
                    [tuple(each) for each in video["true"]],
                )
                for video in videos
            ]
        )
    )


def _key_frames(videos: Sequence[_Video]) -> ReportTable:
    clips = [each for each in videos if each["what"] == "clip" and "found" in each]
    rows: list[tuple[str, ...]] = []
    for kind, fps in _distinct((each["kind"], each["fps"]) for each in clips):
        bins = AMPLITUDES[kind]
        for low, high in [*bins, (0.0, math.inf)] if len(bins) > 1 else bins:
            group = [
                each
                for each in clips
                if (each["kind"], each["fps"]) == (kind, fps) and low <= each["peak"] < high
            ]
            for method in group[0]["found"] if group else ():
                errors = np.array([each["found"][method] for each in group]) - np.array(
                    [each["true"] for each in group]
                )
                rows.append(
                    (
                        f"{kind}, {_bin(low, high)}",
                        f"{fps:g}",
                        str(len(group)),
                        method,
                        *(_spread(errors[:, place], fps) for place in (1, 0, 2)),
                    )
                )
    return ReportTable(
        "Key frames of clips with one expression",
        "Median of the absolute error in frames (lower to upper quartile), and the median in "
        "milliseconds.",
        ("clips", "fps", "number", "method", "apex", "onset", "offset"),
        rows,
        text_columns=1,
    )


def _scores(videos: Sequence[_Video]) -> ReportTable:
    recordings = [each for each in videos if each["what"] == "expressions"]
    rows: list[tuple[str, ...]] = []
    rates = _distinct(each["fps"] for each in recordings)
    for fps in [*rates, None] if len(rates) > 1 else rates:
        group = [each for each in recordings if fps is None or each["fps"] == fps]
        for method in _methods(group):
            scores = recording_scores(group, method)
            for kind in ("micro", "macro", "all", "any"):
                rows.append(_score_row(fps, kind, method, scores[kind]))
    rows.sort(key=lambda row: ("all" in row[0], row[0]))
    return ReportTable(
        "Recordings with expressions, blinks and a moving head",
        "An interval is right if it shares at least half of the union with a true one of its "
        "kind, one to one, counts summed over recordings (MEGC); any: whatever the kind.",
        ("fps", "kind", "method", "true", "spotted", "right", "precision", "recall", "F1"),
        rows,
        text_columns=3,
    )


def _score_row(fps: float | None, kind: str, method: str, score: SpottingScore) -> tuple[str, ...]:
    return (
        "all" if fps is None else f"{fps:g}",
        kind,
        method,
        str(score.true_positives + score.false_negatives),
        str(score.true_positives + score.false_positives),
        str(score.true_positives),
        *(_number(value) for value in (score.precision, score.recall, score.f1)),
    )


def _false_alarms(videos: Sequence[_Video]) -> ReportTable:
    rows: list[tuple[str, ...]] = []
    for what, words in (("blinks", "blinks, glances, moving head"), ("still", "still face")):
        group = [each for each in videos if each["what"] == what and "found" in each]
        minutes = sum(each["frames"] / each["fps"] for each in group) / 60
        for method in _methods(group):
            alarms = sum(len(each["found"][method]) for each in group)
            contrast = max(each["largest_contrast"] for each in group)
            rows.append(
                (
                    words,
                    method,
                    f"{minutes:.1f}",
                    str(sum(each["blinks"] for each in group)),
                    str(alarms),
                    f"{alarms / minutes:.1f}",
                    f"{contrast:.1f}" if method == _ours(group) else "",
                )
            )
    return ReportTable(
        "Recordings without expressions",
        "Whatever is spotted is a false alarm. Largest: of the movement, in levels of the still "
        f"face; the threshold is {DEFAULT_THRESHOLD:g}.",
        ("recordings", "method", "minutes", "blinks", "alarms", "a minute", "largest"),
        rows,
        text_columns=2,
    )


def _methods(videos: Sequence[_Video]) -> list[str]:
    return _distinct(method for each in videos for method in each.get("found", {}))


def _ours(videos: Sequence[_Video]) -> str:
    return _methods(videos)[0]


def _spread(errors: Any, fps: float) -> str:
    low, middle, high = np.quantile(np.abs(errors), (0.25, 0.5, 0.75))
    return f"{middle:g} ({low:g}-{high:g}), {1000 * middle / fps:.0f} ms"


def _bin(low: float, high: float) -> str:
    if math.isinf(high):
        return f"over {low:g} px" if low else "all"
    return f"{low:g} to {high:g} px" if low else f"under {high:g} px"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
