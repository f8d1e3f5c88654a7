"""Predicts the latent map of a near-future frame."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers.metaformer_block import MetaFormerBlock
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_one_of, check_positive

# Gaps between the two frames are fractions of a second; a fifth is typical of a micro-expression.
_TYPICAL_GAP_SECONDS = 0.2

MIXINGS = ("add", "multiply")


@ma2mi_export
class LatentPredictor(keras.layers.Layer):
    """Predicts a future map from a position map, a narrow action code, and the time gap.

    All three are projected to the same width and joined, then convolutional `MetaFormerBlock`s
    let neighbouring places interact, and a dense layer gives the predicted map. Convolutions
    rather than attention: action should explain what changes near the place where it happens.

    How a movement changes a picture is nearly its product with the picture's gradient: what
    doesn't move doesn't change, and what is flat doesn't either. `"multiply"` offers that
    product from the start, where `"add"` leaves it to be found by the blocks.

    Args:
        output_channels: int. Channels of the predicted map.
        channels: int or `None`. Width inside. Defaults to `None`, the channels of the
            position map.
        depth: int. Number of blocks. Defaults to `2`.
        mlp_ratio: float. Hidden units of each block's MLP per channel. Defaults to `2.0`.
        mixing: `"add"` (`position + code`) or `"multiply"` (`code * (1 + position)`). Defaults to
            `"add"`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        position: Position map of shape `(batch, height, width, channels)`.
        code: Action code of shape `(batch, height, width, code_channels)`. All zero means that
            nothing is known of the motion: the code is projected without a bias.
        gap: Time between the frames in seconds, of shape `(batch, 1)`, or `None` where the
            prediction does not depend on it.
        detail: Map of shape `(batch, height, width, any)` of what stands at each place in more
            detail than `position` has, such as the pixels of a patch, or `None`. Without it a
            future picture cannot be told: how a place changes depends on edges that a map at low
            resolution has lost.

    Returns:
        The predicted map, of shape `(batch, height, width, output_channels)`.

    Example:

    ```python
    predictor = keras_ma2mi.layers.LatentPredictor(output_channels=64)
    position = keras.random.normal((2, 8, 8, 64))
    code = keras.random.normal((2, 8, 8, 4))
    predictor(position, code, gap=np.array([[0.1], [0.2]])).shape  # (2, 8, 8, 64)
    ```
    """

    def __init__(
        self,
        output_channels: int,
        channels: int | None = None,
        depth: int = 2,
        mlp_ratio: float = 2.0,
        mixing: str = "add",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_one_of("mixing", mixing, MIXINGS)
        check_positive("output_channels", output_channels)
        if channels is not None:
            check_positive("channels", channels)
        check_positive("depth", depth)
        check_positive("mlp_ratio", mlp_ratio)
        self.output_channels = output_channels
        self.channels = channels
        self.depth = depth
        self.mlp_ratio = mlp_ratio
        self.mixing = mixing

    def build(
        self,
        position_shape: Shape,
        code_shape: Shape,
        gap_shape: Shape | None = None,
        detail_shape: Shape | None = None,
    ) -> None:
        channels = self.channels or position_shape[-1]
        inner_shape = (*position_shape[:-1], channels)
        self.position_projection = self._dense(channels, "position_projection")
        self.code_projection = self._dense(channels, "code_projection", use_bias=False)
        self.position_projection.build(position_shape)
        self.code_projection.build(code_shape)
        if gap_shape is not None:
            self.gap_hidden = self._dense(channels, "gap_hidden", activation="gelu")
            self.gap_projection = self._dense(channels, "gap_projection")
            self.gap_hidden.build((gap_shape[0], 2))
            self.gap_projection.build((gap_shape[0], channels))
        if detail_shape is not None:
            self.detail_hidden = self._dense(
                2 * (channels or 0), "detail_hidden", activation="gelu"
            )
            self.detail_projection = self._dense(channels, "detail_projection")
            self.detail_hidden.build(detail_shape)
            self.detail_projection.build((*detail_shape[:-1], 2 * (channels or 0)))
        self.blocks = [
            MetaFormerBlock(
                "convolution",
                mlp_ratio=self.mlp_ratio,
                name=f"block_{index}",
                dtype=self.dtype_policy,
            )
            for index in range(self.depth)
        ]
        self.norm = keras.layers.LayerNormalization(
            epsilon=1e-6, name="norm", dtype=self.dtype_policy
        )
        # Starts by predicting zero: unlearning a random prediction would take many steps.
        self.head = self._dense(self.output_channels, "head", kernel_initializer="zeros")
        for layer in (*self.blocks, self.norm, self.head):
            layer.build(inner_shape)
        self.built = True

    def call(
        self,
        position: Tensor,
        code: Tensor,
        gap: Tensor | None = None,
        detail: Tensor | None = None,
        training: bool | None = None,
    ) -> Tensor:
        x, where = self.code_projection(code), self.position_projection(position)
        if detail is not None:
            where = where + self.detail_projection(self.detail_hidden(detail))
        x = x * (1 + where) if self.mixing == "multiply" else x + where
        if gap is not None:
            relative = gap / _TYPICAL_GAP_SECONDS
            features = ops.concatenate([relative, ops.log1p(relative)], axis=-1)
            embedding = self.gap_projection(self.gap_hidden(features))
            x = x + embedding[:, None, None, :]
        for block in self.blocks:
            x = block(x, training=training)
        return self.head(self.norm(x))

    def compute_output_shape(
        self,
        position_shape: Shape,
        code_shape: Shape,
        gap_shape: Shape | None = None,
        detail_shape: Shape | None = None,
    ) -> Shape:
        return (*position_shape[:-1], self.output_channels)

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update(
            {
                "output_channels": self.output_channels,
                "channels": self.channels,
                "depth": self.depth,
                "mlp_ratio": self.mlp_ratio,
                "mixing": self.mixing,
            }
        )
        return config

    def _dense(self, units: int | None, name: str, **kwargs: Any) -> keras.layers.Dense:
        return keras.layers.Dense(units, name=name, dtype=self.dtype_policy, **kwargs)
