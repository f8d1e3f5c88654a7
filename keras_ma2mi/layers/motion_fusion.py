"""Joins the position map and the action map."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_one_of

FUSIONS = ("add", "gate")


@ma2mi_export
class MotionFusion(keras.layers.Layer):
    """Joins where things are (position) and what moved (action) into one map.

    Args:
        kind: `"add"` for `position + action`, as in MMNet, or `"gate"` for
            `position + gate * action`, where `gate = sigmoid(dense([position, action]))` decides
            for each place and channel how much of the action counts there. Defaults to `"add"`.
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
        - Li et al., "MMNet", IJCAI 2022 (addition). The gate is ours.
    """

    def __init__(self, kind: str = "add", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_one_of("kind", kind, FUSIONS)
        self.kind = kind

    def build(self, position_shape: Shape, action_shape: Shape) -> None:
        _check_same_map(position_shape, action_shape)
        if self.kind == "gate":
            channels = position_shape[-1]
            self.gate = keras.layers.Dense(
                channels, activation="sigmoid", name="gate", dtype=self.dtype_policy
            )
            self.gate.build((*position_shape[:-1], 2 * (channels or 0)))
        self.built = True

    def call(self, position: Tensor, action: Tensor) -> Tensor:
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
