"""TensorBoard logs of a finished run: one event log a fold and seed, and one of the pooled figures.

TensorBoard's own records and messages are used, but none of its parts that import TensorFlow.
"""

import importlib.util
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_recipes.report.runs import PEEKED, ReportRun

if TYPE_CHECKING:
    import pandas as pd

NOT_INSTALLED = (
    "no TensorBoard logs: the package is not installed "
    '(pip install "keras-ma2mi[tensorboard]", then evaluate again)'
)
# One name, so that writing again replaces: TensorBoard would join two logs in a folder.
_FILE = "events.out.tfevents.0.keras-ma2mi"
_KEYS = {"fold", "seed", "epoch", "part", "inner_fold", "select"}
_CELL = 48


def write_logs(folder: Path, run: ReportRun) -> Path | None:
    """Writes `FOLDER/tensorboard/seed-N/FOLD` and `FOLDER/tensorboard/pooled`.

    A fold's log holds each column of its history over epochs, and its accuracy on training and
    held-out clips at the end. The pooled log holds the scores, the confusion matrix and the heat
    maps. Everything that a run owes to peeking says so in its tag.

    Args:
        folder: The run directory.
        run: What it holds.

    Returns:
        The folder of the logs, or None where TensorBoard is not installed.
    """
    if importlib.util.find_spec("tensorboard") is None:
        return None
    logs = folder / "tensorboard"
    for old in logs.rglob(_FILE):
        old.unlink()
    time = _finished(run)
    for place, values in _fold_scalars(run).items():
        _write(logs / place / _FILE, [_scalar(*value) for value in values], time)
    _write(logs / "pooled" / _FILE, list(_pooled(run)), time)
    return logs


def _fold_scalars(run: ReportRun) -> dict[str, list[tuple[str, float, int]]]:
    found: dict[str, list[tuple[str, float, int]]] = {}
    if run.history is not None and {"fold", "seed", "epoch"} <= set(run.history.columns):
        for (fold, seed), rows in run.history.groupby(["fold", "seed"]):
            found.setdefault(_place(fold, seed), []).extend(_history_scalars(rows))
    if run.fits is not None and {"fold", "seed"} <= set(run.fits.columns):
        mark = PEEKED if run.peeked else ""
        for row in run.fits.to_dict("records"):
            values = found.setdefault(_place(row["fold"], row["seed"]), [])
            for column, tag in (
                ("train_accuracy", "fit/training clips"),
                ("held_out_accuracy", f"fit/held-out clips{mark}"),
            ):
                if column in row and row[column] == row[column]:
                    values.append((tag, float(row[column]), int(row.get("epochs") or 0)))
    return found


def _history_scalars(rows: "pd.DataFrame") -> Iterator[tuple[str, float, int]]:
    parts = {"": rows}
    if "part" in rows:
        parts = {str(name): one for name, one in rows.groupby("part")}
    for part, one in parts.items():
        columns = [name for name in one.select_dtypes("number").columns if str(name) not in _KEYS]
        # Inner folds are several trainings of the same epochs; their mean is what was chosen by.
        means = one.groupby("epoch")[columns].mean()
        for column in columns:
            for epoch, value in means[column].dropna().items():
                yield _tag(str(column), part), float(value), int(str(epoch))


def _tag(column: str, part: str) -> str:
    for prefix, name in (("val_", "validation"), ("held_out_", "held out, peeked")):
        if column.startswith(prefix):
            inner = "inner subjects" if part == "inner" else name
            return f"{column.removeprefix(prefix)}/{inner}"
    return f"{column}/training{' of inner folds' if part == 'inner' else ''}"


def _pooled(run: ReportRun) -> Iterator[Any]:
    from keras_ma2mi.evaluation import score_action_unit_seeds, score_seeds
    from ma2mi_recipes.pictures import encode_png

    assert run.predictions is not None
    mark = PEEKED if run.peeked else ""
    if run.predicts_units:
        for metric, value in score_action_unit_seeds(run.predictions).mean.items():
            yield _scalar(f"pooled/{metric}{mark}", value, 0)
    else:
        scores = score_seeds(run.predictions, run.classes)
        for metric, value in scores.mean.items():
            yield _scalar(f"pooled/{metric}{mark}", value, 0)
        yield _image(f"confusion, rows are labels{mark}", encode_png(_matrix(scores.confusion)))
    for heat_map in run.heat_maps:
        kind = "hits" if heat_map.hit else "misses"
        yield _image(f"heat maps, {kind}{mark}/{heat_map.caption}", heat_map.picture)


def _matrix(confusion: Any) -> Any:
    """The confusion matrix as a picture, `(H, W, 3)` uint8: the darker, the larger the share."""
    import cv2

    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    light, dark = np.array([247, 249, 252.0]), np.array([0, 114, 178.0])
    cells = light + shares[..., None] * (dark - light)
    image = np.ascontiguousarray(np.rint(cells).astype(np.uint8).repeat(_CELL, 0).repeat(_CELL, 1))
    for (row, column), count in np.ndenumerate(confusion):
        ink = (255, 255, 255) if shares[row, column] > 0.5 else (28, 34, 48)
        text, place = str(int(count)), (column * _CELL + 6, row * _CELL + _CELL // 2 + 5)
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, ink, 1, cv2.LINE_AA)
    return image


def _place(fold: object, seed: object) -> str:
    return f"seed-{seed}/{str(fold).replace('/', '__')}"


def _scalar(tag: str, value: float, step: int) -> Any:
    from tensorboard.compat.proto import event_pb2, summary_pb2

    content = summary_pb2.Summary.Value(tag=tag, simple_value=value)
    return event_pb2.Event(step=step, summary=summary_pb2.Summary(value=[content]))


def _image(tag: str, picture: bytes) -> Any:
    import cv2
    from tensorboard.compat.proto import event_pb2, summary_pb2

    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    height, width = decoded.shape[:2]
    image = summary_pb2.Summary.Image(
        height=height, width=width, colorspace=3, encoded_image_string=picture
    )
    content = summary_pb2.Summary.Value(tag=tag, image=image)
    return event_pb2.Event(step=0, summary=summary_pb2.Summary(value=[content]))


def _finished(run: ReportRun) -> float:
    # The run's own time: logs written twice are then the same bytes.
    try:
        return datetime.fromisoformat(str(run.info.get("finished"))).timestamp()
    except ValueError:
        return 0.0


def _write(path: Path, events: Sequence[Any], time: float) -> None:
    from tensorboard.compat.proto import event_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter

    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as partial, open(partial, "wb") as file:
        writer = RecordWriter(file)
        for event in [event_pb2.Event(file_version="brain.Event:2"), *events]:
            event.wall_time = time
            writer.write(event.SerializeToString())
