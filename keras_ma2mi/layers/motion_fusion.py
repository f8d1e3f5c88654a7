"""Joins the position map and the action map."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_one_of, check_positive

FUSIONS = ("add", "gate", "modulate", "cross_attention")


@ma2mi_export
class MotionFusion(keras.layers.Layer):
    """Joins where things are (position) and what moved (action) into one map.

    - `"add"`: `position + action`, as in MMNet.
    - `"gate"`: `position + gate * action`, where `gate = sigmoid(dense([position, action]))`
      decides for each place and channel how much of the action counts there.
    - `"modulate"`: `2 * gate * action` with `gate = sigmoid(dense(position))`.
    - `"cross_attention"`: `action + attention(query=norm(position), key=norm(action),
      value=action)`. What stands at a place decides which movements, anywhere in the face, are
      fetched to it. Queries and keys are normalised (pre-norm); values are not, because that would
      hide how large a movement was. Needs a known height and width.

    The last two let the position say where to look, but nothing by itself. In the attention it
    only sets weights that sum to 1: the residual is on the action and no projection has a bias,
    so a still face (zero action) gives zero whoever it is, and the same movement at every place
    gives the same map whatever the position. A residual on the position would hand the face's
    identity to the classifier, which learns it sooner than the movement.

    Maps have no padding, so the layer takes no mask.

    Args:
        kind: `"add"`, `"gate"`, `"modulate"` or `"cross_attention"`. Defaults to `"add"`.
        heads: int. Attention heads; must divide the channels. Unused by the other kinds.
            Defaults to `4`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        position: Position map of shape `(batch, height, width, channels)`.
        action: Action map of the same shape.

    Returns:
        The fused map, of the same shape.

    Example:

    ```python
    fusion = keras_ma2mi.layers.MotionFusion("cross_attention", heads=8)
    position, action = keras.random.normal((2, 1, 8, 8, 64))
    fusion(position, action).shape  # (1, 8, 8, 64)
    ```

    Reference:
        - Li et al., "MMNet", IJCAI 2022 (addition). The gates are ours.
        - Vaswani et al., "Attention Is All You Need", NeurIPS 2017 (attention from one sequence
          to another); which map asks, and what is left unnormalised, are our choice.
    """

    def __init__(self, kind: str = "add", heads: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_one_of("kind", kind, FUSIONS)
        check_positive("heads", heads)
        self.kind = kind
        self.heads = heads

    def build(self, position_shape: Shape, action_shape: Shape) -> None:
        _check_same_map(position_shape, action_shape)
        if self.kind == "cross_attention":
            self._build_attention(position_shape)
        elif self.kind != "add":
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

    def _build_attention(self, map_shape: Shape) -> None:
        batch, height, width, channels = map_shape
        if height is None or width is None or channels is None or channels % self.heads != 0:
            raise ValueError(
                "`position` must have a known height and width, and channels that `heads` divides. "
                f"Received: heads={self.heads}, position of shape {tuple(map_shape)}"
            )
        self.position_norm = self._norm("position_norm")
        self.action_norm = self._norm("action_norm")
        for norm in (self.position_norm, self.action_norm):
            norm.build(map_shape)
        self.attention = keras.layers.MultiHeadAttention(
            self.heads,
            channels // self.heads,
            use_bias=False,
            name="attention",
            dtype=self.dtype_policy,
        )
        tokens = (batch, height * width, channels)
        self.attention.build(tokens, tokens, tokens)

    def call(self, position: Tensor, action: Tensor, training: bool | None = None) -> Tensor:
        if self.kind == "cross_attention":
            return action + self._attend(position, action, training)
        if self.kind == "modulate":
            return 2 * self.gate(position) * action
        if self.kind == "gate":
            action = action * self.gate(ops.concatenate([position, action], axis=-1))
        return position + action

    def _attend(self, position: Tensor, action: Tensor, training: bool | None) -> Tensor:
        height, width, channels = action.shape[1:]
        query, key, value = (
            ops.reshape(x, (-1, height * width, channels))
            for x in (self.position_norm(position), self.action_norm(action), action)
        )
        fetched = self.attention(query, value, key, training=training)
        return ops.reshape(fetched, (-1, height, width, channels))

    def compute_output_shape(self, position_shape: Shape, action_shape: Shape) -> Shape:
        _check_same_map(position_shape, action_shape)
        return position_shape

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update({"kind": self.kind, "heads": self.heads})
        return config

    def _norm(self, name: str) -> keras.layers.LayerNormalization:
        return keras.layers.LayerNormalization(epsilon=1e-6, name=name, dtype=self.dtype_policy)


def _check_same_map(position_shape: Shape, action_shape: Shape) -> None:
    if tuple(position_shape[1:]) != tuple(action_shape[1:]):
        raise ValueError(
            "`position` and `action` must have the same height, width and channels. "
            f"Received: position of shape {tuple(position_shape)}, "
            f"action of shape {tuple(action_shape)}"
        )
