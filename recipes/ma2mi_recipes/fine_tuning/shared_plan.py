"""A plan on disk, so that many processes fit folds of it with one copy of its clips in memory."""

import pickle
from pathlib import Path

import numpy as np

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_recipes.fine_tuning.plan import TrainPlan

_BODY, _ARRAYS = "plan.pickle", "plan.arrays"
_ALIGNMENT = 64


def share_plan(plan: TrainPlan, folder: Path) -> None:
    """Writes the plan into a folder: all arrays into one file that processes map into memory."""
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(plan, protocol=5, buffer_callback=buffers.append)
    places = []
    with atomic_path(folder / _ARRAYS) as partial, partial.open("wb") as file:
        for buffer in buffers:
            file.write(b"\0" * (-file.tell() % _ALIGNMENT))
            raw = buffer.raw()
            places.append((file.tell(), raw.nbytes))
            file.write(raw)
    with atomic_path(folder / _BODY) as partial:
        partial.write_bytes(pickle.dumps((body, places)))


def shared_plan(folder: Path) -> TrainPlan:
    """The plan that `share_plan` wrote; its arrays cannot be written to."""
    body, places = pickle.loads((folder / _BODY).read_bytes())
    empty = (folder / _ARRAYS).stat().st_size == 0
    raw = np.empty(0, np.uint8) if empty else np.memmap(folder / _ARRAYS, np.uint8, mode="r")
    buffers = [raw[start : start + length] for start, length in places]
    plan = pickle.loads(body, buffers=buffers)
    assert isinstance(plan, TrainPlan)
    return plan
