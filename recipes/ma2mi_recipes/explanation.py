"""Heat maps of a run's held-out clips, drawn over their faces."""

from collections.abc import Callable, Container, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.flow_colour import flow_to_colour
from ma2mi_preprocessing.store import ClipStore, StoredClip
from ma2mi_recipes.explained_answers import FOLDER, ExplainedAnswer, explained_answers
from ma2mi_recipes.labelled_clips import key_motion, pair_motion
from ma2mi_recipes.pictures import beside, encode_png, overlay_heat_map
from ma2mi_recipes.report.gallery import evenly
from ma2mi_recipes.run_directory import RunDirectory

HeatMap = npt.NDArray[np.floating]


def draw_heat_maps(
    run: RunDirectory,
    store: ClipStore,
    most: int | None,
    on_picture: Callable[[], None],
    units: Sequence[str] | None = None,
) -> list[Path]:
    """Writes `RUN/heat_maps/hit__<clip>.png` and `miss__<clip>.png`, in place of older ones.

    A picture shows onset, apex, flow, and the heat map over the apex. Of motion that was published,
    u, v and strain are red, green and blue of one image. Each map comes from the model that did not
    see the clip's subject. Pictures of action units lie in a folder for each unit, and show what
    speaks for it whether or not the answer was that the clip shows it.

    Args:
        run: The run directory.
        store: The clips that it was trained on.
        most: Draw only so many, of each action unit where those are predicted: as many right
            answers as wrong ones where there are enough of both, spread over classes and subjects.
            None draws all.
        on_picture: Called after each.
        units: Action units to draw, such as `"AU4"`; None draws all of a run that predicts them.

    Returns:
        The files written.

    Raises:
        InputError: Where the store no longer holds a clip of the run, or the run does not predict
            one of the units, or kept no map of it.
    """
    maps = _maps(run)
    known = set(store.clip_ids)
    pictures = []
    for one in _chosen(run, maps, most, units):
        name = one.clip_id
        if name not in known:
            raise InputError(
                f"{store.path} has no clip {name}; give the store that the run was trained on"
            )
        picture = _picture(store.read(name), maps[name, one.unit])
        if picture is None:
            continue
        path = run.path / FOLDER / one.picture
        with atomic_path(path) as partial:
            partial.write_bytes(encode_png(picture))
        pictures.append(path)
        on_picture()
    _forget_others(run, pictures)
    return pictures


def _maps(run: RunDirectory) -> dict[tuple[str, str | None], HeatMap]:
    """Each map by its clip and, where those are predicted, its action unit."""
    with np.load(run.path / "heat_maps.npz") as saved:
        maps, clips = saved["maps"], list(map(str, saved["clip_id"]))
    if not run.info.get("action_units"):
        return {(clip, None): one for clip, one in zip(clips, maps, strict=True)}
    if maps.ndim != 4:
        raise InputError(
            f"{run.path} was made by a release that kept no heat map of each action unit; repeat "
            "the run"
        )
    return {
        (clip, unit): one
        for clip, of_units in zip(clips, maps, strict=True)
        for unit, one in zip(run.info["classes"], of_units, strict=True)
    }


def _chosen(
    run: RunDirectory,
    maps: Container[tuple[str, str | None]],
    most: int | None,
    units: Sequence[str] | None,
) -> list[ExplainedAnswer]:
    answers = explained_answers(run.read_table("predictions.csv"))
    drawable = [one for one in answers if (one.clip_id, one.unit) in maps]
    wanted: list[str | None] = [*explained_units(run, units)]
    return [
        one
        for unit in wanted or [None]
        for one in evenly(
            [answer for answer in drawable if answer.unit == unit],
            lambda answer: answer.hit,
            lambda answer: answer.label,
            most,
        )
    ]


def explained_units(run: RunDirectory, asked: Sequence[str] | None = None) -> list[str]:
    """The action units to draw: those asked for, else all of the run; none where it has classes.

    Raises:
        InputError: Where the run does not predict one that is asked for.
    """
    predicted = list(run.info["classes"]) if run.info.get("action_units") else []
    if asked is None:
        return predicted
    unknown = [unit for unit in asked if unit not in predicted]
    if unknown:
        what = f"action units {', '.join(predicted)}" if predicted else "classes, no action units"
        raise InputError(
            f"{run.path} predicts {what}: there is no {', '.join(unknown)} to explain; correct "
            "--action-units, or leave it out"
        )
    return list(asked)


def _forget_others(run: RunDirectory, pictures: list[Path]) -> None:
    # Pictures of an earlier choice would stand in the gallery beside those of this one.
    for old in (run.path / FOLDER).rglob("*.png"):
        if old not in pictures:
            old.unlink()


def _picture(stored: StoredClip, heat_map: HeatMap) -> npt.NDArray[np.uint8] | None:
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


def _picture_of_motion(stored: StoredClip, heat_map: HeatMap) -> npt.NDArray[np.uint8]:
    motion = key_motion(stored, "flow", "minmax")[..., -3:]
    image = np.asarray(np.rint(motion * 255), np.uint8)
    face = [np.asarray(stored.frames[0], np.uint8)] if stored.frames.shape[0] else []
    return beside([*face, image, overlay_heat_map(face[0] if face else image, heat_map)])
