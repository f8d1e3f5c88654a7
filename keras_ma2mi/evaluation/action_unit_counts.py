"""Counts of right and wrong answers for each action unit, and F1 as a function of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation.action_unit_predictions import (
    LABEL,
    PREDICTION,
    check_action_unit_predictions,
)
from keras_ma2mi.evaluation.action_units import unit_name
from keras_ma2mi.evaluation.confusion import FloatArray, IntArray, subject_keys
from keras_ma2mi.evaluation.count_metrics import CountMetrics

MEAN_F1 = "mean_f1"


@dataclass(frozen=True, eq=False)
class SubjectUnitCounts:
    """For every subject, seed and unit: how often each answer met each truth.

    Args:
        subjects: names of the subjects, sorted; prefixed with their dataset.
        seeds: the seeds, sorted.
        counts: int64 array of shape `(subjects, seeds, units, 2, 2)`; the last axes are the truth
            and the answer, each absent (0) or present (1).
    """

    subjects: tuple[str, ...]
    seeds: tuple[int, ...]
    counts: IntArray


def subject_unit_counts(predictions: pd.DataFrame, units: Sequence[int]) -> SubjectUnitCounts:
    """Counts answers per subject and seed.

    Args:
        predictions: table as for `check_action_unit_predictions`; `dataset`, `fold` and `seed` may
            be left out.
        units: FACS numbers.

    Returns:
        A `SubjectUnitCounts`.

    Raises:
        PredictionsError: as `check_action_unit_predictions`.
    """
    table = check_action_unit_predictions(with_optional_columns(predictions), units)
    names = [unit_name(unit) for unit in units]
    labels = table[[LABEL + name for name in names]].to_numpy()
    answers = table[[PREDICTION + name for name in names]].to_numpy()
    subjects, subject_codes = np.unique(
        np.asarray(subject_keys(table), dtype=str), return_inverse=True
    )
    seeds, seed_codes = np.unique(table["seed"].to_numpy(), return_inverse=True)
    counts = np.zeros((len(subjects), len(seeds), len(units), 2, 2), dtype=np.int64)
    columns = np.arange(len(units))[None, :]
    np.add.at(counts, (subject_codes[:, None], seed_codes[:, None], columns, labels, answers), 1)
    return SubjectUnitCounts(
        tuple(str(name) for name in subjects), tuple(int(seed) for seed in seeds), counts
    )


def with_optional_columns(predictions: pd.DataFrame) -> pd.DataFrame:
    """The table with `dataset`, `fold` and `seed`, empty and 0 where it has none."""
    defaults: dict[str, Any] = {"dataset": "", "fold": "", "seed": 0}
    return predictions.assign(**{k: v for k, v in defaults.items() if k not in predictions})


def unit_precision(counts: npt.NDArray[Any]) -> FloatArray:
    """TP / (TP + FP) of each unit; 0 where a unit is never predicted."""
    return _divide(counts[..., 1, 1], counts[..., 1].sum(axis=-1))


def unit_recall(counts: npt.NDArray[Any]) -> FloatArray:
    """TP / (TP + FN) of each unit; 0 where no clip shows it."""
    return _divide(counts[..., 1, 1], counts[..., 1, :].sum(axis=-1))


def unit_f1(counts: npt.NDArray[Any]) -> FloatArray:
    """F1 of the answer "present", 2 TP / (2 TP + FP + FN); 0 where none is shown or predicted."""
    positives = counts[..., 1, :].sum(axis=-1) + counts[..., 1].sum(axis=-1)
    return _divide(2 * counts[..., 1, 1], positives)


def shown_units(counts: IntArray) -> npt.NDArray[np.bool_]:
    """Which units a clip shows, in counts of shape `(subjects, seeds, units, 2, 2)`."""
    return np.asarray(counts[..., 1, :].sum(axis=(0, 1, 3)) > 0)


def unit_metrics(units: Sequence[int]) -> CountMetrics:
    """Mean F1 and the F1 of each unit, `AU4`, as figures of counts `(..., units, 2, 2)`.

    A unit that the full sample shows and a resample happens not to draw says nothing there: it is
    left out of that resample's mean, and its own F1 is NaN. A unit that no clip shows at all
    counts 0, as with scikit-learn's `zero_division=0`.
    """
    names = [unit_name(unit) for unit in units]

    def values(
        counts: FloatArray, /, *, expected: npt.NDArray[np.bool_] | None = None
    ) -> dict[str, FloatArray]:
        f1 = unit_f1(counts)
        weights = np.ones(f1.shape)
        if expected is not None:
            weights[expected & (counts[..., 1, :].sum(axis=-1) == 0)] = 0.0
        mean = _divide((f1 * weights).sum(axis=-1), weights.sum(axis=-1))
        known = np.where(weights > 0, f1, np.nan)
        return {MEAN_F1: mean, **{name: known[..., i] for i, name in enumerate(names)}}

    return CountMetrics((MEAN_F1, *names), values, shown_units)


def _divide(numerator: npt.NDArray[Any], denominator: npt.NDArray[Any]) -> FloatArray:
    result = np.zeros(np.broadcast(numerator, denominator).shape)
    np.divide(numerator, denominator, out=result, where=np.asarray(denominator) != 0)
    return result
