"""Means, and other ratios of sums over clips, with subjects as the unit of resampling."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation.confusion import FloatArray, IntArray
from keras_ma2mi.evaluation.count_metrics import CountMetrics
from keras_ma2mi.evaluation.errors import PredictionsError
from keras_ma2mi.evaluation.intervals import (
    check_resampling,
    draw_seeds,
    draw_subjects,
    percentile_interval,
    resampled_metrics,
)
from keras_ma2mi.evaluation.paired_counts import MetricDifference, compare_counts


@dataclass(frozen=True)
class Ratio:
    """A figure that is the sum of one column over clips, divided by that of another.

    Args:
        name: what it is called.
        above: column that is summed.
        below: column that its sum is divided by; `None` for the number of rows, which makes the
            figure the mean of `above`.
    """

    name: str
    above: str
    below: str | None = None


@dataclass(frozen=True)
class RatioScore:
    """A figure with its uncertainty.

    Args:
        value: mean over seeds.
        low: lower end of the interval over subjects; NaN with one subject.
        high: upper end.
        spread: standard deviation over seeds; NaN with one seed.
    """

    value: float
    low: float
    high: float
    spread: float


def score_ratios(
    table: pd.DataFrame,
    ratios: Sequence[Ratio],
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    over_seeds: bool = True,
) -> dict[str, RatioScore]:
    """Figures over all clips, each with a percentile interval over subjects.

    Args:
        table: one row a clip and seed, with `subject`, the columns that the ratios name, and
            optionally `seed`.
        ratios: the figures.
        resamples: number of bootstrap samples.
        level: coverage, between 0 and 1.
        seed: seed of the resampling.
        over_seeds: whether each resample also draws seeds, with replacement.

    Returns:
        Dict by the names of the ratios.

    Raises:
        PredictionsError: (a `ValueError`) if a column is missing, a value is not finite, the table
            is empty, or a subject lacks a seed.
        ValueError: if `resamples` or `level` is out of range.

    Example:
        >>> score_ratios(table, [Ratio("pointing", "hit")])["pointing"].value
    """
    check_resampling(resamples, level)
    sums, _ = _subject_sums(table, ratios)
    metrics = _metrics(ratios)
    by_seed = metrics.values(sums.sum(axis=0))
    drawn: dict[str, FloatArray] = {}
    if len(sums) > 1:
        weights = draw_seeds(sums.shape[1], resamples, seed) if over_seeds else None
        draws = draw_subjects(len(sums), resamples, seed)
        drawn = resampled_metrics(sums, draws, metrics, seed_weights=weights)
    unknown = np.array([np.nan])
    return {
        name: RatioScore(
            float(by_seed[name].mean()),
            *percentile_interval(drawn.get(name, unknown), level),
            float(by_seed[name].std(ddof=1)) if sums.shape[1] > 1 else float("nan"),
        )
        for name in metrics.names
    }


def compare_ratios(
    table_a: pd.DataFrame,
    table_b: pd.DataFrame,
    ratios: Sequence[Ratio],
    *,
    permutations: int = 10_000,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, MetricDifference]:
    """Differences `b - a` over the same subjects; tested as `paired_permutation_test` does.

    Args:
        table_a, table_b: as for `score_ratios`, with the same subjects and number of seeds.
        ratios: the figures.
        permutations: most permutations to look at.
        resamples: bootstrap samples for the intervals.
        seed: seed of the sampling.

    Returns:
        Dict by the names of the ratios.

    Raises:
        PredictionsError: (a `ValueError`) as `score_ratios`, and if the tables differ in subjects
            or number of seeds.
        ValueError: if `permutations` or `resamples` is not positive.
    """
    (a, people_a), (b, people_b) = (_subject_sums(one, ratios) for one in (table_a, table_b))
    if people_a != people_b or a.shape != b.shape:
        raise PredictionsError(
            "the tables differ in subjects or in the number of seeds "
            f"({len(people_a)} and {len(people_b)}, {a.shape[1]} and {b.shape[1]})"
        )
    found, _ = compare_counts(
        a, b, _metrics(ratios), permutations=permutations, resamples=resamples, seed=seed
    )
    return found


def _subject_sums(
    table: pd.DataFrame, ratios: Sequence[Ratio]
) -> tuple[FloatArray, tuple[str, ...]]:
    """`(subjects, seeds, ratios, 2)`, what is above and below; and the subjects, sorted."""
    columns = [name for ratio in ratios for name in (ratio.above, ratio.below) if name]
    missing = [name for name in ("subject", *columns) if name not in table]
    if missing or table.empty:
        raise PredictionsError(
            f"the table lacks the column `{missing[0]}`" if missing else "the table has no rows"
        )
    subjects, person = np.unique(table["subject"].astype(str).to_numpy(), return_inverse=True)
    seeds, at = np.unique(
        table["seed"].to_numpy() if "seed" in table else np.zeros(len(table), np.int64),
        return_inverse=True,
    )
    if len(np.unique(person * len(seeds) + at)) < len(subjects) * len(seeds):
        raise PredictionsError("some subject lacks a seed that another has")
    sums = np.zeros((len(subjects), len(seeds), len(ratios), 2))
    for place, ratio in enumerate(ratios):
        for side, column in enumerate((ratio.above, ratio.below)):
            np.add.at(sums[:, :, place, side], (person, at), _column(table, column))
    return sums, tuple(map(str, subjects))


def _column(table: pd.DataFrame, name: str | None) -> npt.NDArray[np.float64]:
    if name is None:
        return np.ones(len(table))
    values = table[name].to_numpy(np.float64)
    if not np.isfinite(values).all():
        raise PredictionsError(f"column `{name}` holds a value that is not finite")
    return values


def _metrics(ratios: Sequence[Ratio]) -> CountMetrics:
    names = tuple(ratio.name for ratio in ratios)

    def values(
        counts: npt.NDArray[np.float64], /, *, expected: npt.NDArray[np.bool_] | None = None
    ) -> dict[str, npt.NDArray[np.float64]]:
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = counts[..., 0] / counts[..., 1]
        return {name: shares[..., place] for place, name in enumerate(names)}

    def everything(counts: IntArray | FloatArray, /) -> npt.NDArray[np.bool_]:
        return np.ones(counts.shape[2:], np.bool_)

    return CountMetrics(names, values, everything)
