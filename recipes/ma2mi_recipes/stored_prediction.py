"""Class probabilities of clips that are preprocessed already: a store, or one motion file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pandas as pd

from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.precomputed_motion import read_motion_clip
from ma2mi_preprocessing.store import ClipStore
from ma2mi_recipes.batches import as_unit_range
from ma2mi_recipes.labelled_clips import key_motion, magnification_of, onset_frame
from ma2mi_recipes.motion_of_clips import (
    ReadClip,
    agreed_scaling,
    brought_to,
    check_same_shape,
    scaling_of,
    why_not_motion,
)
from ma2mi_recipes.networks import load_classifier, names_of
from ma2mi_recipes.packaged_runs import weights_words
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.smaller_motion import averaged_down, averaged_frame, sees_smaller
from ma2mi_recipes.zero_shot_model import ZERO_SHOT_NOTE, answers_of

_BATCH = 64


@dataclass(frozen=True)
class ClipPredictions:
    """What a model says of many clips.

    Attributes:
        source: Store or file.
        model: The run directory.
        classes: The model's classes.
        table: `clip_id`, `dataset`, `subject`, `label` (empty where unknown), `prediction`, and
            one probability a class.
        left_out: Clips that the model cannot take, with the reason.
        notes: What a reader must know before believing the rest.
    """

    source: str
    model: str
    classes: list[str]
    table: pd.DataFrame
    left_out: dict[str, str]
    notes: list[str]

    def as_json(self) -> dict[str, Any]:
        """Everything but the table."""
        return {
            "source": self.source,
            "model": self.model,
            "classes": self.classes,
            "clips": len(self.table),
            "left_out": self.left_out,
            "notes": self.notes,
            "backend": keras.config.backend(),
        }


def predict_store(store: ClipStore, run: RunDirectory) -> ClipPredictions:
    """Classifies every clip of a store with a run's final model.

    Raises:
        InputError: Where no clip can be used, or the store was magnified, scaled or sized in
            another way than the model's.
    """
    trained, found = run.info.get("magnification") or {}, magnification_of(store)
    if trained != found:
        raise InputError(
            f"{store.path} has {_magnified(found)}, but {run.label} was trained on "
            f"{_magnified(trained)}; preprocess in the same way"
        )
    clips = [store.read(clip_id) for clip_id in store.clip_ids]
    return _predict(store.path, clips, run)


def predict_motion_file(
    source: Path, run: RunDirectory, scaling: str = "", channels: str = ""
) -> ClipPredictions:
    """Classifies one file of precomputed motion; `scaling` and `channels` as in a manifest."""
    clip = Clip(
        clip_id=source.stem.strip(),
        source=source.resolve(),
        kind="motion",
        motion_scaling=scaling,
        motion_channels=channels,
    )
    return _predict(source, [read_motion_clip(clip)], run)


def _predict(source: Path, clips: Sequence[ReadClip], run: RunDirectory) -> ClipPredictions:
    network, info = load_classifier(run), run.info
    motion = info["options"]["motion"]
    wanted: MotionScaling = info["options"].get("motion_scaling", "pixels")
    needs_onset = "onset" in network.input_keys
    left_out: dict[str, str] = {}
    usable: list[ReadClip] = []
    for clip in clips:
        reason = why_not_motion(clip, motion)
        if reason is None and needs_onset and not clip.frames.shape[0]:
            reason = "it has no onset frame, which the model's position branch needs"
        if reason is None:
            usable.append(clip)
        else:
            left_out[clip.clip.clip_id] = reason
    if not usable:
        name, reason = next(iter(left_out.items()))
        raise InputError(f"no clip of {source} can be classified; {name}: {reason}")
    agreed_scaling(source, usable, wanted)
    notes = _notes(usable, wanted, info)
    motions = {clip.clip.clip_id: _motion(clip, network, info) for clip in usable}
    check_same_shape(source, {name: values.shape for name, values in motions.items()})
    _check_size(source, network, next(iter(motions.values())).shape)
    values = {
        "motion": np.stack(list(motions.values())),
        "onset": as_unit_range(np.stack([_onset(clip, network, info) for clip in usable])),
    }
    batch = {name: values[name] for name in network.input_keys}
    probabilities = answers_of(network, info, batch, min(_BATCH, len(usable)))
    table = _table(usable, info["classes"], probabilities)
    return ClipPredictions(str(source), run.label, info["classes"], table, left_out, notes)


def _motion(clip: ReadClip, network: Any, info: dict[str, Any]) -> npt.NDArray[np.float32]:
    motion, wanted = info["options"]["motion"], info["options"].get("motion_scaling", "pixels")
    size = int(next(iter(network.inputs)).shape[1])
    measured = key_motion(clip, motion, scaling_of(clip))
    if sees_smaller(info) and min(measured.shape[:2]) >= size:
        measured = averaged_down(measured, size, scaling_of(clip), motion)
    return brought_to(measured, scaling_of(clip), wanted)


def _onset(clip: ReadClip, network: Any, info: dict[str, Any]) -> npt.NDArray[np.uint8]:
    frame, size = onset_frame(clip), int(next(iter(network.inputs)).shape[1])
    return averaged_frame(frame, size) if sees_smaller(info) else frame


def _check_size(source: Path, network: Any, shape: tuple[int, ...]) -> None:
    size = int(next(iter(network.inputs)).shape[1])
    if shape[0] != size:
        raise InputError(
            f"motion in {source} is {shape[1]}x{shape[0]}, but the model takes {size}x{size}; "
            "compute it at that size"
        )


def _notes(clips: list[ReadClip], wanted: MotionScaling, info: dict[str, Any]) -> list[str]:
    notes = [weights_words(info["weights"])] if info.get("weights") else []
    converted = sum(scaling_of(clip) != wanted for clip in clips)
    if converted:
        notes.append(
            f"The motion of {converted} clips was min-max scaled, as that of the model's clips."
        )
    if info.get("zero_shot"):
        notes.append(ZERO_SHOT_NOTE)
    elif info.get("rendered"):
        notes.append(
            "The model was trained on rendered clips only: its classes mean nothing for a person."
        )
    return notes


def _table(clips: list[ReadClip], classes: list[str], probabilities: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "clip_id": [clip.clip.clip_id for clip in clips],
            "dataset": [clip.clip.dataset for clip in clips],
            "subject": [clip.clip.subject for clip in clips],
            "label": [clip.clip.label or "" for clip in clips],
            "prediction": [classes[best] for best in probabilities.argmax(axis=1)],
        }
    )
    table[names_of(classes)] = probabilities.round(6)
    return table


def _magnified(magnification: dict[str, Any]) -> str:
    if not magnification:
        return "frames without magnification"
    return f"frames magnified {magnification['factor']:g} times ({magnification['method']})"
