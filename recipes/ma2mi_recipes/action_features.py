"""Features of what moves, of whatever network has an action encoder."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from keras_ma2mi.models import MIACNet
from ma2mi_recipes.baselines.grid_features import grid_means
from ma2mi_recipes.batches import as_unit_range
from ma2mi_recipes.fine_tuning.initial_weights import layers_drawn_from
from ma2mi_recipes.labelled_clips import LabelledClips

Values = npt.NDArray[np.float64]

MOTION, ACTION_MAP, ACTION_CODE = "motion", "action map", "action code"
MAP_GRID = 4
_MOTION_GRID = 8
_CLIPS_AT_ONCE = 32


def motion_features(clips: LabelledClips) -> dict[str, Values]:
    """The motion itself, averaged over cells: what features of a network must do better than."""
    return {MOTION: grid_means(clips.motion, min(_MOTION_GRID, clips.size))}


def action_features(model: Any, clips: LabelledClips) -> dict[str, Values]:
    """What a network makes of the motion from onset to apex.

    Args:
        model: Has an `action_encoder`; a `FutureFrameReconstructor`, a `MIACNet`, or what has the
            parts of the first.
        clips: Frames and motion.

    Returns:
        By name `(N, h, w, channels)`: its action map averaged over cells, and its action code,
        where it has one.
    """
    parts: dict[str, list[npt.NDArray[np.float32]]] = {}
    for onset, motion in full_batches(clips):
        for name, values in _features(model, onset, motion).items():
            array = np.asarray(keras.ops.convert_to_numpy(values), np.float32)
            parts.setdefault(name, []).append(array)
    return {name: _pooled(np.concatenate(values)[: len(clips)]) for name, values in parts.items()}


def full_batches(clips: LabelledClips) -> Iterator[tuple[Any, Any]]:
    """Onsets from 0 to 1 and motion, as tensors of one shape: the last batch is filled up."""
    for start in range(0, len(clips), _CLIPS_AT_ONCE):
        rows = np.arange(start, start + _CLIPS_AT_ONCE) % len(clips)
        onset = keras.ops.convert_to_tensor(as_unit_range(clips.onset[rows]))
        yield onset, keras.ops.convert_to_tensor(clips.motion[rows])


def untrained_twin(model: Any, seed: int) -> Any:
    """The same network with weights as they are drawn, by a seed."""
    with layers_drawn_from(seed):
        twin = type(model).from_config(model.get_config())
        if not twin.built:
            twin.build_from_config(model.get_build_config())
    return twin


def _features(model: Any, onset: Any, motion: Any) -> dict[str, Any]:
    action = model.action_encoder(motion, training=False)
    # The encoder of a classifier also gives its attention.
    action = action[0] if isinstance(action, (tuple, list)) else action
    found = {ACTION_MAP: action}
    if isinstance(model, MIACNet):
        return found | _code_of_classifier(model, onset, action)
    coder = getattr(model, "action_code", None)
    if coder is not None:
        position = model.position_encoder(onset, training=False)
        found[ACTION_CODE] = coder.encode(position, action, training=False)
    return found


def _code_of_classifier(model: MIACNet, onset: Any, action: Any) -> dict[str, Any]:
    if model.head != "code":
        return {}
    fused = action
    if model.position_encoder is not None:
        fused = model.get_layer("fusion")(model.position_encoder(onset, training=False), action)
    return {ACTION_CODE: model.get_layer("code")(model.get_layer("flatten")(fused))}


def _pooled(values: npt.NDArray[np.float32]) -> Values:
    if values.ndim == 2:
        return values.astype(np.float64)[:, None, None, :]
    return grid_means(values, min(MAP_GRID, values.shape[1]))
