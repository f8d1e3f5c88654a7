"""Confusion matrices per subject, and accuracy, UF1 and UAR as functions of a confusion matrix.

Every figure of this package is computed here, from the same counts, so that a score, its interval
and its comparison cannot disagree about a definition.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation.count_metrics import CountMetrics
from keras_ma2mi.evaluation.errors import PredictionsError

IntArray: TypeAlias = npt.NDArray[np.int64]
FloatArray: TypeAlias = npt.NDArray[np.float64]

METRICS = ("accuracy", "uf1", "uar")
"""Figures that every score has, in the order of the tables."""
SCORED_COLUMNS = ("clip_id", "subject", "label", "prediction")


@dataclass(frozen=True, eq=False)
class SubjectConfusions:
    """One confusion matrix for every subject and seed.

    Args:
        subjects: names of the subjects, sorted; prefixed with their dataset.
        seeds: the seeds, sorted.
        counts: int64 array of shape `(subjects, seeds, classes, classes)`. Rows are true labels,
            columns are predictions.
    """

    subjects: tuple[str, ...]
    seeds: tuple[int, ...]
    counts: IntArray


def check_classes(classes: Sequence[str]) -> list[str]:
    """Returns the class set as a list, or raises `ValueError` if it is empty or repeats itself."""
    names = [str(name) for name in classes]
    if not names or len(set(names)) != len(names):
        raise ValueError(
            f"`classes` must be a non-empty sequence of different names. Received: classes={names}"
        )
    return names


def class_codes(values: Iterable[Any], classes: Sequence[str], column: str) -> IntArray:
    """Position of each value in the class set.

    Args:
        values: labels or predictions.
        classes: the explicit class set.
        column: what the values are, for the error message.

    Returns:
        int64 array of shape `(values,)`.

    Raises:
        PredictionsError: if a value is not in the class set; the message names the value.
    """
    names = check_classes(classes)
    texts = [str(value) for value in values]
    codes = np.asarray(pd.Index(names).get_indexer(pd.Index(texts, dtype=object)), dtype=np.int64)
    if (codes < 0).any():
        unknown = sorted({texts[row] for row in np.flatnonzero(codes < 0)})
        raise PredictionsError(
            f"column `{column}` holds {quoted(unknown)}, which the class set {names} does not"
        )
    return codes


def subject_keys(predictions: pd.DataFrame) -> list[str]:
    """Names of the subjects, one a row, that never merge two people of two datasets.

    `sub01` of `casme2` and `sub01` of `samm` become `casme2/sub01` and `samm/sub01`; a subject that
    already carries its dataset's name is left alone.
    """
    subjects = [str(subject) for subject in predictions["subject"]]
    if "dataset" not in predictions:
        return subjects
    datasets = [str(dataset) for dataset in predictions["dataset"]]
    return [
        subject if not dataset or subject.startswith(f"{dataset}/") else f"{dataset}/{subject}"
        for dataset, subject in zip(datasets, subjects, strict=True)
    ]


def seeds_of(predictions: pd.DataFrame) -> IntArray:
    """The seed of each row; a table without the column `seed` has the one seed 0."""
    if "seed" not in predictions:
        return np.zeros(len(predictions), dtype=np.int64)
    return predictions["seed"].to_numpy(dtype=np.int64)


def check_rows(predictions: pd.DataFrame, columns: Sequence[str] = SCORED_COLUMNS) -> None:
    """Raises `PredictionsError` unless every seed predicts every clip exactly once."""
    lacking = [column for column in columns if column not in predictions]
    if lacking:
        raise PredictionsError(f"the predictions lack {quoted(lacking, limit=4)}")
    if predictions.empty:
        raise PredictionsError("the table of predictions has no rows")
    rows = pd.DataFrame(
        {"clip": predictions["clip_id"].astype(str).to_numpy(), "seed": seeds_of(predictions)}
    )
    repeated = rows.loc[rows.duplicated(), "clip"].unique()
    if len(repeated):
        raise PredictionsError(
            f"{len(repeated)} clips are predicted more than once with the same seed: "
            f"{quoted(repeated)}"
        )
    clips = set(rows["clip"])
    for seed, group in rows.groupby("seed"):
        missing = clips.difference(group["clip"])
        if missing:
            raise PredictionsError(
                f"seed {seed} predicts {len(group)} of {len(clips)} clips; "
                f"missing: {quoted(sorted(missing))}"
            )


def subject_confusions(predictions: pd.DataFrame, classes: Sequence[str]) -> SubjectConfusions:
    """Counts predictions per subject and seed.

    Args:
        predictions: table with `clip_id`, `subject`, `label`, `prediction` and, optionally,
            `dataset` and `seed`.
        classes: the explicit class set.

    Returns:
        A `SubjectConfusions`.

    Raises:
        PredictionsError: if a class is unknown, or a seed does not predict every clip once.
    """
    check_rows(predictions)
    labels = class_codes(predictions["label"], classes, "label")
    predicted = class_codes(predictions["prediction"], classes, "prediction")
    subjects, subject_codes = np.unique(
        np.asarray(subject_keys(predictions), dtype=str), return_inverse=True
    )
    seeds, seed_codes = np.unique(seeds_of(predictions), return_inverse=True)
    counts = np.zeros((len(subjects), len(seeds), len(classes), len(classes)), dtype=np.int64)
    np.add.at(counts, (subject_codes, seed_codes, labels, predicted), 1)
    return SubjectConfusions(
        tuple(str(name) for name in subjects), tuple(int(seed) for seed in seeds), counts
    )


def class_recall(confusion: npt.NDArray[Any]) -> FloatArray:
    """TP / N for each class; 0 where a class has no clips."""
    return _divide(_true_positives(confusion), confusion.sum(axis=-1))


def class_f1(confusion: npt.NDArray[Any]) -> FloatArray:
    """2 TP / (2 TP + FP + FN) for each class; 0 where a class has neither clips nor predictions."""
    return _divide(2 * _true_positives(confusion), confusion.sum(axis=-1) + confusion.sum(axis=-2))


def summary_metrics(
    confusion: npt.NDArray[Any], *, expected: npt.NDArray[np.bool_] | None = None
) -> dict[str, FloatArray]:
    """Accuracy, UF1 and UAR of confusion matrices.

    The mean runs over the whole class set: a class without clips counts 0, as with scikit-learn's
    `zero_division=0`.

    Args:
        confusion: array of shape `(..., classes, classes)`.
        expected: bool array of shape `(classes,)`: classes that the full sample has. Where a
            resample happens to draw none of their clips it says nothing about them, so they are
            left out of that resample's mean instead of counting 0.

    Returns:
        Dict of `accuracy`, `uf1` and `uar`, float64 arrays of shape `(...)` between 0 and 1.

    Reference:
        See et al., "MEGC 2019 - The Second Facial Micro-Expressions Grand Challenge", FG 2019, for
        UF1 and UAR.
    """
    support = confusion.sum(axis=-1)
    weights = np.ones(support.shape)
    if expected is not None:
        weights[expected & (support == 0)] = 0.0
    counted = weights.sum(axis=-1)
    return {
        "accuracy": _divide(_true_positives(confusion).sum(axis=-1), support.sum(axis=-1)),
        "uf1": _divide((class_f1(confusion) * weights).sum(axis=-1), counted),
        "uar": _divide((class_recall(confusion) * weights).sum(axis=-1), counted),
    }


def counted_classes(counts: IntArray) -> npt.NDArray[np.bool_]:
    """Which classes have a clip, in counts of shape `(subjects, seeds, classes, classes)`."""
    return np.asarray(counts.sum(axis=(0, 1, 3)) > 0)


CLASS_METRICS = CountMetrics(METRICS, summary_metrics, counted_classes)


def quoted(names: Iterable[Any], limit: int = 3) -> str:
    """The first few names for an error message, and how many more there are."""
    everything = [str(name) for name in names]
    shown = ", ".join(f"'{name}'" for name in everything[:limit])
    rest = len(everything) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown


def _true_positives(confusion: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def _divide(numerator: npt.NDArray[Any], denominator: npt.NDArray[Any]) -> FloatArray:
    result = np.zeros(np.broadcast(numerator, denominator).shape)
    np.divide(numerator, denominator, out=result, where=np.asarray(denominator) != 0)
    return result
