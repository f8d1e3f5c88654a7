"""The branch that sees only motion."""

from collections.abc import Sequence
from math import prod
from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers.continuous_attention import ContinuousAttention
from keras_ma2mi.layers.inner_layout import (
    channel_axis,
    convolved_shape,
    data_format,
    from_inner,
    inner_shape,
    to_inner,
)
from keras_ma2mi.layers.normalization import batch_normalization
from keras_ma2mi.layers.relative_size import relative_size
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_positive


@ma2mi_export
class ActionEncoder(keras.layers.Layer):
    """Encodes the motion between two frames into a map of facial action.

    A stem of 3x3 convolutions (each with batch normalisation and ReLU) and a chain of
    `ContinuousAttention` blocks. The defaults are the action branch of MMNet: motion of 224x224
    becomes a map of 14x14x512.

    Motion is multiplied by one constant, `motion_scale`. By default it is not rescaled image by
    image, which would hide how large the movement was. With `motion_floor` it is: then large and
    small movements of one kind look alike, as pre-training on the one for the other wants it.

    Args:
        stem_filters: Sequence of ints. Channels of the stem's convolutions.
        stem_strides: Sequence of ints. Strides of the stem's convolutions.
        filters: Sequence of ints. Channels of the attention blocks.
        strides: Sequence of ints. Strides of the attention blocks.
        code_channels: int or `None`. If given, a last 1x1 convolution squeezes the map to so many
            channels, so that it has room for movement but not for a picture. Defaults to `None`.
        motion_scale: float. Constant gain on the motion. Defaults to `1.0`.
        motion_floor: float or `None`. If given, each image of motion, after the gain, is divided by
            its root mean square plus this floor; movements well below the floor stay small.
            Defaults to `None`.
        return_attention: bool. Whether to return the attention maps too. Defaults to `False`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        motion: Motion of shape `(batch, height, width, channels)`: RGB difference in units of
            0..1, flow in pixels with its strain, or both. Height and width must be multiples
            of `total_stride`.

    Returns:
        The action map, of shape `(batch, height / total_stride, width / total_stride,
        output_channels)`. With `return_attention=True` a tuple: the action map, and a list with
        the attention map of each block, `(batch, block height, block width, 1)`, from 0 to 1.

    Example:

    ```python
    encoder = keras_ma2mi.layers.ActionEncoder(
        stem_filters=(16, 24), stem_strides=(2, 2), filters=(24, 48), strides=(1, 2)
    )
    motion = keras.random.normal((2, 64, 64, 3))
    encoder(motion).shape  # (2, 8, 8, 48)
    ```

    Reference:
        - Li et al., "MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition",
          IJCAI 2022. That the action branch of MIACNet looks like MMNet's is our reading.
    """

    def __init__(
        self,
        stem_filters: Sequence[int] = (180, 128),
        stem_strides: Sequence[int] = (2, 1),
        filters: Sequence[int] = (128, 128, 256, 512),
        strides: Sequence[int] = (1, 2, 2, 2),
        code_channels: int | None = None,
        motion_scale: float = 1.0,
        motion_floor: float | None = None,
        return_attention: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check_stages("stem_filters", stem_filters, "stem_strides", stem_strides)
        _check_stages("filters", filters, "strides", strides)
        check_positive("motion_scale", motion_scale)
        if motion_floor is not None:
            check_positive("motion_floor", motion_floor)
        if code_channels is not None:
            check_positive("code_channels", code_channels)
        # Lists, as JSON would give them back: a config must equal itself after a round trip.
        self.stem_filters = list(stem_filters)
        self.stem_strides = list(stem_strides)
        self.filters = list(filters)
        self.strides = list(strides)
        self.code_channels = code_channels
        self.motion_scale = motion_scale
        self.motion_floor = motion_floor
        self.return_attention = return_attention

    @property
    def total_stride(self) -> int:
        """Number of input pixels along one side of a place of the map."""
        return prod(self.stem_strides) * prod(self.strides)

    @property
    def output_channels(self) -> int:
        """Number of channels of the action map."""
        return self.code_channels or int(self.filters[-1])

    def build(self, motion_shape: Shape) -> None:
        self._check_size(motion_shape)
        shape = motion_shape
        self.stem = []
        self.stem_norms = []
        stages = zip(self.stem_filters, self.stem_strides, strict=True)
        for index, (filters, strides) in enumerate(stages):
            convolution = self._convolution(filters, 3, strides, f"stem_{index}")
            convolution.build(inner_shape(shape))
            shape = convolved_shape(shape, strides, filters)
            norm = batch_normalization(f"stem_norm_{index}", self.dtype_policy, channel_axis())
            norm.build(inner_shape(shape))
            self.stem.append(convolution)
            self.stem_norms.append(norm)
        shape = self._build_blocks(shape)
        self.code = None
        if self.code_channels is not None:
            self.code = self._convolution(self.code_channels, 1, 1, "code")
            self.code.build(inner_shape(shape))
        self.built = True

    def _build_blocks(self, shape: Shape) -> Shape:
        self.blocks = []
        attention_shape: Shape | None = None
        for index, (filters, strides) in enumerate(zip(self.filters, self.strides, strict=True)):
            block = ContinuousAttention(
                filters, strides, name=f"attention_{index}", dtype=self.dtype_policy
            )
            block.build(shape, attention_shape)
            shape, attention_shape = block.compute_output_shape(shape)
            self.blocks.append(block)
        return shape

    def call(self, motion: Tensor, training: bool | None = None) -> Any:
        motion = motion * ops.cast(self.motion_scale, motion.dtype)
        if self.motion_floor is not None:
            motion = relative_size(motion, self.motion_floor)
        x = to_inner(motion)
        for convolution, norm in zip(self.stem, self.stem_norms, strict=True):
            x = ops.relu(norm(convolution(x), training=training))
        x = from_inner(x)
        attention = None
        attention_maps = []
        for block in self.blocks:
            x, attention = block(x, previous_attention=attention, training=training)
            attention_maps.append(attention)
        if self.code is not None:
            x = from_inner(self.code(to_inner(x)))
        return (x, attention_maps) if self.return_attention else x

    def compute_output_shape(self, motion_shape: Shape) -> Any:
        self._check_size(motion_shape)
        sizes = _map_sizes(motion_shape[1:3], [*self.stem_strides, *self.strides])
        action_shape = (motion_shape[0], *sizes[-1], self.output_channels)
        if not self.return_attention:
            return action_shape
        attention_sizes = sizes[len(self.stem_strides) :]
        return action_shape, [(motion_shape[0], *size, 1) for size in attention_sizes]

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update(
            {
                "stem_filters": list(self.stem_filters),
                "stem_strides": list(self.stem_strides),
                "filters": list(self.filters),
                "strides": list(self.strides),
                "code_channels": self.code_channels,
                "motion_scale": self.motion_scale,
                "motion_floor": self.motion_floor,
                "return_attention": self.return_attention,
            }
        )
        return config

    def _check_size(self, motion_shape: Shape) -> None:
        for size in motion_shape[1:3]:
            if size is not None and size % self.total_stride != 0:
                raise ValueError(
                    f"`motion` must have a height and a width that are multiples of "
                    f"{self.total_stride}, the product of all strides. "
                    f"Received: motion of shape {tuple(motion_shape)}"
                )

    def _convolution(self, filters: int, size: int, strides: int, name: str) -> Any:
        return keras.layers.Conv2D(
            filters,
            size,
            strides=strides,
            padding="same",
            use_bias=False,
            data_format=data_format(),
            kernel_initializer="he_normal",
            name=name,
            dtype=self.dtype_policy,
        )


def _map_sizes(size: Sequence[int | None], strides: Sequence[int]) -> list[tuple[int | None, ...]]:
    totals = [prod(strides[: index + 1]) for index in range(len(strides))]
    return [tuple(side and side // total for side in size) for total in totals]


def _check_stages(
    filters_name: str, filters: Sequence[int], strides_name: str, strides: Sequence[int]
) -> None:
    if len(filters) == 0 or len(filters) != len(strides):
        raise ValueError(
            f"`{filters_name}` and `{strides_name}` must have the same number of entries, one or "
            f"more. Received: {filters_name}={filters}, {strides_name}={strides}"
        )
    for name, values in ((filters_name, filters), (strides_name, strides)):
        for value in values:
            check_positive(name, value)
