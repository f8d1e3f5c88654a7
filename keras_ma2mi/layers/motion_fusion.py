"""Joins the position map and the action map."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_one_of

FUSIONS = ("add", "gate", "modulate")


@ma2mi_export
class MotionFusion(keras.layers.Layer):
    """Joins where things are (position) and what moved (action) into one map.

    Args:
        kind: `"add"` for `position + action`, as in MMNet; `"gate"` for
            `position + gate * action`, where `gate = sigmoid(dense([position, action]))` decides
            for each place and channel how much of the action counts there; or `"modulate"` for
            `2 * gate * action` with `gate = sigmoid(dense(position))`, where the position weighs
            the action but says nothing by itself: who it is cannot be read off a still face.
            Defaults to `"add"`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        position: Position map of shape `(batch, height, width, channels)`.
        action: Action map of the same shape.

    Returns:
        The fused map, of the same shape.

    Example:

    ```python
    fusion = keras_ma2mi.layers.MotionFusion("gate")
    position, action = keras.random.normal((2, 1, 8, 8, 64))
    fusion(position, action).shape  # (1, 8, 8, 64)
    ```

    Reference:
        - Li et al., "MMNet", IJCAI 2022 (addition). The gates are ours.
    """

    def __init__(self, kind: str = "add", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_one_of("kind", kind, FUSIONS)
        self.kind = kind

    def build(self, position_shape: Shape, action_shape: Shape) -> None:
        _check_same_map(position_shape, action_shape)
        if self.kind != "add":
            channels = position_shape[-1]
            self.gate = keras.layers.Dense(
                channels,
                activation="sigmoid",
                # A modulation begins as the action alone, so that nothing is lost before the
                # position has something to say.
                kernel_initializer="zeros" if self.kind == "modulate" else "glorot_uniform",
                name="gate",
                dtype=self.dtype_policy,
            )
            seen = 1 if self.kind == "modulate" else 2
            self.gate.build((*position_shape[:-1], seen * (channels or 0)))
        self.built = True

    def call(self, position: Tensor, action: Tensor) -> Tensor:
        if self.kind == "modulate":
            return 2 * self.gate(position) * action
        if self.kind == "gate":
            action = action * self.gate(ops.concatenate([position, action], axis=-1))
        return position + action

    def compute_output_shape(self, position_shape: Shape, action_shape: Shape) -> Shape:
        _check_same_map(position_shape, action_shape)
        return position_shape

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update({"kind": self.kind})
        return config


def _check_same_map(position_shape: Shape, action_shape: Shape) -> None:
    if tuple(position_shape[1:]) != tuple(action_shape[1:]):
        raise ValueError(
            "`position` and `action` must have the same height, width and channels. "
            f"Received: position of shape {tuple(position_shape)}, "
            f"action of shape {tuple(action_shape)}"
        )
