"""Bringing maps to another size by averaging, with nothing skipped between two samples."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_positive


def area_weights(source: int, target: int) -> npt.NDArray[np.float32]:
    """How much each of `source` pixels in a row counts in each of `target` cells of equal width.

    Args:
        source: int. Pixels along one side.
        target: int. Cells along the same side.

    Returns:
        Float32 array of shape `(target, source)` whose rows sum to 1: the part of the cell that
        lies in the pixel.

    Raises:
        ValueError: If a number is not positive.
    """
    check_positive("source", source)
    check_positive("target", target)
    edges = np.arange(target + 1) * (source / target)
    pixels = np.arange(source)
    ends = np.minimum(edges[1:, None], pixels + 1)
    starts = np.maximum(edges[:-1, None], pixels)
    overlap = np.maximum(ends - starts, 0.0)
    return np.asarray(overlap / overlap.sum(axis=1, keepdims=True), np.float32)


@ma2mi_export
class AreaResizing(keras.layers.Layer):
    """Brings maps to `size` by `size` places, each the mean of the area that it covers.

    Every pixel counts with the part of it that a place covers, so that small movements are
    averaged and never skipped, as sampling would, and the mean over the map stays what it was.
    It is two products with constant matrices: the same on every backend, and exact where the
    sizes divide. Values keep their unit: flow in pixels of the larger map stays in those pixels.

    Args:
        size: int. Height and width wanted.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Maps of shape `(batch, height, width, channels)`.

    Returns:
        Maps of shape `(batch, size, size, channels)`, in the layer's compute dtype.

    Example:

    ```python
    motion = np.ones((1, 64, 48, 3), "float32")
    keras_ma2mi.layers.AreaResizing(28)(motion).shape  # (1, 28, 28, 3), all ones
    ```
    """

    def __init__(self, size: int = 28, **kwargs: Any) -> None:
        # A mean over many faint pixels is what float16 is worst at.
        super().__init__(autocast=False, **kwargs)
        check_positive("size", size)
        self.size = int(size)

    def build(self, inputs_shape: Shape) -> None:
        _, height, width, _ = inputs_shape
        if height is None or width is None:
            raise ValueError(
                "`inputs` must have a known height and width. "
                f"Received: inputs of shape {tuple(inputs_shape)}"
            )
        self._rows = area_weights(height, self.size)
        self._columns = area_weights(width, self.size)
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        x = ops.cast(inputs, "float32")
        x = ops.einsum("ih,bhwc->biwc", ops.convert_to_tensor(self._rows), x)
        x = ops.einsum("jw,biwc->bijc", ops.convert_to_tensor(self._columns), x)
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, inputs_shape: Shape) -> Shape:
        return (inputs_shape[0], self.size, self.size, inputs_shape[-1])

    def get_config(self) -> Config:
        config: Config = super().get_config()
        return {**config, "size": self.size}
