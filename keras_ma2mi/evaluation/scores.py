"""Scores of pooled predictions: accuracy, UF1, UAR and the figures of each class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.confusion import (
    METRICS,
    FloatArray,
    IntArray,
    check_classes,
    class_f1,
    class_recall,
    seeds_of,
    subject_confusions,
    summary_metrics,
)
from keras_ma2mi.evaluation.errors import PredictionsError


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of one set of predictions, pooled over folds and computed once.

    Args:
        classes: the explicit class set; every array below follows its order.
        accuracy: share of correct predictions, 0 to 1.
        uf1: unweighted mean of the classes' F1, 0 to 1.
        uar: unweighted mean of the classes' recall, 0 to 1.
        confusion: int64 array of shape `(classes, classes)`; rows are labels.
        recall: float64 array of shape `(classes,)`.
        f1: float64 array of shape `(classes,)`.
        support: int64 array of shape `(classes,)`; clips of each class.
        n_clips: number of clips.
        n_subjects: number of subjects.
        absent_classes: classes of the set without a clip. They count 0 in `uf1` and `uar`, so
            neither can reach 1.
    """

    classes: tuple[str, ...]
    accuracy: float
    uf1: float
    uar: float
    confusion: IntArray
    recall: FloatArray
    f1: FloatArray
    support: IntArray
    n_clips: int
    n_subjects: int
    absent_classes: tuple[str, ...]

    @property
    def metrics(self) -> dict[str, float]:
        """The three summary figures by name."""
        return {"accuracy": self.accuracy, "uf1": self.uf1, "uar": self.uar}

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, ready for JSON."""
        per_class = {
            name: {
                "recall": float(self.recall[row]),
                "f1": float(self.f1[row]),
                "support": int(self.support[row]),
            }
            for row, name in enumerate(self.classes)
        }
        return {
            **self.metrics,
            "n_clips": self.n_clips,
            "n_subjects": self.n_subjects,
            "classes": list(self.classes),
            "absent_classes": list(self.absent_classes),
            "per_class": per_class,
            "confusion": self.confusion.tolist(),
        }


@dataclass(frozen=True, eq=False)
class SeedScores:
    """Scores of every seed, and their mean and spread.

    Args:
        by_seed: `Scores` of each seed.
        mean: mean over seeds of each summary figure.
        spread: sample standard deviation over seeds (denominator n - 1) of each figure; NaN with a
            single seed, because one seed says nothing about spread.
    """

    by_seed: dict[int, Scores]
    mean: dict[str, float]
    spread: dict[str, float]

    @property
    def confusion(self) -> IntArray:
        """Confusion matrices of all seeds, added up."""
        total: IntArray = np.sum([scores.confusion for scores in self.by_seed.values()], axis=0)
        return total


def score(predictions: pd.DataFrame, classes: Sequence[str]) -> Scores:
    """Scores the pooled predictions of one seed.

    Args:
        predictions: table with `clip_id`, `subject`, `label` and `prediction`, one row a clip.
        classes: the explicit class set, in the order wanted.

    Returns:
        A `Scores`.

    Raises:
        PredictionsError: (a `ValueError`) if a label or a prediction is not in the class set, a
            clip appears twice, or there are several seeds (use `score_seeds`).

    Example:
        >>> table = pd.DataFrame({
        ...     "clip_id": ["a", "b"], "subject": ["s1", "s2"],
        ...     "label": ["negative", "positive"], "prediction": ["negative", "negative"]})
        >>> keras_ma2mi.evaluation.score(table, ["negative", "positive"]).accuracy
        0.5
    """
    counted = subject_confusions(predictions, classes)
    if len(counted.seeds) > 1:
        raise PredictionsError(
            f"the table holds the seeds {list(counted.seeds)}; score one seed, or use `score_seeds`"
        )
    confusion: IntArray = counted.counts.sum(axis=(0, 1))
    names = check_classes(classes)
    support = confusion.sum(axis=1)
    summary = summary_metrics(confusion)
    return Scores(
        classes=tuple(names),
        accuracy=float(summary["accuracy"]),
        uf1=float(summary["uf1"]),
        uar=float(summary["uar"]),
        confusion=confusion,
        recall=class_recall(confusion),
        f1=class_f1(confusion),
        support=support,
        n_clips=int(confusion.sum()),
        n_subjects=len(counted.subjects),
        absent_classes=tuple(
            name for name, clips in zip(names, support, strict=True) if clips == 0
        ),
    )


def score_seeds(predictions: pd.DataFrame, classes: Sequence[str]) -> SeedScores:
    """Scores each seed of a table, and summarises them.

    Args:
        predictions: as for `score`, with a column `seed`.
        classes: the explicit class set.

    Returns:
        A `SeedScores`.

    Raises:
        PredictionsError: as `score`, or if the seeds do not cover the same clips.
    """
    subject_confusions(predictions, classes)
    seeds = seeds_of(predictions)
    by_seed = {int(seed): score(predictions[seeds == seed], classes) for seed in np.unique(seeds)}
    values = {
        metric: np.array([scores.metrics[metric] for scores in by_seed.values()])
        for metric in METRICS
    }
    spread = {m: float(v.std(ddof=1)) if len(v) > 1 else float("nan") for m, v in values.items()}
    return SeedScores(by_seed, {m: float(v.mean()) for m, v in values.items()}, spread)


def per_dataset(predictions: pd.DataFrame, classes: Sequence[str]) -> dict[str, SeedScores]:
    """Scores each dataset of a pooled table on its own, over the same class set.

    A dataset without some class has that class in `absent_classes`, where it counts 0.

    Args:
        predictions: as for `score_seeds`, with a column `dataset`.
        classes: the explicit class set.

    Returns:
        Dict from the datasets' names, sorted, to their `SeedScores`.

    Raises:
        PredictionsError: as `score_seeds`.
    """
    datasets = predictions["dataset"].astype(str)
    return {
        name: score_seeds(predictions[datasets == name], classes)
        for name in sorted(datasets.unique())
    }


def majority_baseline(predictions: pd.DataFrame, classes: Sequence[str]) -> Scores:
    """Scores of always answering the most frequent label of the table.

    What a model has to beat before its figures mean anything. Ties go to the earlier class.

    Args:
        predictions: as for `score_seeds`; only the labels are used.
        classes: the explicit class set.

    Returns:
        A `Scores`.

    Raises:
        PredictionsError: as `score_seeds`.
    """
    one_seed = predictions[~predictions["clip_id"].duplicated()]
    actual = score(one_seed.drop(columns="seed", errors="ignore"), classes)
    favourite = actual.classes[int(actual.support.argmax())]
    guessed = one_seed.drop(columns="seed", errors="ignore").assign(prediction=favourite)
    return score(guessed, classes)
