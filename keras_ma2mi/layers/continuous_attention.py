"""The continuous attention block of MMNet."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers.inner_layout import (
    channel_axis,
    convolved_shape,
    data_format,
    from_inner,
    inner_shape,
    to_inner,
)
from keras_ma2mi.layers.normalization import batch_normalization
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_positive


@ma2mi_export
class ContinuousAttention(keras.layers.Layer):
    """Residual block whose spatial attention continues that of the block before.

    The block computes `x = relu(bn(conv1x1(relu(bn(conv3x3(inputs))))) + shortcut(inputs))` and an
    attention map `a = sigmoid(bn(conv1x1([mean_c(x), max_c(x)])))`. A map of the block before is
    max-pooled (3x3, same strides) and multiplied into `a`: what an earlier block has closed, no
    later one can open again, so that attention narrows with depth. The block returns `a * x`
    and `a`.

    Args:
        filters: int. Number of output channels.
        strides: int. Strides of the 3x3 convolution, of the shortcut, and of the pooling of the
            previous attention map. Defaults to `1`.
        kernel_initializer: Initializer of the convolution kernels. Defaults to `"he_normal"`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Feature map of shape `(batch, height, width, channels)`.
        previous_attention: Attention map of the block before, of shape
            `(batch, height, width, 1)` with values from 0 to 1, or `None` (the first block).

    Returns:
        A tuple: the features, of shape `(batch, ceil(height / strides), ceil(width / strides),
        filters)`, and the attention map, of the same shape but with one channel.

    Example:

    ```python
    first = keras_ma2mi.layers.ContinuousAttention(32)
    second = keras_ma2mi.layers.ContinuousAttention(64, strides=2)
    features, attention = first(keras.random.normal((1, 16, 16, 8)))
    features, attention = second(features, previous_attention=attention)
    features.shape  # (1, 8, 8, 64)
    ```

    Reference:
        - Li et al., "MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition",
          IJCAI 2022. Block structure as in the authors' public code.
    """

    def __init__(
        self,
        filters: int,
        strides: int = 1,
        kernel_initializer: Any = "he_normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_positive("filters", filters)
        check_positive("strides", strides)
        self.filters = filters
        self.strides = strides
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, inputs_shape: Shape, previous_attention_shape: Shape | None = None) -> None:
        if previous_attention_shape is not None:
            _check_attention_shape(inputs_shape, previous_attention_shape)
        self.convolution = self._convolution(self.filters, 3, self.strides, "convolution")
        self.convolution_norm = self._norm("convolution_norm")
        self.projection = self._convolution(self.filters, 1, 1, "projection")
        self.projection_norm = self._norm("projection_norm")
        self.attention = self._convolution(1, 1, 1, "attention")
        self.attention_norm = self._norm("attention_norm")
        outputs_shape = convolved_shape(inputs_shape, self.strides, self.filters)
        features_shape, places = inner_shape(outputs_shape), outputs_shape[:-1]
        self.convolution.build(inner_shape(inputs_shape))
        self.projection.build(features_shape)
        for norm in (self.convolution_norm, self.projection_norm):
            norm.build(features_shape)
        self.attention.build(inner_shape((*places, 2)))
        self.attention_norm.build(inner_shape((*places, 1)))
        self.shortcut = None
        if self.strides != 1 or inputs_shape[-1] != self.filters:
            self.shortcut = self._convolution(self.filters, 1, self.strides, "shortcut")
            self.shortcut_norm = self._norm("shortcut_norm")
            self.shortcut.build(inner_shape(inputs_shape))
            self.shortcut_norm.build(features_shape)
        self.built = True

    def call(
        self,
        inputs: Tensor,
        previous_attention: Tensor | None = None,
        training: bool | None = None,
    ) -> tuple[Tensor, Tensor]:
        axis, inputs = channel_axis(), to_inner(inputs)
        x = self.convolution_norm(self.convolution(inputs), training=training)
        x = self.projection_norm(self.projection(ops.relu(x)), training=training)
        shortcut = inputs
        if self.shortcut is not None:
            shortcut = self.shortcut_norm(self.shortcut(inputs), training=training)
        x = ops.relu(x + shortcut)
        pooled = ops.concatenate(
            [ops.mean(x, axis=axis, keepdims=True), _maximum(x, axis)], axis=axis
        )
        attention = ops.sigmoid(self.attention_norm(self.attention(pooled), training=training))
        if previous_attention is not None:
            attention = attention * self._shrink(to_inner(previous_attention))
        return from_inner(x * attention), from_inner(attention)

    def compute_output_shape(
        self, inputs_shape: Shape, previous_attention_shape: Shape | None = None
    ) -> tuple[Shape, Shape]:
        features_shape = convolved_shape(inputs_shape, self.strides, self.filters)
        return features_shape, (*features_shape[:-1], 1)

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update(
            {
                "filters": self.filters,
                "strides": self.strides,
                "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            }
        )
        return config

    def _shrink(self, attention: Tensor) -> Tensor:
        if self.strides == 1:
            return attention
        return ops.max_pool(
            attention, 3, strides=self.strides, padding="same", data_format=data_format()
        )

    def _convolution(self, filters: int, size: int, strides: int, name: str) -> Any:
        # Batch normalisation follows each convolution and would cancel a bias.
        return keras.layers.Conv2D(
            filters,
            size,
            strides=strides,
            padding="same",
            use_bias=False,
            data_format=data_format(),
            # One shared initializer object would give kernels of equal shape equal values.
            kernel_initializer=self.kernel_initializer.clone(),
            name=name,
            dtype=self.dtype_policy,
        )

    def _norm(self, name: str) -> keras.layers.BatchNormalization:
        return batch_normalization(name, self.dtype_policy, channel_axis())


def _maximum(x: Tensor, axis: int) -> Tensor:
    """The maximum over an axis, picked by its index.

    The gradient of a plain maximum compares each value with the result. A compiler that computes
    `x` once for the maximum and once more, rounded otherwise, for the comparison finds no equal
    value, divides by their number, and gives NaN (seen with JAX and XLA on CPU).
    """
    return ops.take_along_axis(x, ops.argmax(x, axis=axis, keepdims=True), axis=axis)


def _check_attention_shape(inputs_shape: Shape, attention_shape: Shape) -> None:
    if tuple(attention_shape[1:]) != (*inputs_shape[1:3], 1):
        raise ValueError(
            "`previous_attention` must have one channel and the height and width of `inputs`. "
            f"Received: previous_attention of shape {tuple(attention_shape)}, "
            f"inputs of shape {tuple(inputs_shape)}"
        )
