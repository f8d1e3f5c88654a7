"""Paired comparison of two runs over the same clips."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.confusion import (
    METRICS,
    FloatArray,
    IntArray,
    SubjectConfusions,
    quoted,
    subject_confusions,
    subject_keys,
    summary_metrics,
)
from keras_ma2mi.evaluation.errors import PredictionsError
from keras_ma2mi.evaluation.intervals import (
    check_resampling,
    draw_subjects,
    percentile_interval,
    resampled_metrics,
)


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


@dataclass(frozen=True)
class Comparison:
    """Differences between two runs, and how they were tested.

    Args:
        metrics: `MetricDifference` of `accuracy`, `uf1` and `uar`.
        n_clips: number of clips that both runs predict.
        n_subjects: number of subjects.
        n_differing_subjects: subjects for whom the two runs' predictions differ. Only these can
            carry evidence: the smallest possible p-value is `2 / 2 ** n_differing_subjects`.
        permutations: number of permutations looked at.
        exact: whether those are all there are.
    """

    metrics: dict[str, MetricDifference]
    n_clips: int
    n_subjects: int
    n_differing_subjects: int
    permutations: int
    exact: bool

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, ready for JSON."""
        return {
            "metrics": {name: vars(value).copy() for name, value in self.metrics.items()},
            **{name: value for name, value in vars(self).items() if name != "metrics"},
        }


