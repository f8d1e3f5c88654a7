"""Intervals and comparison of runs that predict action units, with subjects as the unit."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.action_unit_counts import (
    MEAN_F1,
    subject_unit_counts,
    unit_metrics,
    with_optional_columns,
)
from keras_ma2mi.evaluation.action_unit_predictions import (
    LABEL,
    check_action_unit_predictions,
    predicted_units,
)
from keras_ma2mi.evaluation.action_units import unit_name
from keras_ma2mi.evaluation.comparison import (
    Comparison,
    check_same_clips,
    check_same_number_of_seeds,
)
from keras_ma2mi.evaluation.intervals import (
    check_resampling,
    draw_subjects,
    percentile_interval,
    resampled_metrics,
)
from keras_ma2mi.evaluation.paired_counts import compare_counts


def bootstrap_action_units(
    predictions: pd.DataFrame,
    units: Sequence[int] | None = None,
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of the mean F1 and of each unit's F1, by drawing whole subjects.

    With several seeds the interval is of the mean over seeds. Resamples that draw no clip showing
    a unit say nothing about it: they leave it out of their mean, and do not count for its own
    interval.

    Args:
        predictions: table as for `score_action_unit_seeds`.
        units: FACS numbers; default: those of the label columns.
        resamples: number of bootstrap samples.
        level: coverage, between 0 and 1.
        seed: seed of the resampling.

    Returns:
        Dict of `mean_f1` and `AU4`, ... to `(low, high)`. Both are NaN with fewer than two
        subjects, and for units that no clip shows.

    Raises:
        PredictionsError: as `check_action_unit_predictions`.
        ValueError: if `resamples` or `level` is out of range.
    """
    check_resampling(resamples, level)
    scored = predicted_units(predictions, units)
    counts = subject_unit_counts(predictions, scored).counts
    metrics = unit_metrics(scored)
    shown = dict(
        zip((MEAN_F1, *map(unit_name, scored)), (True, *metrics.expected(counts)), strict=True)
    )
    if len(counts) < 2:
        return {name: (float("nan"), float("nan")) for name in metrics.names}
    values = resampled_metrics(counts, draw_subjects(len(counts), resamples, seed), metrics)
    return {
        name: _interval(values[name], level) if shown[name] else (float("nan"), float("nan"))
        for name in metrics.names
    }


def paired_action_unit_test(
    predictions_a: pd.DataFrame,
    predictions_b: pd.DataFrame,
    units: Sequence[int] | None = None,
    *,
    permutations: int = 10_000,
    resamples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Tests whether the mean F1 of two runs differs, by swapping predictions subject by subject.

    Only the mean is tested: a p-value for each of twelve units would need a correction, and invite
    picking.

    Args:
        predictions_a: table of the first run (the baseline), as for `score_action_unit_seeds`.
        predictions_b: table of the second run, over the same clips.
        units: FACS numbers; default: those of the first table's label columns.
        permutations: most permutations to look at.
        resamples: bootstrap samples for the interval of the difference.
        seed: seed of the sampling.

    Returns:
        A `Comparison` with the one figure `mean_f1`; its difference is `b - a`.

    Raises:
        PredictionsError: if the runs differ in their clips, labels, subjects or number of seeds;
            the message says which.
    """
    scored = predicted_units(predictions_a, units)
    tables = [
        check_action_unit_predictions(with_optional_columns(one), scored)
        for one in (predictions_a, predictions_b)
    ]
    a, b = (subject_unit_counts(one, scored) for one in tables)
    check_same_clips(tables[0], tables[1], [LABEL + unit_name(unit) for unit in scored])
    check_same_number_of_seeds(a.seeds, b.seeds)
    metrics, swapped = compare_counts(
        a.counts,
        b.counts,
        replace(unit_metrics(scored), names=(MEAN_F1,)),
        permutations=permutations,
        resamples=resamples,
        seed=seed,
    )
    return Comparison(
        metrics=metrics,
        n_clips=int(tables[0]["clip_id"].nunique()),
        n_subjects=len(a.subjects),
        n_differing_subjects=swapped.n_differing,
        permutations=len(swapped.subjects),
        exact=swapped.exact,
    )


def _interval(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], level: float
) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return percentile_interval(known, level) if len(known) else (float("nan"), float("nan"))
