"""Everything that a results table says about one run that predicts action units."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.action_unit_counts import with_optional_columns
from keras_ma2mi.evaluation.action_unit_predictions import predicted_units
from keras_ma2mi.evaluation.action_unit_scores import (
    always_present_baseline,
    score_action_unit_seeds,
    scores_as_dict,
)
from keras_ma2mi.evaluation.action_unit_statistics import bootstrap_action_units
from keras_ma2mi.evaluation.action_units import unit_name


def summarise_action_units(
    predictions: pd.DataFrame,
    units: Sequence[int] | None = None,
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, Any]:
    """Scores with 95 % intervals, pooled and per dataset, ready for JSON.

    Args:
        predictions: table as for `score_action_unit_seeds`, optionally with a column `dataset`.
        units: FACS numbers; default: those of the label columns.
        resamples: bootstrap samples of the intervals.
        seed: seed of the bootstrap.

    Returns:
        Dict with `units`, `AU4` and so on; `pooled`, one block of figures; `per_dataset`, a block
        for each; `mean_over_datasets`, the mean of the datasets' `mean_f1`, as MEB's table by
        dataset ends; and `always_present_baseline`, the figures of answering "present" always. A
        block holds `mean_f1` with `value` (mean over seeds), `low`, `high` and `spread` over
        seeds; `mean_f1_shown`, without an interval; `n_clips`, `n_subjects`, `seeds`,
        `absent_units`, `per_unit` (means over seeds, with `low` and `high` of F1) and `per_seed`.
        What cannot be known, such as the interval of a single subject, is None.

    Raises:
        PredictionsError: as `check_action_unit_predictions`.
    """
    scored = predicted_units(predictions, units)
    predictions = with_optional_columns(predictions)
    datasets = predictions["dataset"].astype(str)
    blocks = {
        name: _block(predictions[datasets == name], scored, resamples, seed)
        for name in sorted(datasets.unique())
    }
    baseline = always_present_baseline(predictions, scored)
    return {
        "units": [unit_name(unit) for unit in scored],
        "pooled": _block(predictions, scored, resamples, seed),
        "per_dataset": blocks,
        "mean_over_datasets": float(np.mean([one["mean_f1"]["value"] for one in blocks.values()])),
        "always_present_baseline": {name: _known(v) for name, v in baseline.metrics.items()},
    }


def _block(
    predictions: pd.DataFrame, units: Sequence[int], resamples: int, seed: int
) -> dict[str, Any]:
    scores = score_action_unit_seeds(predictions, units)
    intervals = bootstrap_action_units(predictions, units, resamples=resamples, seed=seed)
    low, high = intervals["mean_f1"]
    first = next(iter(scores.by_seed.values()))
    return {
        "mean_f1": {
            "value": scores.mean["mean_f1"],
            "low": _known(low),
            "high": _known(high),
            "spread": _known(scores.spread["mean_f1"]),
        },
        "mean_f1_shown": {
            "value": _known(scores.mean["mean_f1_shown"]),
            "spread": _known(scores.spread["mean_f1_shown"]),
        },
        "n_clips": first.n_clips,
        "n_subjects": first.n_subjects,
        "seeds": list(scores.by_seed),
        "absent_units": [unit_name(unit) for unit in first.absent_units],
        "per_unit": _per_unit([scores_as_dict(one) for one in scores.by_seed.values()], intervals),
        "per_seed": {
            str(number): {name: _known(value) for name, value in one.metrics.items()}
            for number, one in scores.by_seed.items()
        },
    }


def _per_unit(
    seeds: Sequence[dict[str, Any]], intervals: dict[str, tuple[float, float]]
) -> dict[str, Any]:
    return {
        name: {
            **{
                figure: float(np.mean([one[name][figure] for one in seeds]))
                for figure in ("f1", "precision", "recall", "predicted")
            },
            "support": seeds[0][name]["support"],
            "low": _known(intervals[name][0]),
            "high": _known(intervals[name][1]),
        }
        for name in seeds[0]
    }


def _known(value: float) -> float | None:
    # NaN is not JSON: strict readers refuse the file.
    return None if math.isnan(value) else value
