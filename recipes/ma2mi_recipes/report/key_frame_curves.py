"""Scores as key frames are moved, or found instead of annotated."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ma2mi_recipes.report.runs import ReportRun
from ma2mi_recipes.report.wording import METRIC_NAMES

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
    """

    curves: dict[str, pd.DataFrame]
    found: dict[str, Any] | None
    n_clips: int


def key_frame_curves(run: ReportRun) -> KeyFrameCurves | None:
    """Curves of a run; None where its directory holds no predictions with moved key frames.

    Raises:
        PredictionsError: Where the predictions cannot be scored.
    """
    table = run.key_frames
    if table is None or table.empty or not {"moved", "frames", "label"} <= set(table.columns):
        return None
    from keras_ma2mi.evaluation import key_frame_curve

    rows = key_frame_curve(table, run.classes, resamples=_RESAMPLES).to_dict("records")
    scored = {
        (str(row["moved"]), int(row["frames"])): {
            name: row[name]
            for metric in METRIC_NAMES
            for name in (metric, f"{metric}_low", f"{metric}_high")
        }
        for row in rows
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
    return KeyFrameCurves(curves, found, int(table["clip_id"].nunique()))
