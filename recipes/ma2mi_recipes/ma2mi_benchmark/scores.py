"""Figures of predictions: scores with intervals over people, and paired tests."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from keras_ma2mi.evaluation import (
    METRICS,
    bootstrap_over_subjects,
    holm_adjusted,
    paired_permutation_test,
    summarise,
)


def scores_with_intervals(
    table: pd.DataFrame, classes: Sequence[str], resamples: int
) -> dict[str, Any]:
    """Scores of predictions that are pooled over people and seeds.

    Args:
        table: As `keras_ma2mi.evaluation` reads it.
        classes: The class set.
        resamples: Bootstrap samples of the intervals.

    Returns:
        Dict with `uf1`, `uar` and `accuracy`, each with `value` (mean over seeds), `low` and
        `high` over people and seeds, and `spread` over seeds; and `uf1_of_seeds`.
    """
    pooled = summarise(table, classes, resamples=1)["pooled"]
    intervals = bootstrap_over_subjects(table, classes, resamples=resamples, over_seeds=True)
    scores = {
        metric: {
            "value": pooled[metric]["value"],
            "low": intervals[metric][0],
            "high": intervals[metric][1],
            "spread": pooled[metric]["spread"],
        }
        for metric in METRICS
    }
    of_seeds = {seed: scores["uf1"] for seed, scores in pooled["per_seed"].items()}
    return {**scores, "uf1_of_seeds": of_seeds}


def uf1_difference(
    a: pd.DataFrame, b: pd.DataFrame, classes: Sequence[str], resamples: int
) -> dict[str, Any]:
    """By how much UF1 of `b` is above that of `a`, paired over people.

    Returns:
        Dict with `difference`, `low`, `high` and `p_value`.
    """
    uf1 = paired_permutation_test(a, b, classes, resamples=resamples).as_dict()["metrics"]["uf1"]
    return {name: uf1[name] for name in ("difference", "low", "high", "p_value")}


def with_holm(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Comparisons that answer one question, with `p_holm` beside their `p_value`."""
    adjusted = holm_adjusted([line["p_value"] for line in lines])
    return [{**line, "p_holm": value} for line, value in zip(lines, adjusted, strict=True)]
