"""The layout in which convolutional layers compute; their inputs and outputs are channels-last.

PyTorch convolves channels-first, and Keras copies a channels-last map twice for each convolution
there. Transposing is a mere view, so that under PyTorch these layers work channels-first within.
Weights do not depend on it: Keras keeps kernels in one order for both.
"""

import keras
from keras import ops

from keras_ma2mi.types import Shape, Tensor


def is_channels_first() -> bool:
    """Whether layers compute channels-first within."""
    return bool(keras.config.backend() == "torch")


def data_format() -> str:
    """The `data_format` of layers within."""
    return "channels_first" if is_channels_first() else "channels_last"


def channel_axis() -> int:
    """The axis of the channels within."""
    return 1 if is_channels_first() else -1


def to_inner(x: Tensor) -> Tensor:
    """Turns a channels-last map `(batch, height, width, channels)` into the layout within."""
    return ops.transpose(x, (0, 3, 1, 2)) if is_channels_first() else x


def from_inner(x: Tensor) -> Tensor:
    """Turns a map from the layout within into a channels-last one."""
    return ops.transpose(x, (0, 2, 3, 1)) if is_channels_first() else x


def inner_shape(shape: Shape) -> Shape:
    """The shape within of a channels-last map of `shape`."""
    batch, height, width, channels = shape
    return (batch, channels, height, width) if is_channels_first() else tuple(shape)


def convolved_shape(shape: Shape, strides: int, filters: int) -> Shape:
    """The channels-last shape of a channels-last map of `shape` behind a "same" convolution."""
    batch, *sides, _ = shape
    return (batch, *(side if side is None else -(-side // strides) for side in sides), filters)