def paired_permutation_test(
    predictions_a: pd.DataFrame,
    predictions_b: pd.DataFrame,
    classes: Sequence[str],
    *,
    permutations: int = 10_000,
    resamples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Tests whether two runs differ, by swapping their predictions subject by subject.

    If the runs were equally good, exchanging all predictions of a person between them would not
    matter. The p-value is the share of exchanges whose difference is at least as large as the one
    seen, in either direction. All exchanges are enumerated where there are no more than
    `permutations`; otherwise that many are drawn and the observed one is counted with them.

    Args:
        predictions_a: table of the first run (the baseline), as for `score_seeds`.
        predictions_b: table of the second run, over the same clips.
        classes: the explicit class set of both runs.
        permutations: most permutations to look at.
        resamples: bootstrap samples for the interval of the difference.
        seed: seed of the sampling.

    Returns:
        A `Comparison`; its differences are `b - a`.

    Raises:
        PredictionsError: if the runs differ in their clips, labels, subjects or number of seeds;
            the message says which.

    Reference:
        Good, "Permutation, Parametric and Bootstrap Tests of Hypotheses", 2005. Phipson and Smyth,
        "Permutation P-values Should Never Be Zero", 2010, for counting the observed one.
    """
    check_resampling(resamples, 0.95)
    if permutations < 1:
        raise ValueError(f"`permutations` must be positive. Received: permutations={permutations}")
    a = subject_confusions(predictions_a, classes)
    b = subject_confusions(predictions_b, classes)
    _check_same_clips(predictions_a, predictions_b)
    _check_same_number_of_seeds(a, b)
    swaps, exact = _swaps(a.counts, b.counts, permutations, seed)
    metrics = _differences(a.counts, b.counts, swaps, exact, (resamples, seed))
    return Comparison(
        metrics=metrics,
        n_clips=int(predictions_a["clip_id"].nunique()),
        n_subjects=len(a.subjects),
        n_differing_subjects=int(_differing(a.counts, b.counts).sum()),
        permutations=len(swaps),
        exact=exact,
    )


def _differences(
    a: IntArray, b: IntArray, swaps: FloatArray, exact: bool, bootstrap: tuple[int, int]
) -> dict[str, MetricDifference]:
    permuted = _permuted_differences(a, b, swaps)
    intervals = _difference_intervals(a, b, *bootstrap)
    of_a, of_b = _metrics(a.sum(axis=0)), _metrics(b.sum(axis=0))
    return {
        name: MetricDifference(
            a=float(of_a[name]),
            b=float(of_b[name]),
            difference=float(of_b[name] - of_a[name]),
            low=intervals[name][0],
            high=intervals[name][1],
            p_value=_p_value(permuted[name], float(of_b[name] - of_a[name]), exact),
        )
        for name in METRICS
    }


def _check_same_clips(predictions_a: pd.DataFrame, predictions_b: pd.DataFrame) -> None:
    a, b = _clip_table(predictions_a), _clip_table(predictions_b)
    for name, extra in (
        ("first", a.index.difference(b.index)),
        ("second", b.index.difference(a.index)),
    ):
        if len(extra):
            raise PredictionsError(
                f"the runs do not predict the same clips: {len(extra)} only in the {name} run: "
                f"{quoted(extra)}"
            )
    b = b.loc[a.index]
    for column in ("label", "subject"):
        differing = a.index[(a[column] != b[column]).to_numpy()]
        if len(differing):
            raise PredictionsError(
                f"the runs disagree about the {column} of {len(differing)} clips: "
                f"{quoted(differing)}"
            )


def _clip_table(predictions: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "clip_id": predictions["clip_id"].astype(str).to_numpy(),
            "label": predictions["label"].astype(str).to_numpy(),
            "subject": subject_keys(predictions),
        }
    )
    return table.drop_duplicates("clip_id").set_index("clip_id")


def _check_same_number_of_seeds(a: SubjectConfusions, b: SubjectConfusions) -> None:
    if len(a.seeds) != len(b.seeds):
        raise PredictionsError(
            f"the runs have different numbers of seeds ({len(a.seeds)} and {len(b.seeds)}); "
            "compare the same number of each"
        )


def _differing(a: IntArray, b: IntArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray((a != b).any(axis=(1, 2, 3)))


def _swaps(a: IntArray, b: IntArray, permutations: int, seed: int) -> tuple[FloatArray, bool]:
    """Which subjects are exchanged, 0 or 1, `(permutations, subjects)`, and if these are all."""
    # Exchanging a subject with the same matrices changes nothing, so only the others are varied.
    varied = np.flatnonzero(_differing(a, b))
    exact = 2 ** min(len(varied), 62) <= permutations
    if exact:
        bits = (np.arange(2 ** len(varied))[:, None] >> np.arange(len(varied))) & 1
    else:
        bits = np.random.default_rng(seed).integers(0, 2, size=(permutations, len(varied)))
    swaps = np.zeros((len(bits), len(a)))
    swaps[:, varied] = bits
    return swaps, exact


def _permuted_differences(a: IntArray, b: IntArray, swaps: FloatArray) -> dict[str, FloatArray]:
    moved = (swaps @ (b - a).reshape(len(a), -1).astype(np.float64)).reshape(
        len(swaps), *a.shape[1:]
    )
    of_a = _metrics(a.sum(axis=0) + moved)
    of_b = _metrics(b.sum(axis=0) - moved)
    return {name: of_b[name] - of_a[name] for name in METRICS}


def _metrics(confusions: Any) -> dict[str, FloatArray]:
    """Metrics averaged over seeds, for confusions of shape `(..., seeds, classes, classes)`."""
    return {name: values.mean(axis=-1) for name, values in summary_metrics(confusions).items()}


def _p_value(permuted: FloatArray, observed: float, exact: bool) -> float:
    # Two exchanges with the same counts can differ in the last bit by the order of the additions.
    extreme = int((np.abs(permuted) >= abs(observed) - 1e-12).sum())
    return extreme / len(permuted) if exact else (extreme + 1) / (len(permuted) + 1)


def _difference_intervals(
    a: IntArray, b: IntArray, resamples: int, seed: int
) -> dict[str, tuple[float, float]]:
    if len(a) < 2:
        return {name: (float("nan"), float("nan")) for name in METRICS}
    draws = draw_subjects(len(a), resamples, seed)
    of_a, of_b = resampled_metrics(a, draws), resampled_metrics(b, draws)
    return {name: percentile_interval(of_b[name] - of_a[name], 0.95) for name in METRICS}
