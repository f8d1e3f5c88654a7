"""A small three-stream network on motion alone, to be compared with."""

import functools
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import keras

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.layers.area_resizing import AreaResizing
from keras_ma2mi.layers.inner_layout import channel_axis, data_format, from_inner, to_inner
from keras_ma2mi.layers.normalization import batch_normalization
from keras_ma2mi.types import Config, Tensor
from keras_ma2mi.validation import check_fraction, check_positive

STREAM_INPUT = 28
"""Height and width that the streams see."""


@ma2mi_export
class ThreeStreamCNN(keras.Model):
    """Three parallel convolutions of motion, pooled, and a linear head: a baseline like STSTNet.

    With about 2,000 weights it is what a larger network must beat to be worth its size.

    As the authors of STSTNet describe and release it: 28x28 images of u, v and strain, all of
    which every stream sees; one 3x3 convolution a stream, with 3, 5 and 8 filters; ReLU, then
    batch normalisation; 3x3 max pooling with stride 3; dropout of one half; the streams joined;
    2x2 average pooling to 5x5 places of 16 channels; one linear layer.

    Ours: convolutions are padded by 1 pixel, not 2 (the map is 5x5 either way); normalisation has
    the momentum and epsilon of this package; motion is in pixels and not stretched to 0..255 image
    by image, unless the caller has done so; motion of another size is brought to 28x28 by
    `AreaResizing`, its values still in pixels of the size given. How it is trained (optimizer,
    epochs, class weights, augmentation) is up to the caller.

    Args:
        num_classes: int. Number of classes.
        input_size: int. Height and width of the motion. Defaults to `28`.
        motion_channels: int. Channels of the motion: 3 for flow (u, v, strain) or for RGB
            difference, 6 for both. Defaults to `3`.
        stream_filters: Sequence of ints. Filters of each stream. Defaults to `(3, 5, 8)`.
        dropout: float. Dropout rate behind each stream. Defaults to `0.5`.
        motion_scale: float. Constant gain on the motion. Defaults to `1.0`.
        name: Name of the model.
        dtype: Dtype policy of the layers. The logits always have the variable dtype.
        **kwargs: Further arguments of `keras.Model`, such as `trainable`.

    Call arguments:
        inputs: A dict with `"motion"` of shape `(batch, input_size, input_size,
            motion_channels)`; other keys are ignored.

    Returns:
        Logits of shape `(batch, num_classes)`.

    Example:

    ```python
    model = keras_ma2mi.models.ThreeStreamCNN(num_classes=3, input_size=64)
    model.compile("adamw", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit({"motion": np.zeros((8, 64, 64, 3))}, np.zeros(8))
    ```

    Reference:
        - Liong et al., "Shallow Triple Stream Three-dimensional CNN (STSTNet) for
          Micro-expression Recognition", FG 2019, arXiv 1902.03634; its authors' release,
          github.com/christy1206/STSTNet.
    """

    def __init__(
        self,
        num_classes: int,
        input_size: int = STREAM_INPUT,
        motion_channels: int = 3,
        stream_filters: Sequence[int] = (3, 5, 8),
        dropout: float = 0.5,
        motion_scale: float = 1.0,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        config = _checked(
            {
                "num_classes": num_classes,
                "input_size": input_size,
                "motion_channels": motion_channels,
                "stream_filters": list(stream_filters),
                "dropout": dropout,
                "motion_scale": motion_scale,
            }
        )
        policy = keras.dtype_policies.get(dtype or keras.config.dtype_policy())

        # === Functional model ===
        size = config["input_size"]
        motion = keras.Input((size, size, config["motion_channels"]), name="motion")
        fused = _streams(motion, config, policy)
        # A cross-entropy of float16 logits overflows, so the head computes as its variables are.
        head_dtype = policy.variable_dtype
        x = keras.layers.Flatten(data_format="channels_last", name="flatten", dtype=head_dtype)(
            fused
        )
        logits = keras.layers.Dense(config["num_classes"], name="logits", dtype=head_dtype)(x)
        super().__init__(inputs=[motion], outputs=logits, name=name, **kwargs)

        # === Config ===
        self.dtype_policy = policy
        self._config = config
        self.num_classes = config["num_classes"]
        self.head = "flatten"
        # A closure, because Keras would track the model of the maps as a part of this one.
        self._create_maps = functools.cache(
            lambda: keras.Model([motion], {"fused": fused, "logits": logits}, name="maps")
        )

    @property
    def input_keys(self) -> tuple[str, ...]:
        """Keys of the inputs: `("motion",)`."""
        return ("motion",)

    @property
    def maps(self) -> keras.Model:
        """Model with the same weights and inputs, whose output is a dict.

        `fused`, the map of shape `(batch, 5, 5, 16)` that the linear head sees, and `logits`:
        what `keras_ma2mi.explain.class_contribution_maps` needs.
        """
        return self._create_maps()

    def get_config(self) -> Config:
        # Constructor arguments instead of the functional graph: a saved model is a call of this
        # class.
        return {
            **self._config,
            "name": self.name,
            "trainable": self.trainable,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> "ThreeStreamCNN":
        return cls(**config)


def _streams(motion: Tensor, config: Config, policy: Any) -> Tensor:
    """The map of all streams, `(batch, 5, 5, filters)`, channels last."""
    x = motion
    if config["input_size"] != STREAM_INPUT:
        x = AreaResizing(STREAM_INPUT, name="resizing", dtype=policy)(x)
    if config["motion_scale"] != 1.0:
        x = keras.layers.Rescaling(config["motion_scale"], name="scale", dtype=policy)(x)
    x = to_inner(x)
    streams = [
        _stream(x, index, filters, config["dropout"], policy)
        for index, filters in enumerate(config["stream_filters"])
    ]
    x = keras.layers.Concatenate(axis=channel_axis(), name="joined", dtype=policy)(streams)
    x = keras.layers.AveragePooling2D(2, data_format=data_format(), name="pool", dtype=policy)(x)
    return from_inner(x)


def _stream(x: Tensor, index: int, filters: int, dropout: float, policy: Any) -> Tensor:
    name = f"stream_{index}"
    x = keras.layers.Conv2D(
        filters,
        3,
        padding="same",
        activation="relu",
        kernel_initializer="he_normal",
        data_format=data_format(),
        name=name,
        dtype=policy,
    )(x)
    x = batch_normalization(f"{name}_norm", policy, channel_axis())(x)
    x = keras.layers.MaxPooling2D(
        3, 3, padding="same", data_format=data_format(), name=f"{name}_pool", dtype=policy
    )(x)
    return keras.layers.Dropout(dropout, name=f"{name}_dropout", dtype=policy)(x)


def _checked(config: Config) -> Config:
    """Whole numbers as Python's ints, so that a config equals itself after JSON."""
    for name in ("num_classes", "input_size", "motion_channels"):
        if not isinstance(config[name], Integral):
            raise ValueError(f"`{name}` must be an int. Received: {name}={config[name]!r}")
        config[name] = int(config[name])
        check_positive(name, config[name])
    if not config["stream_filters"]:
        raise ValueError("`stream_filters` must name one stream or more. Received: none")
    for filters in config["stream_filters"]:
        check_positive("stream_filters", filters)
    check_positive("motion_scale", config["motion_scale"])
    check_fraction("dropout", config["dropout"])
    return config
