"""Heat maps of a run's held-out clips, drawn over their faces."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.flow_colour import flow_to_colour
from ma2mi_preprocessing.store import ClipStore, StoredClip
from ma2mi_recipes.evaluation_sources import first_answers
from ma2mi_recipes.labelled_clips import key_motion, pair_motion
from ma2mi_recipes.pictures import beside, encode_png, overlay_heat_map
from ma2mi_recipes.report.gallery import evenly
from ma2mi_recipes.run_directory import RunDirectory


def draw_heat_maps(
    run: RunDirectory, store: ClipStore, most: int | None, on_picture: Callable[[], None]
) -> list[Path]:
    """Writes `RUN/heat_maps/hit__<clip>.png` and `miss__<clip>.png`, in place of older ones.

    A picture shows onset, apex, flow, and the heat map over the apex. Of motion that was published,
    u, v and strain are red, green and blue of one image. Each map comes from the model that did not
    see the clip's subject.

    Args:
        run: The run directory.
        store: The clips that it was trained on.
        most: Draw only so many, as many right answers as wrong ones where there are enough of
            both, spread over classes and subjects. None draws all.
        on_picture: Called after each.

    Returns:
        The files written.

    Raises:
        InputError: Where the store no longer holds a clip of the run.
    """
    with np.load(run.path / "heat_maps.npz") as saved:
        maps = dict(zip(map(str, saved["clip_id"]), saved["maps"], strict=True))
    if run.info.get("action_units"):
        raise InputError(
            f"{run.path} predicts action units, several a clip; heat maps are drawn of one class"
        )
    known = set(store.clip_ids)
    pictures = []
    for row in _chosen(run, maps, most):
        name = str(row["clip_id"])
        if name not in known:
            raise InputError(
                f"{store.path} has no clip {name}; give the store that the run was trained on"
            )
        picture = _picture(store.read(name), maps[name])
        if picture is None:
            continue
        path = run.path / "heat_maps" / f"{_answer(row)}__{name.replace('/', '__')}.png"
        with atomic_path(path) as partial:
            partial.write_bytes(encode_png(picture))
        pictures.append(path)
        on_picture()
    _forget_others(run, pictures)
    return pictures


def _chosen(
    run: RunDirectory, maps: dict[str, npt.NDArray[np.floating]], most: int | None
) -> list[dict[str, Any]]:
    rows = {str(row["clip_id"]): row for row in first_answers(run.read_table("predictions.csv"))}
    drawable = [rows[name] for name in maps if name in rows]
    return evenly(drawable, lambda row: _answer(row) == "hit", lambda row: str(row["label"]), most)


def _answer(row: dict[str, Any]) -> str:
    return "hit" if row["label"] == row["prediction"] else "miss"


def _forget_others(run: RunDirectory, pictures: list[Path]) -> None:
    # Pictures of an earlier choice would stand in the gallery beside those of this one.
    for old in (run.path / "heat_maps").glob("*.png"):
        if old not in pictures:
            old.unlink()


def _picture(
    stored: StoredClip, heat_map: npt.NDArray[np.floating]
) -> npt.NDArray[np.uint8] | None:
    if stored.motion is not None:
        return _picture_of_motion(stored, heat_map)
    if stored.onset is None or stored.apex is None:
        return None
    onset, apex = (
        np.asarray(stored.frames[stored.onset]),
        np.asarray(stored.frames[stored.apex]),
    )
    flow = pair_motion(stored, (stored.onset, stored.apex), "flow")[..., :2]
    return beside([onset, apex, flow_to_colour(flow), overlay_heat_map(apex, heat_map)])


def _picture_of_motion(
    stored: StoredClip, heat_map: npt.NDArray[np.floating]
) -> npt.NDArray[np.uint8]:
    motion = key_motion(stored, "flow", "minmax")[..., -3:]
    image = np.asarray(np.rint(motion * 255), np.uint8)
    face = [np.asarray(stored.frames[0], np.uint8)] if stored.frames.shape[0] else []
    return beside([*face, image, overlay_heat_map(face[0] if face else image, heat_map)])
