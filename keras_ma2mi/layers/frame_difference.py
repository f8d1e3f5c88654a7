"""The difference of two frames as a layer."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor


@ma2mi_export
class FrameDifference(keras.layers.Layer):
    """Subtracts a reference frame from a later one, in units of 0 to 1.

    The subtraction is done in float32 whatever the dtype policy: near white, float16 cannot tell
    apart values closer than 1/2048, and a micro-expression changes pixels by a few of 255 levels.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        reference: Images of shape `(..., height, width)` or `(..., height, width, channels)`,
            uint8 from 0 to 255 (divided by 255 here) or float from 0 to 1.
        moving: Later images of the same shape and dtype.

    Returns:
        `moving - reference`, from -1 to 1, of the same shape, in the layer's compute dtype.

    Example:

    ```python
    onset = np.full((1, 8, 8, 3), 100, "uint8")
    apex = np.full((1, 8, 8, 3), 151, "uint8")
    keras_ma2mi.layers.FrameDifference()(onset, apex)  # 0.2 everywhere
    ```
    """

    def __init__(self, **kwargs: Any) -> None:
        # Autocast would round the frames to float16 before they are subtracted.
        super().__init__(autocast=False, **kwargs)
        self.built = True

    def call(self, reference: Tensor, moving: Tensor) -> Tensor:
        return ops.cast(_unit_range(moving) - _unit_range(reference), self.compute_dtype)

    def compute_output_shape(self, reference_shape: Shape, moving_shape: Shape) -> Shape:
        if tuple(reference_shape) != tuple(moving_shape):
            raise ValueError(
                "`reference` and `moving` must have the same shape. "
                f"Received: reference of shape {tuple(reference_shape)}, "
                f"moving of shape {tuple(moving_shape)}"
            )
        return reference_shape

    def get_config(self) -> Config:
        config: Config = super().get_config()
        return config


def _unit_range(images: Tensor) -> Tensor:
    is_float = keras.backend.is_float_dtype(images.dtype)
    images = ops.cast(images, "float32")
    return images if is_float else images / 255.0
