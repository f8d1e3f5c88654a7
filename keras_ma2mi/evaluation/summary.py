"""Everything that a results table says about one run, as plain values."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.confusion import METRICS, check_rows, subject_confusions
from keras_ma2mi.evaluation.intervals import bootstrap_over_subjects
from keras_ma2mi.evaluation.scores import majority_baseline, score_seeds


def summarise(
    predictions: pd.DataFrame, classes: Sequence[str], *, resamples: int = 2000, seed: int = 0
) -> dict[str, Any]:
    """Scores with 95 % intervals, pooled and per dataset, ready for JSON.

    Args:
        predictions: table as for `score_seeds`, optionally with a column `dataset`.
        classes: the explicit class set.
        resamples: bootstrap samples of the intervals.
        seed: seed of the bootstrap.

    Returns:
        Dict with `classes`; `pooled`, one block of figures; `per_dataset`, a block for each; and
        `majority_baseline`, the figures of always answering the most frequent label. A block holds
        `accuracy`, `uf1` and `uar`, each with `value` (mean over seeds), `low`, `high` and `spread`
        over seeds; `n_clips`, `n_subjects`, `seeds`, `absent_classes`, `per_class` (means over
        seeds), `confusion` (summed over seeds) and `per_seed`. What cannot be known, such as the
        interval of a single subject, is None.

    Raises:
        PredictionsError: as `score_seeds`.
    """
    check_rows(predictions)
    if "dataset" not in predictions:
        predictions = predictions.assign(dataset="")
    datasets = predictions["dataset"].astype(str)

    def block(rows: pd.DataFrame) -> dict[str, Any]:
        return _block(rows, classes, resamples, seed)

    return {
        "classes": [str(name) for name in classes],
        "pooled": block(predictions),
        "per_dataset": {
            name: block(predictions[datasets == name]) for name in sorted(datasets.unique())
        },
        "majority_baseline": majority_baseline(predictions, classes).metrics,
    }


def subject_table(predictions: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """How each subject fared, over all seeds.

    A subject has few clips and seldom all classes, so no UF1 or UAR: they would mean nothing.

    Args:
        predictions: table as for `score_seeds`.
        classes: the explicit class set.

    Returns:
        A table with `subject`, `n_clips`, `correct` (mean over seeds) and `accuracy`, sorted by
        subject.

    Raises:
        PredictionsError: as `score_seeds`.
    """
    counted = subject_confusions(predictions, classes)
    clips = counted.counts.sum(axis=(1, 2, 3)) / len(counted.seeds)
    right = np.trace(counted.counts, axis1=2, axis2=3).mean(axis=1)
    return pd.DataFrame(
        {
            "subject": list(counted.subjects),
            "n_clips": clips.astype(np.int64),
            "correct": right,
            "accuracy": right / clips,
        }
    )


def _block(
    predictions: pd.DataFrame, classes: Sequence[str], resamples: int, seed: int
) -> dict[str, Any]:
    scores = score_seeds(predictions, classes)
    intervals = bootstrap_over_subjects(predictions, classes, resamples=resamples, seed=seed)
    first = next(iter(scores.by_seed.values()))
    recall = np.mean([one.recall for one in scores.by_seed.values()], axis=0)
    f1 = np.mean([one.f1 for one in scores.by_seed.values()], axis=0)
    return {
        **{
            metric: {
                "value": scores.mean[metric],
                "low": _known(intervals[metric][0]),
                "high": _known(intervals[metric][1]),
                "spread": _known(scores.spread[metric]),
            }
            for metric in METRICS
        },
        "n_clips": first.n_clips,
        "n_subjects": first.n_subjects,
        "seeds": list(scores.by_seed),
        "absent_classes": list(first.absent_classes),
        "per_class": {
            name: {
                "recall": float(recall[row]),
                "f1": float(f1[row]),
                "support": int(first.support[row]),
            }
            for row, name in enumerate(first.classes)
        },
        "confusion": scores.confusion.tolist(),
        "per_seed": {str(number): one.metrics for number, one in scores.by_seed.items()},
    }


def _known(value: float) -> float | None:
    # NaN is not JSON: strict readers refuse the file.
    return None if math.isnan(value) else value
