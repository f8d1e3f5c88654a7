"""What it costs when onset and apex are not where they were annotated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.action_unit_counts import MEAN_F1, subject_unit_counts, unit_metrics
from keras_ma2mi.evaluation.confusion import (
    CLASS_METRICS,
    FloatArray,
    IntArray,
    subject_confusions,
)
from keras_ma2mi.evaluation.count_metrics import CountMetrics
from keras_ma2mi.evaluation.errors import PredictionsError
from keras_ma2mi.evaluation.intervals import (
    check_resampling,
    draw_subjects,
    percentile_interval,
    resampled_metrics,
)

MOVED = ("onset", "apex", "both", "found")
_UNKNOWN = np.array([np.nan])


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
    return _curve(
        table,
        lambda rows: subject_confusions(rows, classes),
        CLASS_METRICS,
        _Bootstrap(resamples, level, seed),
    )


def action_unit_key_frame_curve(
    table: pd.DataFrame,
    units: Sequence[int],
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """The same for action units: `mean_f1` instead of accuracy, UF1 and UAR.

    Args:
        table: as for `key_frame_curve`, with the columns of `score_action_units`.
        units: FACS numbers.
        resamples: bootstrap samples of the intervals.
        level: coverage of the intervals, between 0 and 1.
        seed: seed of the bootstrap.

    Returns:
        As `key_frame_curve`.

    Raises:
        PredictionsError: (a `ValueError`) as `key_frame_curve` and `score_action_units`.
        ValueError: if `resamples` or `level` is out of range.
    """
    metrics = unit_metrics(units)
    return _curve(
        table,
        lambda rows: subject_unit_counts(rows, units),
        replace(metrics, names=(MEAN_F1,)),
        _Bootstrap(resamples, level, seed),
    )


@dataclass(frozen=True)
class _Bootstrap:
    resamples: int
    level: float
    seed: int


class _Counted(Protocol):
    """Counts of every subject and seed; their last two axes are truth and answer."""

    @property
    def subjects(self) -> tuple[str, ...]: ...

    @property
    def seeds(self) -> tuple[int, ...]: ...

    @property
    def counts(self) -> IntArray: ...


def _curve(
    table: pd.DataFrame,
    count: Callable[[pd.DataFrame], _Counted],
    metrics: CountMetrics,
    bootstrap: _Bootstrap,
) -> pd.DataFrame:
    check_resampling(bootstrap.resamples, bootstrap.level)
    groups = _groups(table)
    counts = {group: count(rows) for group, rows in groups.items()}
    _check_same_clips(counts)
    n_subjects = len(next(iter(counts.values())).subjects)
    draws = (
        draw_subjects(n_subjects, bootstrap.resamples, bootstrap.seed) if n_subjects > 1 else None
    )
    annotated = [one.counts for (moved, by), one in counts.items() if moved != "found" and not by]
    return pd.DataFrame(
        {
            "moved": moved,
            "frames": by,
            "n_clips": rows["clip_id"].nunique(),
            "n_subjects": n_subjects,
            **_scores(counts[moved, by].counts, annotated, draws, metrics, bootstrap.level),
            **_errors(rows),
        }
        for (moved, by), rows in groups.items()
    )


def _groups(table: pd.DataFrame) -> dict[tuple[str, int], pd.DataFrame]:
    """The rows of each point of the curve, in order."""
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
    names = sorted(
        {(str(moved), int(by)) for moved, by in zip(table["moved"], frames, strict=True)},
        key=lambda name: (MOVED.index(name[0]), name[1]),
    )
    if not names:
        raise PredictionsError("the table of key frames has no rows")
    return {(moved, by): table[(table["moved"] == moved) & (frames == by)] for moved, by in names}


def _check_same_clips(counts: Mapping[tuple[str, int], _Counted]) -> None:
    (first_name, first), *others = counts.items()
    for name, other in others:
        if (other.subjects, other.seeds) != (first.subjects, first.seeds) or not np.array_equal(
            other.counts.sum(axis=-1), first.counts.sum(axis=-1)
        ):
            raise PredictionsError(
                f"{name[0]} moved by {name[1]} frames has other clips or seeds than "
                f"{first_name[0]} moved by {first_name[1]}; repeat the run"
            )


def _scores(
    counts: IntArray,
    annotated: Sequence[IntArray],
    draws: IntArray | None,
    metrics: CountMetrics,
    level: float,
) -> dict[str, float]:
    of_these = _values(counts, metrics), _drawn(counts, draws, metrics)
    of_annotated = (
        (_values(annotated[0], metrics), _drawn(annotated[0], draws, metrics))
        if annotated
        else ({}, {})
    )
    scores: dict[str, float] = {}
    for name in metrics.names:
        value, drawn = of_these[0][name], of_these[1].get(name, _UNKNOWN)
        low, high = percentile_interval(drawn, level)
        scores |= {name: value, f"{name}_low": low, f"{name}_high": high}
        low, high = percentile_interval(drawn - of_annotated[1].get(name, _UNKNOWN), level)
        change = value - of_annotated[0].get(name, float("nan"))
        scores |= {
            f"{name}_change": change,
            f"{name}_change_low": low,
            f"{name}_change_high": high,
        }
    return scores


def _values(counts: IntArray, metrics: CountMetrics) -> dict[str, float]:
    by_seed = metrics.values(counts.sum(axis=0).astype(np.float64))
    return {name: float(by_seed[name].mean()) for name in metrics.names}


def _drawn(
    counts: IntArray, draws: IntArray | None, metrics: CountMetrics
) -> dict[str, FloatArray]:
    return {} if draws is None else resampled_metrics(counts, draws, metrics)


def _errors(group: pd.DataFrame) -> dict[str, Any]:
    errors = {
        name: float(group[name].abs().median())
        for name in ("onset_error", "apex_error")
        if name in group
    }
    if "at_border" in group:
        errors["at_border"] = float((group["at_border"].astype(str) == "True").mean())
    return errors
