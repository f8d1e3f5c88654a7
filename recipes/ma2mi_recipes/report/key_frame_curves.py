"""Scores as key frames are moved, or found instead of annotated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ma2mi_recipes.report.runs import ReportRun
from ma2mi_recipes.report.wording import MEAN_F1, METRIC_NAMES

MOVED_NAMES = {"onset": "onset moved", "apex": "apex moved", "both": "both moved"}
FOUND = "found"
_RESAMPLES = 1000


@dataclass(frozen=True)
class KeyFrameCurves:
    """What moving key frames costs.

    Attributes:
        curves: For each kind of move, a table with `frames`, and for each metric `<metric>`,
            `<metric>_low` and `<metric>_high`, sorted by `frames`.
        found: The same columns for key frames that were found instead of annotated; None if absent.
        n_clips: Number of clips behind each point.
        metrics: Names of the metrics, as a reader is told them, by their columns.
    """

    curves: dict[str, pd.DataFrame]
    found: dict[str, Any] | None
    n_clips: int
    metrics: Mapping[str, str]


def key_frame_curves(run: ReportRun) -> KeyFrameCurves | None:
    """Curves of a run; None where its directory holds no predictions with moved key frames.

    Raises:
        PredictionsError: Where the predictions cannot be scored.
    """
    table = run.key_frames
    if table is None or table.empty or not {"moved", "frames"} <= set(table.columns):
        return None
    metrics = {MEAN_F1: "Mean F1"} if run.units else METRIC_NAMES
    scored = {
        (str(row["moved"]), int(row["frames"])): {
            name: row[name]
            for metric in metrics
            for name in (metric, f"{metric}_low", f"{metric}_high")
        }
        for row in _points(run, table).to_dict("records")
    }
    unmoved = next(
        (values for (moved, frames), values in scored.items() if frames == 0 and moved != FOUND),
        None,
    )
    curves = {}
    for kind in MOVED_NAMES:
        points = {frames: values for (moved, frames), values in scored.items() if moved == kind}
        if not points:
            continue
        # Nothing moved is the same for every kind, and may stand under one of them only.
        if unmoved is not None:
            points.setdefault(0, unmoved)
        curves[kind] = pd.DataFrame(
            [{"frames": frames, **values} for frames, values in sorted(points.items())]
        )
    found = next((values for (moved, _), values in scored.items() if moved == FOUND), None)
    return KeyFrameCurves(curves, found, int(table["clip_id"].nunique()), metrics)


def _points(run: ReportRun, table: pd.DataFrame) -> pd.DataFrame:
    from keras_ma2mi.evaluation import action_unit_key_frame_curve, key_frame_curve

    if run.units:
        units = [int(name.removeprefix("AU")) for name in run.units]
        return action_unit_key_frame_curve(table, units, resamples=_RESAMPLES)
    return key_frame_curve(table, run.classes, resamples=_RESAMPLES)
