"""The stages of a network's encoders: which are held fast, and how fast the others learn."""

from typing import Any, Literal

import keras

from ma2mi_preprocessing.errors import InputError

Freeze = Literal["none", "first", "encoders", "body"]

Stage = list[Any]
"""Layers, and variables that belong to no layer of a stage alone."""


def encoder_stages(network: keras.Model) -> list[list[Stage]]:
    """The stages of each encoder of a `MIACNet`, from its input to its map.

    Raises:
        InputError: Where the network has no encoders.
    """
    encoders = []
    action = getattr(network, "action_encoder", None)
    if action is not None:
        stem = [*action.stem, *action.stem_norms]
        code = [action.code] if action.code is not None else []
        encoders.append([stem, *([block] for block in action.blocks[:-1])])
        encoders[-1].append([action.blocks[-1], *code])
    position = getattr(network, "position_encoder", None)
    if position is not None:
        patches = [position.patch_embedding, position.position_embedding]
        encoders.append([patches, *([block] for block in position.blocks[:-1])])
        encoders[-1].append([position.blocks[-1], position.norm])
    if not encoders:
        raise InputError(
            "this model has no encoders that could be frozen or learn slower; leave --freeze and "
            "--layer-decay out"
        )
    return encoders


def frozen_parts(network: keras.Model, freeze: Freeze) -> list[Any]:
    """What `freeze` holds fast: nothing, the first half of each encoder, or all of them.

    `"body"` stands for all but the last linear step: fusion and code (of `head="code"`) as well.
    """
    if freeze == "none":
        return []
    parts = [
        part
        for stages in encoder_stages(network)
        for stage in (stages[: len(stages) // 2] if freeze == "first" else stages)
        for part in stage
    ]
    if freeze == "body":
        parts += [layer for layer in network.layers if layer.name in ("fusion", "code")]
    return parts


def rate_factors(network: keras.Model, layer_decay: float) -> dict[str, float]:
    """Factor of the learning rate of each variable, by its path.

    Head and fusion have 1; the last stage of each encoder has `layer_decay`, the one before it the
    square of that, and so on towards the input.

    Reference:
        Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification", ACL 2018
        (discriminative fine-tuning).
    """
    factors = {variable.path: 1.0 for variable in network.trainable_variables}
    if layer_decay == 1.0:
        return factors
    for stages in encoder_stages(network):
        for depth, stage in enumerate(reversed(stages), start=1):
            for variable in variables_of(stage):
                factors[variable.path] = layer_decay**depth
    return factors


def variables_of(parts: Stage) -> list[Any]:
    """The variables of layers and variables, those that are never trained among them."""
    found: list[Any] = []
    for part in parts:
        found += part.variables if isinstance(part, keras.layers.Layer) else [part]
    return found
