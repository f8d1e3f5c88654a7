"""Paired comparison of two runs over the same clips."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from keras_ma2mi.evaluation.confusion import (
    CLASS_METRICS,
    quoted,
    subject_confusions,
    subject_keys,
)
from keras_ma2mi.evaluation.errors import PredictionsError
from keras_ma2mi.evaluation.paired_counts import MetricDifference, compare_counts


@dataclass(frozen=True)
class Comparison:
    """Differences between two runs, and how they were tested.

    Args:
        metrics: `MetricDifference` of `accuracy`, `uf1` and `uar`; of `mean_f1` for action units.
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
    a = subject_confusions(predictions_a, classes)
    b = subject_confusions(predictions_b, classes)
    check_same_clips(predictions_a, predictions_b, ("label",))
    check_same_number_of_seeds(a.seeds, b.seeds)
    metrics, swapped = compare_counts(
        a.counts,
        b.counts,
        CLASS_METRICS,
        permutations=permutations,
        resamples=resamples,
        seed=seed,
    )
    return Comparison(
        metrics=metrics,
        n_clips=int(predictions_a["clip_id"].nunique()),
        n_subjects=len(a.subjects),
        n_differing_subjects=swapped.n_differing,
        permutations=len(swapped.subjects),
        exact=swapped.exact,
    )


def check_same_clips(
    predictions_a: pd.DataFrame, predictions_b: pd.DataFrame, truth: Sequence[str]
) -> None:
    """Raises `PredictionsError` unless two tables have the same clips, subjects and truth.

    Args:
        predictions_a: table of the first run.
        predictions_b: table of the second run.
        truth: columns that hold what is true of a clip.
    """
    a, b = _clip_table(predictions_a, truth), _clip_table(predictions_b, truth)
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
    for column in (*truth, "subject"):
        differing = a.index[(a[column] != b[column]).to_numpy()]
        if len(differing):
            raise PredictionsError(
                f"the runs disagree about the {column} of {len(differing)} clips: "
                f"{quoted(differing)}"
            )


def _clip_table(predictions: pd.DataFrame, truth: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            **{
                column: predictions[column].astype(str).to_numpy() for column in ("clip_id", *truth)
            },
            "subject": subject_keys(predictions),
        }
    )
    return table.drop_duplicates("clip_id").set_index("clip_id")


def check_same_number_of_seeds(a: Sequence[int], b: Sequence[int]) -> None:
    """Raises `PredictionsError` unless two runs have equally many seeds."""
    if len(a) != len(b):
        raise PredictionsError(
            f"the runs have different numbers of seeds ({len(a)} and {len(b)}); "
            "compare the same number of each"
        )
