"""Optical strain as a layer."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_channels


@ma2mi_export
class OpticalStrain(keras.layers.Layer):
    """Magnitude of the symmetric gradient of a flow: how much skin is stretched or sheared.

    `strain = sqrt(e_xx^2 + e_yy^2 + 2 e_xy^2)` with `e_xx = du/dx`, `e_yy = dv/dy` and
    `e_xy = (du/dy + dv/dx) / 2`, for the pair of frames (not per second). Derivatives are
    central differences inside and one-sided at the borders, as in `numpy.gradient`. A shift of
    the whole face gives exactly 0. The gradient of the layer is finite there too.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        flow: Flow of shape `(..., height, width, 2)` with height and width of 2 or more, in
            pixels: `flow[..., 0]` = u (right is positive), `flow[..., 1]` = v (down).

    Returns:
        The strain (without unit, 0 or greater), of shape `(..., height, width, 1)`: a channel
        axis is kept so that `keras.ops.concatenate([flow, strain], axis=-1)` gives the three
        motion channels u, v, strain.

    Example:

    ```python
    u = np.tile(0.1 * np.arange(8.0), (8, 1))  # stretches by a tenth along x
    flow = np.stack([u, np.zeros_like(u)], axis=-1)[None]
    keras_ma2mi.layers.OpticalStrain()(flow)  # 0.1 everywhere
    ```

    Reference:
        - Shreve et al., "Macro- and micro-expression spotting in long videos using
          spatio-temporal strain", FG 2011.
    """

    def __init__(self, **kwargs: Any) -> None:
        # Neighbouring flow differs by hundredths of a pixel: float16 would round that away.
        super().__init__(autocast=False, **kwargs)
        self.built = True

    def call(self, flow: Tensor) -> Tensor:
        flow = ops.cast(flow, "float32")
        u, v = flow[..., 0:1], flow[..., 1:2]
        shear = _derivative(u, axis=-3) + _derivative(v, axis=-2)
        squared = (
            ops.square(_derivative(u, axis=-2))
            + ops.square(_derivative(v, axis=-3))
            + 0.5 * ops.square(shear)
        )
        # The square root has an infinite slope at 0, which would turn gradients into NaN.
        moves = squared > 0.0
        root = ops.sqrt(ops.where(moves, squared, ops.ones_like(squared)))
        return ops.cast(ops.where(moves, root, ops.zeros_like(root)), self.compute_dtype)

    def compute_output_shape(self, flow_shape: Shape) -> Shape:
        check_channels("flow", flow_shape, 2)
        return (*flow_shape[:-1], 1)

    def get_config(self) -> Config:
        config: Config = super().get_config()
        return config


def _derivative(values: Tensor, axis: int) -> Tensor:
    """Finite differences along the rows (`axis=-3`) or the columns (`axis=-2`) of a map."""
    ahead = _slice(values, axis, slice(1, None)) - _slice(values, axis, slice(None, -1))
    inside = 0.5 * (_slice(ahead, axis, slice(1, None)) + _slice(ahead, axis, slice(None, -1)))
    first = _slice(ahead, axis, slice(None, 1))
    last = _slice(ahead, axis, slice(-1, None))
    return ops.concatenate([first, inside, last], axis=axis)


def _slice(values: Tensor, axis: int, part: slice) -> Tensor:
    return values[(..., part, *[slice(None)] * (-axis - 1))]
