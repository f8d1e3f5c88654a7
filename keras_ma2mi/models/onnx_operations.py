"""What an export to ONNX needs: operations that ONNX has, and inputs that can be traced.

Keras composes `gelu` and `argmax` under TensorFlow of operations (`Erfc`, `Bitcast`) that tf2onnx
1.17 leaves as they are, and onnxruntime refuses such a file. Both have equals for inference.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import sqrt
from typing import Any

import keras
from keras import ops

from keras_ma2mi.layers import continuous_attention
from keras_ma2mi.models.layer_tree import layers_within
from keras_ma2mi.types import Tensor


@contextmanager
def onnx_operations(model: Any) -> Iterator[None]:
    """While it is open, calls of `model` are made of operations that every converter knows.

    The outputs are the same but for rounding. For inference only, and for one thread.
    """
    with_gelu = [
        layer
        for layer in layers_within(model)
        if getattr(layer, "activation", None) is keras.activations.gelu
    ]
    by_index = continuous_attention._maximum
    for layer in with_gelu:
        layer.activation = _gelu
    # The maximum is picked by its index for the sake of its gradient, which an export has not.
    continuous_attention._maximum = _maximum
    try:
        yield
    finally:
        continuous_attention._maximum = by_index
        for layer in with_gelu:
            layer.activation = keras.activations.gelu


def onnx_signature(model: Any) -> Any:
    """Returns the inputs with which a functional model is exported where the user gives none.

    Under PyTorch, Keras traces a batch of any size in a way that takes sizes for tensors, and
    fails: one sample then. `None` elsewhere, for Keras to choose.
    """
    if keras.config.backend() != "torch":
        return None
    specs = [
        keras.InputSpec(shape=(1, *tensor.shape[1:]), dtype=tensor.dtype, name=tensor.name)
        for tensor in model.inputs
    ]
    return [specs]


def _gelu(x: Tensor) -> Tensor:
    return 0.5 * x * (1.0 + ops.erf(x / sqrt(2.0)))


def _maximum(x: Tensor, axis: int) -> Tensor:
    return ops.max(x, axis=axis, keepdims=True)
