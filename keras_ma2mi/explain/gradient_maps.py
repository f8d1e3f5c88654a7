"""Grad-CAM: heat maps by the gradient of a logit."""

from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from keras_ma2mi.explain.backend_gradients import input_gradient
from keras_ma2mi.explain.explained_class import explained_classes
from keras_ma2mi.models import MIACNet
from keras_ma2mi.types import Tensor
from keras_ma2mi.validation import check_one_of

_NAMES = ("position_map", "action_map", "fused")


def grad_cam(
    model: MIACNet,
    inputs: dict[str, Any],
    class_index: int | npt.ArrayLike | None = None,
    map_name: str = "fused",
    batch_size: int = 32,
    average: bool = True,
) -> npt.NDArray[np.float32]:
    """Returns Grad-CAM heat maps: what in a map speaks for a class.

    Each channel of the map is weighted by the mean, over places, of the gradient of the logit, and
    of the weighted sum only the positive part is kept: `relu(sum_k mean_places(d logit / d A_k)
    A_k)`. With `head="pool"` and the fused map this is the positive part of
    `class_contribution_maps`; with `head="flatten"` that function is exact and Grad-CAM an
    average, since the head weighs each place by itself. Grad-CAM is the one to take for
    `"action_map"`: what the action alone says, through the fusion.

    With `average=False` each place keeps its own gradient: `relu(sum_k d logit / d A_k A_k)`. The
    mean over places belongs to heads that pool; where the head weighs each place by itself
    (`"flatten"` and `"code"`), a mean of its weights says little, and this is the map to take.

    Only the part of the model after the map is differentiated, in inference mode; no weight,
    statistic or gradient of the model changes. In mixed precision that part computes as the model
    does, and the maps are only as exact as its rounding; in float32 they agree across backends to
    1e-3.

    Args:
        model: A `MIACNet`.
        inputs: Dict of arrays as `model` takes them.
        class_index: The class to explain: an int, one int per sample, or `None` for the class
            predicted for each sample. Defaults to `None`.
        map_name: `"fused"`, `"action_map"` or `"position_map"`, as far as the model has them.
            Defaults to `"fused"`.
        batch_size: int. Samples computed at a time. Defaults to `32`.
        average: bool. Whether gradients are averaged over places. Defaults to `True`.

    Returns:
        Float32 array of shape `(batch, grid, grid)`, 0 or greater, not rescaled. `resize_maps`
        brings it to the size of a picture.

    Raises:
        ValueError: If `class_index` is not a class of the model, or it has no map `map_name`.

    Example:

    ```python
    heat = keras_ma2mi.explain.grad_cam(model, inputs, map_name="action_map")
    picture_sized = keras_ma2mi.explain.resize_maps(heat, (224, 224))
    ```

    Reference:
        - Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
          Localization", ICCV 2017.
        - Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of
          convolutional neural networks", arXiv 2011.08891 (without the average).
    """
    check_one_of("map_name", map_name, [name for name in _NAMES if name in model.maps.output])
    used = {key: inputs[key] for key in model.input_keys}
    outputs = model.maps.predict(used, batch_size=batch_size, verbose=0)
    return grad_cam_of(model, outputs, class_index, map_name, batch_size, average)


def grad_cam_of(
    model: MIACNet,
    outputs: dict[str, Any],
    class_index: int | npt.ArrayLike | None,
    map_name: str,
    batch_size: int,
    average: bool,
) -> npt.NDArray[np.float32]:
    """The same from outputs of `model.maps`."""
    weights = logit_gradient(model, outputs, class_index, map_name, batch_size)
    if average:
        weights = weights.mean(axis=(1, 2), keepdims=True)
    values = np.asarray(outputs[map_name], np.float32)
    heat: npt.NDArray[np.float32] = np.maximum(np.sum(weights * values, axis=-1), 0.0)
    return heat


def logit_gradient(
    model: MIACNet,
    outputs: dict[str, Any],
    class_index: int | npt.ArrayLike | None,
    map_name: str,
    batch_size: int,
) -> npt.NDArray[np.float32]:
    """The gradient of each sample's logit by a map, of the shape of the map.

    Args:
        model: A `MIACNet`.
        outputs: Of `model.maps`.
        class_index, map_name, batch_size: As for `grad_cam`.
    """
    classes = explained_classes(class_index, np.asarray(outputs["logits"]))
    maps = {name: np.asarray(outputs[name], np.float32) for name in _NAMES if name in outputs}
    parts = [
        _gradient_of_batch(
            model,
            {name: values[start : start + batch_size] for name, values in maps.items()},
            map_name,
            classes[start : start + batch_size],
        )
        for start in range(0, len(classes), batch_size)
    ]
    return np.concatenate(parts) if parts else maps[map_name]


def _gradient_of_batch(
    model: MIACNet,
    maps: dict[str, npt.NDArray[np.float32]],
    map_name: str,
    classes: npt.NDArray[np.intp],
) -> npt.NDArray[np.float32]:
    def explained_logits(values: Tensor) -> Tensor:
        # Samples do not see each other in inference mode: the gradient of the sum of their logits
        # is that of each logit by its own map.
        logits = _logits(model, {**maps, map_name: values}, fuse=map_name != "fused")
        return ops.sum(logits * ops.one_hot(classes, logits.shape[-1], dtype=logits.dtype))

    return input_gradient(explained_logits, maps[map_name])


def _logits(model: MIACNet, maps: dict[str, Any], fuse: bool) -> Tensor:
    """The rest of the model after its maps.

    Its layers are called one by one: a second Keras model of them would leave its traces in the
    graph of the first.
    """
    fused = maps["fused"]
    if fuse:
        branches = [maps[name] for name in ("position_map", "action_map") if name in maps]
        fused = branches[0] if len(branches) == 1 else model.get_layer("fusion")(*branches)
    steps = ["flatten", "code"] if model.head == "code" else [model.head]
    for name in [*steps, "logits"]:
        fused = model.get_layer(name)(fused)
    return fused
