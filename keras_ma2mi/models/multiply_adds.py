"""Counts the multiply-adds of a model without running it."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import keras

from keras_ma2mi.models.layer_tree import layers_within
from keras_ma2mi.types import Shape


def count_multiply_adds(model: Any, inputs_shape: Shape | dict[str, Shape] | None = None) -> int:
    """Returns the number of multiply-adds of one forward pass of one sample.

    Counted are convolutions, dense layers (also `EinsumDense`) and multi-head attention, each time
    they are called, with their weights and their two products. Not counted is what is small beside
    them or does not multiply: biases, normalisation, activations, pooling, element-wise products,
    and arithmetic in layers of other kinds (recurrent ones among them).

    Args:
        model: A built Keras model or layer. Its state and its weights do not change.
        inputs_shape: Shape of the input, or a dict of shapes for a dict of inputs; the batch size
            in it does not matter. Defaults to `None`, the inputs of a functional model.

    Returns:
        int. FLOPs as other tools give them are about twice as many.

    Raises:
        ValueError: If the model is not built, or if a size other than the batch is not known.

    Example:

    ```python
    layer = keras.layers.Dense(5)
    layer.build((None, 4))
    keras_ma2mi.models.count_multiply_adds(layer, (None, 4))  # 20
    ```
    """
    if not model.built:
        raise ValueError("`model` must be built: call it once. Received: model without weights")
    inputs = _symbolic_inputs(model, inputs_shape)
    counts: list[int] = []
    trace = _Trace(model, counts)
    with _recorded(model, counts):
        trace.compute_output_spec(inputs)
    return sum(counts)


class _Trace(keras.Operation):
    """The model as an operation whose shapes are inferred anew, with nothing computed."""

    def __init__(self, model: Any, counts: list[int]) -> None:
        super().__init__()
        self.model, self.counts = model, counts

    def call(self, inputs: Any) -> Any:
        # A backend may try more than once; the last try went through.
        self.counts.clear()
        return self.model(inputs)


def _symbolic_inputs(model: Any, inputs_shape: Any) -> Any:
    if inputs_shape is None:
        tensors = getattr(model, "inputs", None)
        if not tensors:
            raise ValueError(
                "`inputs_shape` must be given for a model that is not functional. "
                "Received: inputs_shape=None"
            )
        symbolic = [_one_sample(tensor.shape, tensor.dtype) for tensor in tensors]
        return symbolic[0] if len(symbolic) == 1 else symbolic
    if isinstance(inputs_shape, dict):
        return {name: _one_sample(shape) for name, shape in inputs_shape.items()}
    return _one_sample(inputs_shape)


def _one_sample(shape: Shape, dtype: str = "float32") -> Any:
    if None in shape[1:]:
        raise ValueError(
            "`inputs_shape` must be known but for the batch: the number of multiply-adds depends "
            f"on it. Received: inputs_shape={tuple(shape)}"
        )
    return keras.KerasTensor((1, *shape[1:]), dtype=dtype)


@contextmanager
def _recorded(model: Any, counts: list[int]) -> Iterator[None]:
    """While it is open, each call of a counted layer inside `model` appends its multiply-adds."""
    watched = []
    for layer in layers_within(model):
        for kinds, rule in _RULES:
            if isinstance(layer, kinds):
                # Past Keras' own bookkeeping of attributes, which is closed once a layer is built.
                object.__setattr__(layer, "call", _recording(layer, rule, counts))
                watched.append(layer)
    try:
        yield
    finally:
        for layer in watched:
            object.__delattr__(layer, "call")


def _recording(layer: Any, rule: Callable[..., int], counts: list[int]) -> Callable[..., Any]:
    original = layer.call
    signature = inspect.signature(original)

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        outputs = original(*args, **kwargs)
        counts.append(
            rule(layer, list(signature.bind(*args, **kwargs).arguments.values()), outputs)
        )
        return outputs

    return call


def _size(tensor: Any) -> int:
    return prod(int(side) for side in tensor.shape)


def _convolution(layer: Any, inputs: list[Any], outputs: Any) -> int:
    return _size(layer.kernel) * (_size(outputs) // int(layer.kernel.shape[-1]))


def _transposed_convolution(layer: Any, inputs: list[Any], outputs: Any) -> int:
    return _size(layer.kernel) * (_size(inputs[0]) // int(layer.kernel.shape[-1]))


def _depthwise_convolution(layer: Any, inputs: list[Any], outputs: Any) -> int:
    return _size(layer.kernel) * (_size(outputs) // prod(layer.kernel.shape[-2:]))


def _separable_convolution(layer: Any, inputs: list[Any], outputs: Any) -> int:
    places = _size(outputs) // int(layer.pointwise_kernel.shape[-1])
    return (_size(layer.depthwise_kernel) + _size(layer.pointwise_kernel)) * places


def _dense(layer: Any, inputs: list[Any], outputs: Any) -> int:
    return _size(layer.kernel) * (_size(inputs[0]) // int(layer.kernel.shape[0]))


def _einsum_dense(layer: Any, inputs: list[Any], outputs: Any) -> int:
    _, kernel_letters, output_letters = layer.equation.replace("->", ",").split(",")
    sides = zip(kernel_letters, layer.kernel.shape, strict=True)
    contracted = prod(int(side) for letter, side in sides if letter not in output_letters)
    return contracted * _size(outputs)


def _attention(layer: Any, inputs: list[Any], outputs: Any) -> int:
    # The projections are layers of their own; left are queries times keys, and weights times
    # values.
    query, value = inputs[0], inputs[1]
    pairs = (_size(query) // int(query.shape[-1])) * (_size(value) // int(value.shape[-1]))
    return pairs * layer.num_heads * (layer.key_dim + layer.value_dim)


_RULES: tuple[tuple[tuple[type, ...], Callable[..., int]], ...] = (
    ((keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D), _convolution),
    (
        (
            keras.layers.Conv1DTranspose,
            keras.layers.Conv2DTranspose,
            keras.layers.Conv3DTranspose,
        ),
        _transposed_convolution,
    ),
    ((keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D), _depthwise_convolution),
    ((keras.layers.SeparableConv1D, keras.layers.SeparableConv2D), _separable_convolution),
    ((keras.layers.Dense,), _dense),
    ((keras.layers.EinsumDense,), _einsum_dense),
    ((keras.layers.MultiHeadAttention,), _attention),
)
