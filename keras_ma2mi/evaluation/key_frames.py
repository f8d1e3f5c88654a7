"""What it costs when onset and apex are not where they were annotated."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.confusion import (
    METRICS,
    FloatArray,
    IntArray,
    subject_confusions,
    summary_metrics,
)
from keras_ma2mi.evaluation.errors import PredictionsError
from keras_ma2mi.evaluation.intervals import (
    check_resampling,
    draw_subjects,
    percentile_interval,
    resampled_metrics,
)

MOVED = ("onset", "apex", "both", "found")


def key_frame_curve(
    table: pd.DataFrame,
    classes: Sequence[str],
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores of a run against the distance of its key frames from the annotated ones.

    Args:
        table: predictions as in a run's `key_frames.csv`: the columns of `score_seeds`, `moved`
            (`"onset"`, `"apex"`, `"both"` or `"found"`) and `frames` (how far, from 0), every clip
            once in each of their groups and seeds. Optionally `onset_error` and `apex_error`,
            frames by which a key frame is later than annotated, and `at_border`.
        classes: the explicit class set.
        resamples: bootstrap samples of the intervals.
        level: coverage of the intervals, between 0 and 1.
        seed: seed of the bootstrap.

    Returns:
        One row for each group, in the order of `MOVED` and of `frames`: `moved`, `frames`,
        `n_clips`, `n_subjects`; for each of accuracy, UF1 and UAR `accuracy` (mean over seeds),
        `accuracy_low`, `accuracy_high`, and `accuracy_change`, `accuracy_change_low`,
        `accuracy_change_high`: the change against the annotated key frames (`frames` 0), over the
        same resamples of subjects, so that what all groups have in common cancels out. And, where
        the table has them, `onset_error` and `apex_error`, medians of their absolute values, and
        `at_border`, the share of clips that could not be moved as far as asked. Intervals are NaN
        with fewer than two subjects, changes also where nothing was predicted at 0 frames.

    Raises:
        PredictionsError: (a `ValueError`) if a column is missing, a value of `moved` or `frames` is
            unknown, a class is not in the class set, or a group lacks a clip or has one twice.
        ValueError: if `resamples` or `level` is out of range.

    Example:
        >>> curve = key_frame_curve(pd.read_csv("run/key_frames.csv"), ["negative", "positive"])
        >>> curve[curve["moved"] == "apex"][["frames", "uf1", "uf1_low", "uf1_high"]]
    """
    check_resampling(resamples, level)
    counts = _counts(table, classes)
    n_subjects = len(next(iter(counts.values())))
    draws = draw_subjects(n_subjects, resamples, seed) if n_subjects > 1 else None
    base = next((counts[group] for group in counts if group[0] != "found" and group[1] == 0), None)
    rows = []
    for (moved, frames), group in counts.items():
        chosen = table[(table["moved"] == moved) & (table["frames"] == frames)]
        rows.append(
            {
                "moved": moved,
                "frames": frames,
                "n_clips": chosen["clip_id"].nunique(),
                "n_subjects": n_subjects,
                **_scores(group, base, draws, level),
                **_errors(chosen),
            }
        )
    return pd.DataFrame(rows)


def _counts(table: pd.DataFrame, classes: Sequence[str]) -> dict[tuple[str, int], IntArray]:
    """Confusion matrices `(subjects, seeds, classes, classes)` of each group, in order."""
    missing = [name for name in ("moved", "frames") if name not in table]
    if missing:
        raise PredictionsError(f"the table lacks `{missing[0]}`; give a run's key_frames.csv")
    unknown = sorted(set(table["moved"]) - set(MOVED), key=str)
    if unknown:
        raise PredictionsError(
            f"column `moved` holds '{unknown[0]}', which is none of {', '.join(MOVED)}"
        )
    frames = pd.to_numeric(table["frames"], errors="coerce")
    if (frames.isna() | (frames < 0) | (frames % 1 != 0)).any():
        raise PredictionsError("column `frames` must hold whole numbers from 0 up")
    groups = sorted(
        {(str(moved), int(by)) for moved, by in zip(table["moved"], frames, strict=True)},
        key=lambda group: (MOVED.index(group[0]), group[1]),
    )
    if not groups:
        raise PredictionsError("the table of key frames has no rows")
    counted = {
        group: subject_confusions(
            table[(table["moved"] == group[0]) & (frames == group[1])], classes
        )
        for group in groups
    }
    first = counted[groups[0]]
    for group, one in counted.items():
        if (one.subjects, one.seeds) != (first.subjects, first.seeds) or not np.array_equal(
            one.counts.sum(axis=-1), first.counts.sum(axis=-1)
        ):
            raise PredictionsError(
                f"{group[0]} moved by {group[1]} frames has other clips or seeds than "
                f"{groups[0][0]} moved by {groups[0][1]}; repeat the run"
            )
    return {group: one.counts for group, one in counted.items()}


def _scores(
    group: IntArray, base: IntArray | None, draws: IntArray | None, level: float
) -> dict[str, float]:
    value, drawn = _values(group), _drawn(group, draws)
    base_value, base_drawn = ({}, {}) if base is None else (_values(base), _drawn(base, draws))
    scores: dict[str, float] = {}
    for metric in METRICS:
        low, high = _interval(drawn.get(metric), level)
        scores |= {metric: value[metric], f"{metric}_low": low, f"{metric}_high": high}
        known = metric in base_value
        change = value[metric] - base_value[metric] if known else float("nan")
        both = metric in drawn and metric in base_drawn
        low, high = _interval(drawn[metric] - base_drawn[metric] if both else None, level)
        scores |= {
            f"{metric}_change": change,
            f"{metric}_change_low": low,
            f"{metric}_change_high": high,
        }
    return scores


def _values(counts: IntArray) -> dict[str, float]:
    by_seed = summary_metrics(counts.sum(axis=0))
    return {metric: float(values.mean()) for metric, values in by_seed.items()}


def _drawn(counts: IntArray, draws: IntArray | None) -> dict[str, FloatArray]:
    return {} if draws is None else resampled_metrics(counts, draws)


def _interval(values: FloatArray | None, level: float) -> tuple[float, float]:
    return (float("nan"), float("nan")) if values is None else percentile_interval(values, level)


def _errors(group: pd.DataFrame) -> dict[str, Any]:
    errors = {
        name: float(group[name].abs().median())
        for name in ("onset_error", "apex_error")
        if name in group
    }
    if "at_border" in group:
        errors["at_border"] = float((group["at_border"].astype(str) == "True").mean())
    return errors
