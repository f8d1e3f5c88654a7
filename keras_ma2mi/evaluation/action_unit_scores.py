"""Scores of predicted action units: F1 of each unit, and their mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.action_unit_counts import (
    SubjectUnitCounts,
    subject_unit_counts,
    unit_f1,
    unit_precision,
    unit_recall,
)
from keras_ma2mi.evaluation.action_unit_predictions import (
    LABEL,
    PREDICTION,
    predicted_units,
)
from keras_ma2mi.evaluation.action_units import unit_name
from keras_ma2mi.evaluation.confusion import FloatArray, IntArray
from keras_ma2mi.evaluation.errors import PredictionsError


@dataclass(frozen=True, eq=False)
class ActionUnitScores:
    """Scores of one set of predictions, pooled over folds and computed once.

    Args:
        units: FACS numbers; every array below follows their order.
        f1: float64 array of shape `(units,)`: F1 of the answer "present", 0 to 1.
        precision: float64 array of shape `(units,)`.
        recall: float64 array of shape `(units,)`.
        support: int64 array of shape `(units,)`: clips that show the unit.
        predicted: int64 array of shape `(units,)`: clips for which it was predicted.
        mean_f1: mean of `f1` over all units, MEB's figure.
        mean_f1_shown: mean of `f1` over the units that some clip shows; NaN if there are none.
        n_clips: number of clips.
        n_subjects: number of subjects.
        absent_units: units that no clip shows. They count 0 in `mean_f1`, which can therefore not
            reach 1, and not at all in `mean_f1_shown`.

    Reference:
        Varanka et al., "Data Leakage and Evaluation Issues in Micro-Expression Analysis", IEEE
        Transactions on Affective Computing, 2023, and its code (tvaranka/meb): predictions of all
        folds pooled, binary F1 of each unit, mean over units, mean over seeds.
    """

    units: tuple[int, ...]
    f1: FloatArray
    precision: FloatArray
    recall: FloatArray
    support: IntArray
    predicted: IntArray
    mean_f1: float
    mean_f1_shown: float
    n_clips: int
    n_subjects: int
    absent_units: tuple[int, ...]

    @property
    def metrics(self) -> dict[str, float]:
        """The two summary figures by name."""
        return {"mean_f1": self.mean_f1, "mean_f1_shown": self.mean_f1_shown}


@dataclass(frozen=True, eq=False)
class ActionUnitSeedScores:
    """Scores of every seed, and their mean and spread.

    Args:
        by_seed: `ActionUnitScores` of each seed.
        mean: mean over seeds of `mean_f1` and `mean_f1_shown`.
        spread: sample standard deviation over seeds (denominator n - 1); NaN with a single seed.
    """

    by_seed: dict[int, ActionUnitScores]
    mean: dict[str, float]
    spread: dict[str, float]


def score_action_units(
    predictions: pd.DataFrame, units: Sequence[int] | None = None
) -> ActionUnitScores:
    """Scores the pooled predictions of one seed.

    Args:
        predictions: table with `clip_id`, `subject`, `label_AU4` and `prediction_AU4` for each
            unit, one row a clip.
        units: FACS numbers; default: those of the label columns.

    Returns:
        An `ActionUnitScores`.

    Raises:
        PredictionsError: (a `ValueError`) as `check_action_unit_predictions`, or if there are
            several seeds (use `score_action_unit_seeds`).

    Example:
        >>> table = pd.DataFrame({
        ...     "clip_id": ["a", "b"], "subject": ["s1", "s2"],
        ...     "label_AU4": [1, 0], "prediction_AU4": [1, 1]})
        >>> float(keras_ma2mi.evaluation.score_action_units(table).f1[0])
        0.6666666666666666
    """
    scored = predicted_units(predictions, units)
    counted = subject_unit_counts(predictions, scored)
    if len(counted.seeds) > 1:
        raise PredictionsError(
            f"the table holds the seeds {list(counted.seeds)}; score one seed, or use "
            "`score_action_unit_seeds`"
        )
    return _scores(counted, 0, scored)


def score_action_unit_seeds(
    predictions: pd.DataFrame, units: Sequence[int] | None = None
) -> ActionUnitSeedScores:
    """Scores each seed of a table, and summarises them.

    Args:
        predictions: as for `score_action_units`, with a column `seed`.
        units: FACS numbers; default: those of the label columns.

    Returns:
        An `ActionUnitSeedScores`.

    Raises:
        PredictionsError: as `check_action_unit_predictions`.
    """
    scored = predicted_units(predictions, units)
    counted = subject_unit_counts(predictions, scored)
    by_seed = {seed: _scores(counted, row, scored) for row, seed in enumerate(counted.seeds)}
    values = {
        name: np.array([scores.metrics[name] for scores in by_seed.values()])
        for name in ("mean_f1", "mean_f1_shown")
    }
    spread = {
        name: float(value.std(ddof=1)) if len(value) > 1 else float("nan")
        for name, value in values.items()
    }
    return ActionUnitSeedScores(by_seed, {n: float(v.mean()) for n, v in values.items()}, spread)


def per_dataset_action_units(
    predictions: pd.DataFrame, units: Sequence[int] | None = None
) -> dict[str, ActionUnitSeedScores]:
    """Scores each dataset of a pooled table on its own, over the same units.

    A dataset that does not show some unit has it in `absent_units`, where it counts 0.

    Args:
        predictions: as for `score_action_unit_seeds`, with a column `dataset`.
        units: FACS numbers; default: those of the label columns.

    Returns:
        Dict from the datasets' names, sorted, to their `ActionUnitSeedScores`.

    Raises:
        PredictionsError: as `check_action_unit_predictions`, or without a column `dataset`.
    """
    if "dataset" not in predictions:
        raise PredictionsError("the predictions lack the column 'dataset'")
    datasets = predictions["dataset"].astype(str)
    return {
        name: score_action_unit_seeds(predictions[datasets == name], units)
        for name in sorted(datasets.unique())
    }


def always_present_baseline(
    predictions: pd.DataFrame, units: Sequence[int] | None = None
) -> ActionUnitScores:
    """Scores of answering "present" for every unit and clip.

    What a model has to beat: F1 rewards this answer, so that a frequent unit has a high F1 for
    nothing. Answering "absent" always would score 0.

    Args:
        predictions: as for `score_action_unit_seeds`; only the labels are used.
        units: FACS numbers; default: those of the label columns.

    Returns:
        An `ActionUnitScores`.

    Raises:
        PredictionsError: as `check_action_unit_predictions`.
    """
    scored = predicted_units(predictions, units)
    subject_unit_counts(predictions, scored)
    one_seed = predictions[~predictions["clip_id"].astype(str).duplicated()]
    kept = [name for name in ("clip_id", "dataset", "subject") if name in one_seed]
    labels = {LABEL + unit_name(u): one_seed[LABEL + unit_name(u)] for u in scored}
    guesses = {PREDICTION + unit_name(u): 1 for u in scored}
    return score_action_units(one_seed[kept].assign(**labels, **guesses), scored)


def _scores(counted: SubjectUnitCounts, seed: int, units: Sequence[int]) -> ActionUnitScores:
    counts = counted.counts[:, seed].sum(axis=0)
    f1, support = unit_f1(counts), counts[:, 1, :].sum(axis=-1)
    shown = support > 0
    return ActionUnitScores(
        units=tuple(units),
        f1=f1,
        precision=unit_precision(counts),
        recall=unit_recall(counts),
        support=support,
        predicted=counts[:, :, 1].sum(axis=-1),
        mean_f1=float(f1.mean()),
        mean_f1_shown=float(f1[shown].mean()) if shown.any() else float("nan"),
        n_clips=int(counts[0].sum()),
        n_subjects=len(counted.subjects),
        absent_units=tuple(u for u, there in zip(units, shown, strict=True) if not there),
    )


def scores_as_dict(scores: ActionUnitScores) -> dict[str, Any]:
    """Everything but the summary figures of one seed as plain Python values, ready for JSON."""
    return {
        unit_name(unit): {
            "f1": float(scores.f1[row]),
            "precision": float(scores.precision[row]),
            "recall": float(scores.recall[row]),
            "support": int(scores.support[row]),
            "predicted": int(scores.predicted[row]),
        }
        for row, unit in enumerate(scores.units)
    }
