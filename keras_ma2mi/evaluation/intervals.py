"""Confidence intervals by a bootstrap over subjects."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation.confusion import (
    CLASS_METRICS,
    METRICS,
    FloatArray,
    IntArray,
    subject_confusions,
)
from keras_ma2mi.evaluation.count_metrics import CountMetrics


def bootstrap_over_subjects(
    predictions: pd.DataFrame,
    classes: Sequence[str],
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    over_seeds: bool = False,
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of accuracy, UF1 and UAR, with subjects as the unit of resampling.

    Clips of one person resemble each other, so drawing clips would pretend to know more than the
    data says. With several seeds the interval is of the mean over seeds: it tells how far other
    people could have moved it, and with `over_seeds` also how far other seeds could have. A class
    that a resample happens to miss is left out of that resample's mean.

    Args:
        predictions: table as for `score_seeds`.
        classes: the explicit class set.
        resamples: number of bootstrap samples.
        level: coverage, between 0 and 1.
        seed: seed of the resampling.
        over_seeds: whether each resample also draws seeds, with replacement.

    Returns:
        Dict of `accuracy`, `uf1` and `uar` to `(low, high)`. Both are NaN with fewer than two
        subjects: there is nothing to resample.

    Raises:
        PredictionsError: as `score_seeds`.
        ValueError: if `resamples` or `level` is out of range.

    Reference:
        Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile
        interval); the cluster form draws whole subjects.
    """
    counts = subject_confusions(predictions, classes).counts
    check_resampling(resamples, level)
    if len(counts) < 2:
        return {metric: (float("nan"), float("nan")) for metric in METRICS}
    draws = draw_subjects(len(counts), resamples, seed)
    weights = draw_seeds(counts.shape[1], resamples, seed) if over_seeds else None
    values = resampled_metrics(counts, draws, seed_weights=weights)
    return {metric: percentile_interval(values[metric], level) for metric in METRICS}


def check_resampling(resamples: int, level: float) -> None:
    """Raises `ValueError` unless there is something to draw and a level between 0 and 1."""
    if resamples < 1:
        raise ValueError(f"`resamples` must be positive. Received: resamples={resamples}")
    if not 0.0 < level < 1.0:
        raise ValueError(f"`level` must be between 0 and 1. Received: level={level}")


def draw_subjects(n_subjects: int, resamples: int, seed: int) -> IntArray:
    """How often each subject is drawn in each resample, int64 `(resamples, subjects)`."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(n_subjects, np.full(n_subjects, 1 / n_subjects), size=resamples)


def draw_seeds(n_seeds: int, resamples: int, seed: int) -> FloatArray:
    """Share of each seed in each resample, float64 `(resamples, seeds)`."""
    # A stream of its own: the same subjects are drawn with and without it.
    generator = np.random.default_rng([seed, 1])
    drawn = generator.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=resamples)
    return drawn / n_seeds


def resampled_metrics(
    counts: IntArray | FloatArray,
    draws: IntArray,
    metrics: CountMetrics = CLASS_METRICS,
    seed_weights: FloatArray | None = None,
) -> dict[str, FloatArray]:
    """Metrics of every resample, averaged over seeds.

    Args:
        counts: array of shape `(subjects, seeds, *cell)`, where a cell is a confusion matrix of
            shape `(classes, classes)`, or whatever `metrics` are figures of.
        draws: int64 array of shape `(resamples, subjects)`.
        metrics: the figures.
        seed_weights: float64 array of shape `(resamples, seeds)` whose rows sum to 1; by default
            all seeds weigh the same.

    Returns:
        Dict of float64 arrays of shape `(resamples,)`.
    """
    n_subjects = len(counts)
    # Sums of counts are exact in float64, and only floats reach the BLAS.
    flat = counts.reshape(n_subjects, -1).astype(np.float64)
    pooled = (draws.astype(np.float64) @ flat).reshape(len(draws), *counts.shape[1:])
    values = metrics.values(pooled, expected=metrics.expected(counts))
    if seed_weights is None:
        return {name: values[name].mean(axis=-1) for name in metrics.names}
    return {name: (values[name] * seed_weights).sum(axis=-1) for name in metrics.names}


def percentile_interval(values: npt.NDArray[np.float64], level: float) -> tuple[float, float]:
    """The central interval that holds `level` of the values."""
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return float(low), float(high)
