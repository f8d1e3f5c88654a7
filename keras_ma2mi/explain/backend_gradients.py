"""The one place that knows how each backend differentiates: Keras has no common call for it."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from keras_ma2mi.types import Tensor


def input_gradient(
    function: Callable[[Tensor], Tensor], point: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """Returns the gradient of `function` at `point`.

    Args:
        function: From a float32 tensor to a scalar, of Keras operations and layers.
        point: The array at which to differentiate.

    Returns:
        Float32 array of the shape of `point`.

    Raises:
        NotImplementedError: Under a backend that cannot differentiate, such as NumPy.
    """
    backend = keras.config.backend()
    if backend not in _GRADIENTS:
        raise NotImplementedError(
            f"gradients need the backend {', '.join(_GRADIENTS)}; Keras runs on {backend}"
        )
    tensor = keras.ops.convert_to_tensor(np.asarray(point, np.float32))
    gradient = _GRADIENTS[backend](function, tensor)
    return np.asarray(keras.ops.convert_to_numpy(gradient), np.float32)


# Whoever runs Keras on a backend has it installed; nobody else pays for the import.


def _tensorflow_gradient(function: Any, point: Tensor) -> Tensor:
    import tensorflow

    with tensorflow.GradientTape() as tape:
        tape.watch(point)
        value = function(point)
    return tape.gradient(value, point)


def _jax_gradient(function: Any, point: Tensor) -> Tensor:
    import jax

    return jax.grad(function)(point)


def _torch_gradient(function: Any, point: Tensor) -> Tensor:
    import torch

    point = point.detach().requires_grad_()
    # Asked for this tensor alone, so that no weight of the model collects a `.grad`.
    with torch.enable_grad():
        return torch.autograd.grad(function(point), point)[0]


_GRADIENTS: dict[str, Callable[[Any, Tensor], Tensor]] = {
    "tensorflow": _tensorflow_gradient,
    "jax": _jax_gradient,
    "torch": _torch_gradient,
}
