"""Heat maps of a run's held-out clips, drawn over their faces."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.flow_colour import flow_to_colour
from ma2mi_preprocessing.store import ClipStore, StoredClip
from ma2mi_recipes.labelled_clips import key_motion, pair_motion
from ma2mi_recipes.pictures import beside, encode_png, overlay_heat_map
from ma2mi_recipes.run_directory import RunDirectory


def draw_heat_maps(
    run: RunDirectory, store: ClipStore, most: int | None, on_picture: Callable[[], None]
) -> list[Path]:
    """Writes `RUN/heat_maps/<clip>.png`: onset, apex, flow, and the heat map over the apex.

    Of motion that was published, u, v and strain are red, green and blue of one image.

    Each map comes from the model that did not see the clip's subject.

    Raises:
        InputError: Where the store no longer holds a clip of the run.
    """
    with np.load(run.path / "heat_maps.npz") as saved:
        maps, names = saved["maps"], [str(name) for name in saved["clip_id"]]
    known = set(store.clip_ids)
    pictures = []
    for name, heat_map in list(zip(names, maps, strict=True))[:most]:
        if name not in known:
            raise InputError(
                f"{store.path} has no clip {name}; give the store that the run was trained on"
            )
        picture = _picture(store.read(name), heat_map)
        if picture is None:
            continue
        path = run.path / "heat_maps" / f"{name.replace('/', '__')}.png"
        with atomic_path(path) as partial:
            partial.write_bytes(encode_png(picture))
        pictures.append(path)
        on_picture()
    return pictures


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
