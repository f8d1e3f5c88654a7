"""The branch that sees only where things are."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers.metaformer_block import MetaFormerBlock
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_fraction, check_one_of, check_positive

_MIXER_OF_KIND = {"transformer": "attention", "convolution": "convolution"}


@ma2mi_export
class PositionEncoder(keras.layers.Layer):
    """Encodes a frame at low resolution: where eyes, brows and mouth are, not how they move.

    The frame is averaged down to the grid of the action map, each place becomes a vector (a dense
    layer on its colour plus a learned position embedding), and a few blocks let the places look at
    each other. With the defaults this is the position branch of MMNet. Maps have no padding, so
    the layer takes no mask.

    Args:
        kind: `"transformer"` (global self-attention, as in MMNet) or `"convolution"` (depthwise
            3x3 convolutions, cheaper on large grids). Defaults to `"transformer"`.
        grid: int. Height and width of the map. Must divide height and width of the frame.
            Defaults to `14`.
        channels: int. Channels of the map. Defaults to `512`.
        depth: int. Number of blocks. Defaults to `2`.
        heads: int. Attention heads (transformer only). Defaults to `4`.
        mlp_ratio: float. Hidden units of each block's MLP per channel. Defaults to `4.0`.
        drop_path: float. Probability that a sample skips a residual branch of the last block in
            training, in the range `[0, 1)`. Block `i` of `n` has `drop_path * i / n`: later blocks
            are easier to miss. Defaults to `0.0`.
        seed: int or `None`. Seed of these draws. Defaults to `None`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        frame: RGB images of shape `(batch, height, width, 3)`, float from 0 to 1.

    Returns:
        The position map, of shape `(batch, grid, grid, channels)`.

    Example:

    ```python
    encoder = keras_ma2mi.layers.PositionEncoder(grid=8, channels=64)
    encoder(keras.random.uniform((2, 64, 64, 3))).shape  # (2, 8, 8, 64)
    ```

    Reference:
        - Li et al., "MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition",
          IJCAI 2022. That the position branch of MIACNet looks like MMNet's is our reading.
        - Huang et al., "Deep Networks with Stochastic Depth", ECCV 2016 (`drop_path`).
    """

    def __init__(
        self,
        kind: str = "transformer",
        grid: int = 14,
        channels: int = 512,
        depth: int = 2,
        heads: int = 4,
        mlp_ratio: float = 4.0,
        drop_path: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        # Autocast would round the frame before its mean grey is taken off, which is most of its
        # value, and bfloat16 has only 128 levels from mid-grey to white.
        super().__init__(autocast=False, **kwargs)
        check_one_of("kind", kind, tuple(_MIXER_OF_KIND))
        for name, value in (("grid", grid), ("channels", channels), ("depth", depth)):
            check_positive(name, value)
        check_fraction("drop_path", drop_path)
        if kind == "transformer" and channels % heads != 0:
            raise ValueError(
                f"`heads` must divide `channels`. Received: heads={heads}, channels={channels}"
            )
        self.kind = kind
        self.grid = grid
        self.channels = channels
        self.depth = depth
        self.heads = heads
        self.mlp_ratio = mlp_ratio
        self.drop_path = drop_path
        self.seed = seed

    def build(self, frame_shape: Shape) -> None:
        self._pool_size(frame_shape)
        grid_shape = (frame_shape[0], self.grid, self.grid, frame_shape[-1])
        map_shape = self.compute_output_shape(frame_shape)
        self.patch_embedding = keras.layers.Dense(
            self.channels, name="patch_embedding", dtype=self.dtype_policy
        )
        self.patch_embedding.build(grid_shape)
        self.position_embedding = self.add_weight(
            name="position_embedding",
            shape=map_shape[1:],
            initializer=keras.initializers.TruncatedNormal(stddev=0.02),
        )
        self.blocks = [self._block(index) for index in range(self.depth)]
        self.norm = keras.layers.LayerNormalization(
            epsilon=1e-6, name="norm", dtype=self.dtype_policy
        )
        for layer in (*self.blocks, self.norm):
            layer.build(map_shape)
        self.built = True

    def call(self, frame: Tensor, training: bool | None = None) -> Tensor:
        # Averaging instead of an interpolating resize: the same on every backend, no aliasing.
        size = self._pool_size(frame.shape)
        frame = ops.cast(frame, "float32")
        x = ops.average_pool(frame, size, strides=size, data_format="channels_last")
        x = self.patch_embedding(ops.cast(2.0 * x - 1.0, self.compute_dtype))
        x = x + ops.cast(self.position_embedding, x.dtype)
        for block in self.blocks:
            x = block(x, training=training)
        return self.norm(x)

    def compute_output_shape(self, frame_shape: Shape) -> Shape:
        return (frame_shape[0], self.grid, self.grid, self.channels)

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update(
            {
                "kind": self.kind,
                "grid": self.grid,
                "channels": self.channels,
                "depth": self.depth,
                "heads": self.heads,
                "mlp_ratio": self.mlp_ratio,
                "drop_path": self.drop_path,
                "seed": self.seed,
            }
        )
        return config

    def _block(self, index: int) -> MetaFormerBlock:
        return MetaFormerBlock(
            _MIXER_OF_KIND[self.kind],
            heads=self.heads,
            mlp_ratio=self.mlp_ratio,
            drop_path=self.drop_path * (index + 1) / self.depth,
            # A block draws from its seed and from the next one.
            seed=None if self.seed is None else self.seed + 2 * index,
            name=f"block_{index}",
            dtype=self.dtype_policy,
        )

    def _pool_size(self, frame_shape: Shape) -> tuple[int, int]:
        height, width = frame_shape[1:3]
        if not height or not width or height % self.grid or width % self.grid:
            raise ValueError(
                f"`frame` must have a known height and width that are multiples of "
                f"grid={self.grid}. Received: frame of shape {tuple(frame_shape)}"
            )
        return height // self.grid, width // self.grid
