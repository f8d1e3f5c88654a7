"""Splits a logit over the places of the face."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from keras_ma2mi.explain.explained_class import explained_classes
from keras_ma2mi.models import MIACNet


def class_contribution_maps(
    model: MIACNet,
    inputs: dict[str, Any],
    class_index: int | npt.ArrayLike | None = None,
    batch_size: int = 32,
) -> npt.NDArray[np.float32]:
    """Returns how much each place of the fused map adds to the logit of a class.

    The head of `MIACNet` is linear in the fused map, so the logit is exactly the bias plus a sum
    of one term a place, and these terms are returned: an explanation of the head that needs no
    gradient, no threshold and no rescaling, and is the same on every backend. (With `head="pool"`
    it is the class activation map divided by the number of places.) Each place of the fused map
    has itself seen a neighbourhood, and with the transformer the whole face.

    Args:
        model: A `MIACNet`.
        inputs: Dict of arrays as `model` takes them.
        class_index: The class to explain: an int, one int per sample, or `None` for the class
            predicted for each sample. Defaults to `None`.
        batch_size: int. Samples computed at a time. Defaults to `32`.

    Returns:
        Float32 array of shape `(batch, grid, grid)`, in units of the logit; negative where a
        place speaks against the class. The sum over a map is the logit minus the bias.

    Raises:
        ValueError: If `class_index` is not a class of the model.

    Example:

    ```python
    heat = keras_ma2mi.explain.class_contribution_maps(model, {"onset": onset, "motion": motion})
    ```

    Reference:
        - Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016.
    """
    used = {key: inputs[key] for key in model.input_keys}
    outputs = model.maps.predict(used, batch_size=batch_size, verbose=0)
    return contributions_of(model, outputs, class_index)


def contributions_of(
    model: MIACNet, outputs: dict[str, Any], class_index: int | npt.ArrayLike | None
) -> npt.NDArray[np.float32]:
    """The same from outputs of `model.maps`."""
    fused = np.asarray(outputs["fused"], np.float32)
    batch, height, width, channels = fused.shape
    classes = explained_classes(class_index, np.asarray(outputs["logits"]))
    kernel = _kernel(model, "logits")
    if model.head == "code":
        kernel = _kernel(model, "code") @ kernel
    if model.head == "pool":
        weights = kernel.T[classes].reshape(batch, 1, 1, channels) / (height * width)
    else:
        weights = kernel.T[classes].reshape(batch, height, width, channels)
    maps: npt.NDArray[np.float32] = np.sum(fused * weights, axis=-1, dtype=np.float32)
    return maps


def _kernel(model: MIACNet, layer: str) -> npt.NDArray[np.float32]:
    return np.asarray(keras.ops.convert_to_numpy(model.get_layer(layer).kernel), np.float32)
