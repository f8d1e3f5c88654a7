"""Squeezes what moved to a code that is too narrow to copy a frame through."""

from math import prod
from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers.motion_fusion import MotionFusion
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_positive


@ma2mi_export
class ActionCode(keras.layers.Layer):
    """A narrow code of the action map, and the map that tells a predictor of it.

    Without `units` each place is squeezed by itself: the code says what moved, place by place.
    With `units` the whole face is squeezed to a few numbers and unfolded to a map again: they can
    say which muscles moved and how strongly, and little else. These steps are linear and without
    bias, so that no action gives a code of zeros (but with the fusions `"add"` and `"gate"`, which
    show the position), and a code of zeros tells of nothing.

    Args:
        channels: int. Channels of the map that comes out. Defaults to `8`.
        units: int or `None`. Numbers of the code of the whole face. Defaults to `None`.
        fusion: `None`, or a kind of `MotionFusion`: then the code is one of the position and the
            action map together, so that a movement can be read by what stands where it is.
            Defaults to `None`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        position: Position map of shape `(batch, height, width, any)`; with `fusion` it has the
            shape of `action`.
        action: Action map of shape `(batch, height, width, any)`.

    Returns:
        Map of shape `(batch, height, width, channels)`.

    Example:

    ```python
    layer = keras_ma2mi.layers.ActionCode(channels=8, units=24)
    position, action = keras.random.normal((2, 4, 8, 8, 64))
    layer(position, action).shape  # (4, 8, 8, 8)
    layer.encode(position, action).shape  # (4, 24)
    ```

    Reference:
        - Li et al., "From Macro to Micro: Boosting micro-expression recognition via pre-training
          on macro-expression videos", arXiv 2405.16451. That the action is squeezed, and how, is
          our reading.
    """

    def __init__(
        self,
        channels: int = 8,
        units: int | None = None,
        fusion: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_positive("channels", channels)
        if units is not None:
            check_positive("units", units)
        self.channels = channels
        self.units = units
        self.fusion_kind = fusion
        self.fusion = (
            None if fusion is None else MotionFusion(fusion, name="fusion", dtype=self.dtype_policy)
        )

    def build(self, position_shape: Shape, action_shape: Shape) -> None:
        if self.fusion is not None:
            self.fusion.build(position_shape, action_shape)
        self.squeeze = self._dense(self.units or self.channels, "squeeze")
        self.unfold = None
        if self.units is None:
            self.squeeze.build(action_shape)
        else:
            height, width, channels = _known(action_shape)
            self.squeeze.build((action_shape[0], height * width * channels))
            self.unfold = self._dense(height * width * self.channels, "unfold")
            self.unfold.build((action_shape[0], self.units))
        self.built = True

    def encode(self, position: Tensor, action: Tensor, training: bool | None = None) -> Tensor:
        """The code itself: `(batch, units)`, or a map `(batch, height, width, channels)`."""
        if self.fusion is not None:
            action = self.fusion(position, action, training=training)
        if self.units is not None:
            action = ops.reshape(action, (-1, prod(action.shape[1:])))
        return self.squeeze(action)

    def call(self, position: Tensor, action: Tensor, training: bool | None = None) -> Tensor:
        code = self.encode(position, action, training=training)
        if self.unfold is None:
            return code
        return ops.reshape(self.unfold(code), (-1, *action.shape[1:3], self.channels))

    def compute_output_shape(self, position_shape: Shape, action_shape: Shape) -> Shape:
        return (*action_shape[:-1], self.channels)

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update({"channels": self.channels, "units": self.units, "fusion": self.fusion_kind})
        return config

    def _dense(self, units: int, name: str) -> keras.layers.Dense:
        return keras.layers.Dense(units, use_bias=False, name=name, dtype=self.dtype_policy)


def _known(action_shape: Shape) -> tuple[int, int, int]:
    height, width, channels = action_shape[1:]
    if height is None or width is None or channels is None:
        raise ValueError(
            "`action` must have a known height and width for a code of the whole face. "
            f"Received: action of shape {tuple(action_shape)}"
        )
    return height, width, channels
