"""All heat maps of what moves, from one pass through a classifier."""

from typing import Any

import numpy as np
import numpy.typing as npt

from keras_ma2mi.explain.attention import attention_name
from keras_ma2mi.explain.contributions import contributions_of
from keras_ma2mi.explain.gradient_maps import logit_gradient
from keras_ma2mi.explain.responses import response_lengths
from keras_ma2mi.models import MIACNet

ACTION_MAPS = ("response", "attention", "action_contribution", "contribution")
"""Kinds of `action_maps`."""


def action_maps(
    model: MIACNet, inputs: dict[str, Any], batch_size: int = 32
) -> dict[str, npt.NDArray[np.float32]]:
    """Returns the kinds of heat maps that tell where a classifier with an action branch looks.

    - `"response"`: how strongly the action branch answers to the motion, see
      `action_response_maps`.
    - `"attention"`: what its last attention lets through, see `attention_maps`.
    - `"action_contribution"`: what the motion says for the predicted class, through the fusion:
      the gradient of the logit at each place times how far its features are from those of no
      motion, where that is positive. With a linear head and the fusion `"add"` the sum of both
      signs is exactly by how much the motion changes the logit.
    - `"contribution"`: what each place of both branches together says for it, see
      `class_contribution_maps`.

    The network runs once for all of them, and in batches of one size, so that it is compiled once
    however many samples come.

    Args:
        model: A `MIACNet` with an action branch.
        inputs: Dict of arrays as `model` takes them.
        batch_size: int. Samples computed at a time; one of them is a sample without motion.
            Defaults to `32`.

    Returns:
        Dict of float32 arrays of shape `(batch, h, w)`, each as large as its map in the network.
        `resize_maps` brings them to one size.

    Raises:
        ValueError: If the model has no action branch, or there is no sample.
    """
    attention = attention_name(model, -1)
    used = {key: np.asarray(inputs[key], np.float32) for key in model.input_keys}
    count = len(used["motion"])
    if not count:
        raise ValueError("`inputs` must have a sample. Received: none")
    outputs = _outputs(model, used, batch_size)
    samples = {name: values[1:] for name, values in outputs.items()}
    action, still = samples["action_map"], outputs["action_map"][:1]
    gradient = logit_gradient(model, samples, None, "action_map", batch_size)
    return {
        "response": response_lengths(action, still),
        "attention": samples[attention][..., 0],
        "action_contribution": np.maximum(np.sum(gradient * (action - still), axis=-1), 0.0),
        "contribution": contributions_of(model, samples, None),
    }


def _outputs(
    model: MIACNet, inputs: dict[str, npt.NDArray[np.float32]], batch_size: int
) -> dict[str, npt.NDArray[np.float32]]:
    """The maps of a sample without motion, then those of all samples."""
    first = {name: values[:1].copy() for name, values in inputs.items()}
    first["motion"][:] = 0.0
    together = {name: np.concatenate([first[name], values]) for name, values in inputs.items()}
    count = len(together["motion"])
    parts = []
    for start in range(0, count, batch_size):
        rows = np.arange(start, start + batch_size) % count
        batch = {name: values[rows] for name, values in together.items()}
        parts.append(model.maps.predict_on_batch(batch))
    return {
        name: np.concatenate([np.asarray(part[name], np.float32) for part in parts])[:count]
        for name in parts[0]
    }
