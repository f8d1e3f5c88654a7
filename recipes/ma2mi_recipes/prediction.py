"""From a face video to key frames, class probabilities and a heat map."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from keras_ma2mi.explain import class_contribution_maps
from keras_ma2mi.models import MIACNet
from ma2mi_preprocessing.datasets.manifest import Clip
from ma2mi_preprocessing.flow import optical_flow_tvl1
from ma2mi_preprocessing.magnification import magnify_motion
from ma2mi_preprocessing.motion import motion_features, to_gray
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.process_clip import process_clip
from ma2mi_preprocessing.spotting import KeyFrames, find_strongest_event, motion_curve
from ma2mi_recipes.batches import as_unit_range
from ma2mi_recipes.motion_of_clips import brought_to
from ma2mi_recipes.networks import class_probabilities, load_classifier
from ma2mi_recipes.run_directory import RunDirectory

_LONGEST_DISTANCE_CURVE = 6.0
_GAP_SECONDS = 0.1
# Noise alone reaches about this, see `KeyFrames.contrast`.
_CLEAR_CONTRAST = 10.0


@dataclass(frozen=True)
class Prediction:
    """What is known of one video.

    Attributes:
        title: What a person reads above the picture.
        video: The file.
        model: The run directory.
        fps: Frames a second of the video.
        first_frame: Index in the video of the first aligned frame; `curve` starts there.
        curve: `(T,)` float32, movement in pixels of the aligned face; `curve_of` says which.
        key_frames: `onset`, `apex`, `offset`: frame indices of the video.
        probabilities: Class to probability.
        label: The most probable class.
        onset_face: `(S, S, 3)` uint8. `apex_face` likewise.
        flow: `(S, S, 2)` float32, onset to apex, pixels of the aligned face.
        heat_map: `(h, w)` float32, what each place adds to the label's logit.
        notes: What a reader must know before believing the rest.
    """

    title: str
    video: str
    model: str
    fps: float
    first_frame: int
    curve: npt.NDArray[np.float32]
    curve_of: str
    key_frames: dict[str, int]
    probabilities: dict[str, float]
    label: str
    onset_face: npt.NDArray[np.uint8]
    apex_face: npt.NDArray[np.uint8]
    flow: npt.NDArray[np.float32]
    heat_map: npt.NDArray[np.float32]
    notes: list[str]

    @property
    def largest_flow(self) -> float:
        """Length of the longest flow vector, pixels."""
        return float(np.linalg.norm(self.flow, axis=-1).max())

    def as_json(self) -> dict[str, Any]:
        """Everything but the pictures."""
        values = asdict(self)
        for name in ("title", "onset_face", "apex_face", "flow"):
            del values[name]
        values["curve"] = [round(float(value), 5) for value in self.curve]
        values["heat_map"] = np.round(self.heat_map, 5).tolist()
        values["seconds"] = {name: frame / self.fps for name, frame in self.key_frames.items()}
        values["backend"] = keras.config.backend()
        return values


def predict_video(
    video: Path, run: RunDirectory, detector: str, detector_model: str | None
) -> Prediction:
    """Finds the strongest movement of a face video and classifies it with a run's final model.

    Raises:
        InputError: Where the video has no usable face, or the run no model.
    """
    network = load_classifier(run)
    info = run.info
    size = int(next(iter(network.inputs)).shape[1])
    options = PreprocessOptions(
        size=size, detector=detector, detector_model=detector_model, pairs="key"
    )
    processed = process_clip(Clip(clip_id=video.stem, source=video.resolve()), options)
    frames = np.asarray(processed.frames)
    keys = find_strongest_event(frames, processed.fps)
    curve, curve_of = _curve(frames, keys.onset, processed.fps)
    onset, apex = _as_trained(frames[[keys.onset, keys.apex]], info)
    motion = brought_to(
        motion_features(onset, apex, kind=info["options"]["motion"]),
        "pixels",
        info["options"].get("motion_scaling", "pixels"),
    )
    probabilities, heat_map = _classify(network, onset, motion)
    named = dict(zip(info["classes"], probabilities.tolist(), strict=True))
    label = max(named, key=named.__getitem__)
    shift = processed.first_frame
    return Prediction(
        title=f"{video.name}: {label} ({named[label]:.0%}), model {run.name}",
        video=str(video),
        model=str(run.path),
        fps=processed.fps,
        first_frame=shift,
        curve=curve,
        curve_of=curve_of,
        key_frames={name: getattr(keys, name) + shift for name in ("onset", "apex", "offset")},
        probabilities=named,
        label=label,
        onset_face=onset,
        apex_face=apex,
        flow=optical_flow_tvl1(to_gray(onset), to_gray(apex)),
        heat_map=heat_map,
        notes=_notes(info, keys),
    )


def _as_trained(
    pair: npt.NDArray[np.uint8], info: dict[str, Any]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Onset and apex, magnified where those were that the model learnt from."""
    how = info.get("magnification")
    if how:
        pair = magnify_motion(pair, how["factor"], method=how["method"], onset=0)
    return pair[0], pair[1]


def _curve(
    frames: npt.NDArray[np.uint8], onset: int, fps: float
) -> tuple[npt.NDArray[np.float32], str]:
    # Over a long video the head turns away from how it was at the onset; speed stays readable.
    if len(frames) > _LONGEST_DISTANCE_CURVE * fps:
        gap = max(1, round(_GAP_SECONDS * fps))
        return motion_curve(frames, gap=gap), f"movement in {gap / fps:.2f} s"
    return motion_curve(frames, reference=onset), "distance from the onset"


def _classify(
    network: MIACNet, onset: npt.NDArray[np.uint8], motion: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
    values = {"onset": as_unit_range(onset[None]), "motion": motion[None]}
    batch = {name: values[name] for name in network.input_keys}
    probabilities = class_probabilities(network, batch, batch_size=1)[0]
    return probabilities, class_contribution_maps(network, batch)[0]


def _notes(info: dict[str, Any], keys: KeyFrames) -> list[str]:
    notes = []
    if info.get("magnification"):
        notes.append(
            f"Movement was magnified {info['magnification']['factor']:g} times, as in the clips "
            "that the model was trained on."
        )
    if info.get("rendered"):
        notes.append(
            "The model was trained on rendered clips only: its classes mean nothing for a person."
        )
    if keys.contrast < _CLEAR_CONTRAST:
        notes.append("No movement stands out from the noise; the key frames found mean little.")
    return notes
