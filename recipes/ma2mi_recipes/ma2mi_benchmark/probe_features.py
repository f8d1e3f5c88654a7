"""What a pre-trained network makes of micro clips, as one vector a clip."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from ma2mi_recipes.baselines.grid_features import grid_means
from ma2mi_recipes.batches import as_unit_range
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.ma2mi_benchmark.linear_probe import Features
from ma2mi_recipes.ma2mi_benchmark.starts import Start
from ma2mi_recipes.networks import build_reconstructor, load_classifier, load_reconstructor
from ma2mi_recipes.pretraining import PretrainOptions
from ma2mi_recipes.run_directory import RunDirectory

FLOW_GRID = 14
MAP_GRID = 4
_CLIPS_AT_ONCE = 32

Told = tuple[Features, str]
"""Features `(N, D)`, and what they are in words."""


def flow_features(clips: LabelledClips) -> Told:
    """The motion averaged over a grid."""
    return _averaged(clips.motion, FLOW_GRID, "motion")


def untrained_features(options: PretrainOptions, seed: int, clips: LabelledClips) -> Told:
    """Of the network that a pre-training with these options and this seed begins with."""
    keras.utils.set_random_seed(seed)
    model = build_reconstructor(
        options.preset,
        clips.size,
        options.motion,
        options.motion_scaling,
        options.network,
        code_channels=options.code_channels,
    )
    return _reconstructor_features(model, clips)


def start_features(start: Start, clips: LabelledClips) -> Told:
    """Of a finished pre-training.

    Of a reconstruction the code of the whole face, or where its network has none, the action map
    averaged over a grid; of a classification the layer before the classes.
    """
    run = RunDirectory.open(start.folder, "pretrain")
    if isinstance(start.options, PretrainOptions):
        return _reconstructor_features(load_reconstructor(run), clips)
    return _classifier_features(load_classifier(run), clips)


def _reconstructor_features(model: Any, clips: LabelledClips) -> Told:
    code = model.action_code
    whole_face = code is not None and code.units is not None

    def encode(onset: npt.NDArray[np.float32], motion: npt.NDArray[np.float32]) -> Any:
        action = model.action_encoder(motion, training=False)
        if not whole_face:
            return action
        position = model.position_encoder(onset, training=False)
        return code.encode(position, action, training=False)

    values = _encoded(encode, clips)
    if not whole_face:
        return _averaged(values, MAP_GRID, "action map")
    return values.astype(np.float64), f"code of {values.shape[1]}"


def _classifier_features(model: Any, clips: LabelledClips) -> Told:
    before = keras.Model(model.inputs, model.get_layer("logits").input)
    keys = model.input_keys

    def encode(onset: npt.NDArray[np.float32], motion: npt.NDArray[np.float32]) -> Any:
        given = {"onset": onset, "motion": motion}
        return before([given[key] for key in keys], training=False)

    values = _encoded(encode, clips)
    return values.astype(np.float64), f"layer before the classes, {values.shape[1]}"


def _encoded(encode: Callable[..., Any], clips: LabelledClips) -> npt.NDArray[np.float32]:
    parts = [ops.convert_to_numpy(encode(*batch)) for batch in _batches(clips)]
    return np.concatenate(parts)[: len(clips)]


def _batches(
    clips: LabelledClips,
) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    """Onsets from 0 to 1, and motion; the last batch is filled up, for all have one shape."""
    for start in range(0, len(clips), _CLIPS_AT_ONCE):
        rows = np.arange(start, start + _CLIPS_AT_ONCE) % len(clips)
        yield as_unit_range(clips.onset[rows]), clips.motion[rows]


def _averaged(maps: npt.NDArray[np.float32], grid: int, name: str) -> Told:
    side = min(grid, maps.shape[1])
    values = grid_means(maps, side)
    return values.reshape(len(maps), -1), f"{name}, {side}x{side}x{maps.shape[-1]}"
