"""What a run's model says of one pair of aligned faces, and what it looked at."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_ma2mi.explain import class_contribution_maps
from keras_ma2mi.models import MIACNet
from ma2mi_preprocessing.flow import optical_flow_tvl1
from ma2mi_preprocessing.magnification import magnify_motion
from ma2mi_preprocessing.motion import motion_features, to_gray
from ma2mi_recipes.batches import as_unit_range
from ma2mi_recipes.motion_of_clips import brought_to
from ma2mi_recipes.packaged_runs import weights_words
from ma2mi_recipes.smaller_motion import averaged_down, averaged_frame, sees_smaller
from ma2mi_recipes.zero_shot_model import ZERO_SHOT_NOTE, answers_of


@dataclass(frozen=True)
class ClassifiedPair:
    """An onset and an apex with their class.

    Attributes:
        probabilities: Class, or action unit, to probability.
        label: The most probable class, or action unit.
        onset_face: `(S, S, 3)` uint8. `apex_face` likewise, magnified as in training.
        flow: `(S, S, 2)` float32, onset to apex, pixels of the aligned face.
        heat_map: `(h, w)` float32, what each place adds to the label's logit.
    """

    probabilities: dict[str, float]
    label: str
    onset_face: npt.NDArray[np.uint8]
    apex_face: npt.NDArray[np.uint8]
    flow: npt.NDArray[np.float32]
    heat_map: npt.NDArray[np.float32]

    @property
    def largest_flow(self) -> float:
        """Length of the longest flow vector, pixels."""
        return float(np.linalg.norm(self.flow, axis=-1).max())


def classify_pair(
    network: MIACNet, info: dict[str, Any], pair: npt.NDArray[np.uint8]
) -> ClassifiedPair:
    """Classifies the movement between two faces as the run's training clips were made.

    Args:
        network: The run's final model.
        info: The run's description.
        pair: `(2, S, S, 3)` uint8 RGB, onset and apex.
    """
    how = info.get("magnification")
    if how:
        pair = magnify_motion(pair, how["factor"], method=how["method"], onset=0)
    onset, apex = pair
    kind, seen = info["options"]["motion"], onset
    measured = motion_features(onset, apex, kind=kind)
    if sees_smaller(info):
        size = int(network.inputs[0].shape[1])
        measured, seen = averaged_down(measured, size, kind=kind), averaged_frame(onset, size)
    scaling = info["options"].get("motion_scaling", "pixels")
    motion = brought_to(measured, "pixels", scaling)
    values = {"onset": as_unit_range(seen[None]), "motion": motion[None]}
    batch = {name: values[name] for name in network.input_keys}
    probabilities = answers_of(network, info, batch, 1)[0]
    named = dict(zip(info["classes"], probabilities.tolist(), strict=True))
    return ClassifiedPair(
        probabilities=named,
        label=max(named, key=named.__getitem__),
        onset_face=onset,
        apex_face=apex,
        flow=optical_flow_tvl1(to_gray(onset), to_gray(apex)),
        heat_map=class_contribution_maps(network, batch)[0],
    )


def notes_on_model(info: dict[str, Any]) -> list[str]:
    """What a reader must know of the run before believing its predictions."""
    notes = []
    if info.get("weights"):
        notes.append(weights_words(info["weights"]))
    if info.get("action_units"):
        notes.append("Each action unit is judged by itself; the label is the likeliest of them.")
    if info.get("magnification"):
        notes.append(
            f"Movement was magnified {info['magnification']['factor']:g} times, as in the clips "
            "that the model was trained on."
        )
    if info.get("zero_shot"):
        notes.append(ZERO_SHOT_NOTE)
    elif info.get("rendered"):
        notes.append(
            "The model was trained on rendered clips only: its classes mean nothing for a person."
        )
    return notes
