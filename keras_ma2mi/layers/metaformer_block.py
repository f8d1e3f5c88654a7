"""A residual block that mixes places, then channels."""

from typing import Any

import keras

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers.stochastic_depth import StochasticDepth
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_fraction, check_one_of, check_positive

MIXERS = ("attention", "convolution")


@ma2mi_export
class MetaFormerBlock(keras.layers.Layer):
    """Pre-normalised residual block over a map: a token mixer, then an MLP at each place.

    `x = x + mixer(norm(x))`, then `x = x + mlp(norm(x))`. With `mixer="attention"` every place of
    the map attends to every other (a ViT block); with `mixer="convolution"` a depthwise 3x3
    convolution mixes neighbours. Maps have no padding, so the block takes no mask.

    Args:
        mixer: `"attention"` or `"convolution"`. Defaults to `"attention"`.
        heads: int. Attention heads; must divide the channels. Unused by the convolution.
            Defaults to `4`.
        mlp_ratio: float. Hidden units of the MLP per channel. Defaults to `4.0`.
        drop_path: float. Probability that a sample skips a residual branch in training, for each
            of the two branches (see `StochasticDepth`), in the range `[0, 1)`. Defaults to `0.0`.
        seed: int or `None`. Seed of these draws. Defaults to `None`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Map of shape `(batch, height, width, channels)` with known height and width.

    Returns:
        The mixed map, of the same shape.

    Example:

    ```python
    block = keras_ma2mi.layers.MetaFormerBlock(mixer="convolution", mlp_ratio=2)
    block(keras.random.normal((1, 8, 8, 32))).shape  # (1, 8, 8, 32)
    ```

    Reference:
        - Yu et al., "MetaFormer Is Actually What You Need for Vision", CVPR 2022.
        - Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021.
    """

    def __init__(
        self,
        mixer: str = "attention",
        heads: int = 4,
        mlp_ratio: float = 4.0,
        drop_path: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_one_of("mixer", mixer, MIXERS)
        check_positive("heads", heads)
        check_positive("mlp_ratio", mlp_ratio)
        check_fraction("drop_path", drop_path)
        self.mixer = mixer
        self.heads = heads
        self.mlp_ratio = mlp_ratio
        self.drop_path = drop_path
        self.seed = seed

    def build(self, inputs_shape: Shape) -> None:
        channels = inputs_shape[-1]
        if channels is None or (self.mixer == "attention" and channels % self.heads != 0):
            raise ValueError(
                "`heads` must divide the channels of `inputs`. "
                f"Received: heads={self.heads}, inputs of shape {tuple(inputs_shape)}"
            )
        self.mixer_norm = self._norm("mixer_norm")
        self.mlp_norm = self._norm("mlp_norm")
        for norm in (self.mixer_norm, self.mlp_norm):
            norm.build(inputs_shape)
        self._build_mixer(inputs_shape, channels)
        hidden = max(1, round(channels * self.mlp_ratio))
        self.expand = keras.layers.Dense(
            hidden, activation="gelu", name="expand", dtype=self.dtype_policy
        )
        self.contract = keras.layers.Dense(channels, name="contract", dtype=self.dtype_policy)
        self.expand.build(inputs_shape)
        self.contract.build((*inputs_shape[:-1], hidden))
        self.mixer_drop = self._drop(0, "mixer_drop")
        self.mlp_drop = self._drop(1, "mlp_drop")
        self.built = True

    def _build_mixer(self, inputs_shape: Shape, channels: int) -> None:
        if self.mixer == "attention":
            batch, height, width, _ = inputs_shape
            if height is None or width is None:
                raise ValueError(
                    "`inputs` must have a known height and width. "
                    f"Received: inputs of shape {tuple(inputs_shape)}"
                )
            self.attention = keras.layers.MultiHeadAttention(
                self.heads, channels // self.heads, name="attention", dtype=self.dtype_policy
            )
            tokens = (batch, height * width, channels)
            self.attention.build(tokens, tokens)
            self.to_tokens = keras.layers.Reshape(tokens[1:], dtype=self.dtype_policy)
            self.to_map = keras.layers.Reshape(inputs_shape[1:], dtype=self.dtype_policy)
        else:
            self.convolution = keras.layers.DepthwiseConv2D(
                3,
                padding="same",
                data_format="channels_last",
                name="convolution",
                dtype=self.dtype_policy,
            )
            self.convolution.build(inputs_shape)

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        mixed = self._mix(self.mixer_norm(inputs), training)
        x = inputs + self.mixer_drop(mixed, training=training)
        expanded = self.contract(self.expand(self.mlp_norm(x)))
        return x + self.mlp_drop(expanded, training=training)

    def _mix(self, x: Tensor, training: bool | None) -> Tensor:
        if self.mixer == "convolution":
            return self.convolution(x)
        tokens = self.to_tokens(x)
        return self.to_map(self.attention(tokens, tokens, training=training))

    def compute_output_shape(self, inputs_shape: Shape) -> Shape:
        return inputs_shape

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update(
            {
                "mixer": self.mixer,
                "heads": self.heads,
                "mlp_ratio": self.mlp_ratio,
                "drop_path": self.drop_path,
                "seed": self.seed,
            }
        )
        return config

    def _norm(self, name: str) -> keras.layers.LayerNormalization:
        return keras.layers.LayerNormalization(epsilon=1e-6, name=name, dtype=self.dtype_policy)

    def _drop(self, index: int, name: str) -> StochasticDepth:
        # With one seed for both, the two branches of a sample would always fall together.
        seed = None if self.seed is None else self.seed + index
        return StochasticDepth(self.drop_path, seed, name=name, dtype=self.dtype_policy)
