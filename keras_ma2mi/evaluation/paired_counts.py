"""Differences of two runs over the same subjects: permutations and intervals, from counts."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from keras_ma2mi.evaluation.confusion import FloatArray, IntArray
from keras_ma2mi.evaluation.count_metrics import CountMetrics
from keras_ma2mi.evaluation.intervals import (
    check_resampling,
    draw_subjects,
    percentile_interval,
    resampled_metrics,
)

Counts: TypeAlias = IntArray | FloatArray


@dataclass(frozen=True)
class MetricDifference:
    """One metric of two runs.

    Args:
        a: value of the first run (mean over its seeds).
        b: value of the second run.
        difference: `b - a`.
        low: lower end of the 95 % interval of the difference (paired bootstrap over subjects);
            NaN with one subject.
        high: upper end.
        p_value: two-sided p-value of the permutation test.
    """

    a: float
    b: float
    difference: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Swaps:
    """Exchanges of two runs' predictions, subject by subject.

    Args:
        subjects: float64 array of shape `(permutations, subjects)`, 1 where exchanged.
        exact: whether these are all that can make a difference.
        n_differing: subjects whose counts differ between the runs.
    """

    subjects: FloatArray
    exact: bool
    n_differing: int


def compare_counts(
    a: Counts,
    b: Counts,
    metrics: CountMetrics,
    *,
    permutations: int,
    resamples: int,
    seed: int,
) -> tuple[dict[str, MetricDifference], Swaps]:
    """Tests whether two runs differ, see `paired_permutation_test`.

    Args:
        a: array of shape `(subjects, seeds, *cell)`, counts or sums of the first run.
        b: the same of the second run, over the same subjects and clips.
        metrics: the figures that are compared.
        permutations: most permutations to look at.
        resamples: bootstrap samples for the intervals.
        seed: seed of the sampling.

    Returns:
        The difference of each figure, `b - a`, and the exchanges that were looked at.

    Raises:
        ValueError: if `permutations` or `resamples` is not positive.
    """
    check_resampling(resamples, 0.95)
    if permutations < 1:
        raise ValueError(f"`permutations` must be positive. Received: permutations={permutations}")
    swapped = _swaps(a, b, permutations, seed)
    return _differences(a, b, metrics, swapped, (resamples, seed)), swapped


def _differences(
    a: Counts, b: Counts, metrics: CountMetrics, swapped: Swaps, bootstrap: tuple[int, int]
) -> dict[str, MetricDifference]:
    permuted = _permuted_differences(a, b, metrics, swapped.subjects)
    intervals = _difference_intervals(a, b, metrics, *bootstrap)
    of_a, of_b = _over_seeds(a.sum(axis=0), metrics), _over_seeds(b.sum(axis=0), metrics)
    return {
        name: MetricDifference(
            a=float(of_a[name]),
            b=float(of_b[name]),
            difference=float(of_b[name] - of_a[name]),
            low=intervals[name][0],
            high=intervals[name][1],
            p_value=_p_value(permuted[name], float(of_b[name] - of_a[name]), swapped.exact),
        )
        for name in metrics.names
    }


def _differing(a: Counts, b: Counts) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray((a != b).any(axis=tuple(range(1, a.ndim))))


def _swaps(a: Counts, b: Counts, permutations: int, seed: int) -> Swaps:
    # Exchanging a subject with the same matrices changes nothing, so only the others are varied.
    varied = np.flatnonzero(_differing(a, b))
    exact = 2 ** min(len(varied), 62) <= permutations
    if exact:
        bits = (np.arange(2 ** len(varied))[:, None] >> np.arange(len(varied))) & 1
    else:
        bits = np.random.default_rng(seed).integers(0, 2, size=(permutations, len(varied)))
    swaps = np.zeros((len(bits), len(a)))
    swaps[:, varied] = bits
    return Swaps(swaps, exact, len(varied))


def _permuted_differences(
    a: Counts, b: Counts, metrics: CountMetrics, swaps: FloatArray
) -> dict[str, FloatArray]:
    moved = (swaps @ (b - a).reshape(len(a), -1).astype(np.float64)).reshape(
        len(swaps), *a.shape[1:]
    )
    of_a = _over_seeds(a.sum(axis=0) + moved, metrics)
    of_b = _over_seeds(b.sum(axis=0) - moved, metrics)
    return {name: of_b[name] - of_a[name] for name in metrics.names}


def _over_seeds(counts: npt.NDArray[Any], metrics: CountMetrics) -> dict[str, FloatArray]:
    """Figures averaged over seeds, for counts of shape `(..., seeds, *cell)`."""
    values = metrics.values(counts)
    return {name: values[name].mean(axis=-1) for name in metrics.names}


def _p_value(permuted: FloatArray, observed: float, exact: bool) -> float:
    # Two exchanges with the same counts can differ in the last bit by the order of the additions.
    extreme = int((np.abs(permuted) >= abs(observed) - 1e-12).sum())
    return extreme / len(permuted) if exact else (extreme + 1) / (len(permuted) + 1)


def _difference_intervals(
    a: Counts, b: Counts, metrics: CountMetrics, resamples: int, seed: int
) -> dict[str, tuple[float, float]]:
    if len(a) < 2:
        return {name: (float("nan"), float("nan")) for name in metrics.names}
    draws = draw_subjects(len(a), resamples, seed)
    of_a, of_b = (resampled_metrics(one, draws, metrics) for one in (a, b))
    return {name: percentile_interval(of_b[name] - of_a[name], 0.95) for name in metrics.names}
