"""The figures of the benchmark of shifts: scores with intervals, and paired tests."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from keras_ma2mi.evaluation import (
    METRICS,
    bootstrap_over_subjects,
    holm_adjusted,
    paired_permutation_test,
    summarise,
)
from ma2mi_preprocessing.synthesis.style import ALL_STYLES
from ma2mi_recipes.shifts_benchmark.stage import ShiftResults, predictions_of
from ma2mi_recipes.shifts_benchmark.training import Training

_RIVALS = {"ma2mi": ("scratch", "naive_transfer"), "ma2mi_then_labels": ("naive_transfer", "ma2mi")}

Line = dict[str, Any]


def shifts_document(results: ShiftResults, *, resamples: int = 2000) -> dict[str, Any]:
    """The figures, ready for JSON.

    Args:
        results: Of `run_shifts`.
        resamples: Bootstrap samples of the intervals.

    Returns:
        Dict with `plan`; `classes`; `rows`, one for each way to learn, share of the labels and test
        set (`method`, `branches`, `baseline`, `style` that was fine-tuned on, `pretraining_style`
        or None, `fraction`, `test`, `unit`, `clips`, `uf1`, `uar` and `accuracy`, each with
        `value`, `low` and `high` over what `unit` says (people, or clips of the one person of the
        photograph) and seeds, and `spread` over seeds, `change` of UF1 from the test set in the
        style that was fine-tuned on, None without one, `train_accuracy`, `train_clips`);
        `comparisons` (`question`, `style`, `fraction`, `test`, `a`, `b`, `difference` of UF1 with
        `low` and `high`, `p_value`, `p_holm`, adjusted within a question and `style`);
        `pretraining`, one row a run; and `fit_seconds` of all fits.
    """
    ways = results.ways()
    rows = [
        _row(results, way, test, resamples) for way in ways for test in results.plan.test_styles
    ]
    pretraining = [{"style": style, **start.facts()} for style, start in results.starts]
    facts = [one.facts() for one in results.trainings]
    return {
        "plan": asdict(results.plan),
        "classes": list(results.classes),
        "rows": _with_change(rows),
        "comparisons": _comparisons(results, ways, resamples),
        "pretraining": pretraining,
        "fit_seconds": sum(one["seconds"] for one in [*pretraining, *facts]),
    }


def unit_of(style: str) -> str:
    """What is resampled: people, or clips where all of them show one person."""
    return "clips" if ALL_STYLES[style].look.photographed else "people"


def _table(way: list[Training], test: str) -> pd.DataFrame:
    """Predictions whose subjects are what is resampled."""
    table = predictions_of(way, test)
    return table if unit_of(test) == "people" else table.assign(subject=table["clip_id"])


def _row(results: ShiftResults, way: list[Training], test: str, resamples: int) -> Line:
    table, first = _table(way, test), way[0]
    pooled = summarise(table, results.classes, resamples=1)["pooled"]
    intervals = bootstrap_over_subjects(
        table, results.classes, resamples=resamples, over_seeds=True
    )
    facts = [one.facts() for one in way]
    return {
        "method": first.condition.name,
        "branches": first.condition.branches,
        "baseline": first.condition.is_baseline,
        "style": first.style,
        "pretraining_style": first.pretraining_style,
        "fraction": first.fraction,
        "test": test,
        "unit": unit_of(test),
        "clips": pooled["n_clips"],
        **{
            metric: {
                "value": pooled[metric]["value"],
                "low": _known(intervals[metric][0]),
                "high": _known(intervals[metric][1]),
                "spread": pooled[metric]["spread"],
            }
            for metric in METRICS
        },
        "train_accuracy": sum(one["train_accuracy"] for one in facts) / len(facts),
        "train_clips": sum(one["train_clips"] for one in facts) / len(facts),
    }


def way_of(row: Line) -> tuple[Any, ...]:
    """What fixes how a row was learnt, seeds aside."""
    return tuple(
        row[name] for name in ("style", "pretraining_style", "method", "branches", "fraction")
    )


def _with_change(rows: Sequence[Line]) -> list[Line]:
    at_home = {way_of(row): row["uf1"]["value"] for row in rows if row["test"] == row["style"]}
    return [
        {**row, "change": row["uf1"]["value"] - at_home[way_of(row)]}
        if way_of(row) in at_home
        else {**row, "change": None}
        for row in rows
    ]


def _comparisons(
    results: ShiftResults, ways: Sequence[list[Training]], resamples: int
) -> list[Line]:
    lines = []
    for style in results.plan.fine_tuning_styles:
        here = [way for way in ways if way[0].style == style]
        for question, pairs in (
            ("Does MA2MI help in another world?", _rival_pairs(here, "ma2mi")),
            (
                "Do MA2MI and the labels of the macro clips add up in another world?",
                _rival_pairs(here, "ma2mi_then_labels"),
            ),
            ("Does it matter in which style was pre-trained?", _style_pairs(here, style)),
        ):
            lines += _adjusted(
                [
                    {"question": question, **_compared(results, a, b, test, resamples)}
                    for a, b in pairs
                    for test in results.plan.test_styles
                ]
            )
    return lines


def _adjusted(lines: list[Line]) -> list[Line]:
    adjusted = holm_adjusted([line["p_value"] for line in lines])
    return [{**line, "p_holm": p_value} for line, p_value in zip(lines, adjusted, strict=True)]


def _rival_pairs(
    ways: Sequence[list[Training]], method: str
) -> list[tuple[list[Training], list[Training]]]:
    """A method against its rivals, from scratch or after the same clips."""
    return [
        (rival, ours)
        for ours in ways
        if ours[0].condition.name == method
        for rival in ways
        if rival[0].condition.name in _RIVALS[method]
        and rival[0].pretraining_style in (None, ours[0].pretraining_style)
        and _alike(rival, ours)
    ]


def _style_pairs(
    ways: Sequence[list[Training]], style: str
) -> list[tuple[list[Training], list[Training]]]:
    """MA2MI after clips of another style against MA2MI after clips of the same one."""
    ours = [way for way in ways if way[0].condition.name == "ma2mi"]
    return [
        (same, other)
        for same in ours
        if same[0].pretraining_style == style
        for other in ours
        if other[0].pretraining_style != style and _alike(same, other)
    ]


def _alike(a: list[Training], b: list[Training]) -> bool:
    return (a[0].fraction, a[0].condition.branches) == (b[0].fraction, b[0].condition.branches)


def _compared(
    results: ShiftResults, a: list[Training], b: list[Training], test: str, resamples: int
) -> Line:
    found = paired_permutation_test(
        _table(a, test), _table(b, test), results.classes, resamples=resamples
    )
    uf1 = found.as_dict()["metrics"]["uf1"]
    return {
        "style": a[0].style,
        "fraction": a[0].fraction,
        "test": test,
        "a": _told(a[0]),
        "b": _told(b[0]),
        **{name: _known(uf1[name]) for name in ("difference", "low", "high", "p_value")},
    }


def _known(value: float) -> float | None:
    # One person has no interval, and NaN is not JSON.
    return None if math.isnan(value) else value


def _told(training: Training) -> Line:
    return {
        "method": training.condition.name,
        "branches": training.condition.branches,
        "pretraining_style": training.pretraining_style,
    }
