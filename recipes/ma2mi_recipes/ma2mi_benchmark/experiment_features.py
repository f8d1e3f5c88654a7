"""What a pre-trained network makes of micro clips, as one vector a clip."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from ma2mi_recipes.action_features import (
    ACTION_CODE,
    ACTION_MAP,
    action_features,
    full_batches,
)
from ma2mi_recipes.baselines.grid_features import grid_means
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.ma2mi_benchmark.logistic_probe import Features
from ma2mi_recipes.ma2mi_benchmark.starts import Start
from ma2mi_recipes.networks import build_reconstructor, load_classifier, load_reconstructor
from ma2mi_recipes.pretraining import PretrainOptions
from ma2mi_recipes.run_directory import RunDirectory

FLOW_GRID = 14

Told = tuple[Features, str]
"""Features `(N, D)`, and what they are in words."""


def flow_features(clips: LabelledClips) -> Told:
    """The motion averaged over a grid."""
    return _averaged(grid_means(clips.motion, min(FLOW_GRID, clips.size)), "motion")


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
    found, code = action_features(model, clips), model.action_code
    if code is None or code.units is None:
        return _averaged(found[ACTION_MAP], "action map")
    values = found[ACTION_CODE].reshape(len(clips), -1)
    return values, f"code of {values.shape[1]}"


def _classifier_features(model: Any, clips: LabelledClips) -> Told:
    before = keras.Model(model.inputs, model.get_layer("logits").input)
    parts = []
    for onset, motion in full_batches(clips):
        given = {"onset": onset, "motion": motion}
        values = before([given[key] for key in model.input_keys], training=False)
        parts.append(keras.ops.convert_to_numpy(values))
    features = np.concatenate(parts)[: len(clips)].astype(np.float64)
    return features, f"layer before the classes, {features.shape[1]}"


def _averaged(maps: npt.NDArray[Any], name: str) -> Told:
    sides = f"{maps.shape[1]}x{maps.shape[2]}x{maps.shape[3]}"
    return maps.reshape(len(maps), -1).astype(np.float64), f"{name}, {sides}"
