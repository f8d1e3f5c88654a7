"""Divides by the typical size of what has passed so far."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_fraction


@ma2mi_export
class RunningScale(keras.layers.Layer):
    """Divides by one number, a moving root mean square over everything seen in training.

    One number for all samples, places and channels: what is small beside the others stays small.

    Args:
        momentum: float. Momentum of the moving mean square per step. Defaults to `0.99`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Tensor of any shape. In training it counts into the scale before it is divided.
    """

    def __init__(self, momentum: float = 0.99, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_fraction("momentum", momentum)
        self.momentum = momentum

    def build(self, inputs_shape: Shape) -> None:
        self.mean_square = self._statistic("mean_square")
        self.evidence = self._statistic("evidence")
        self.built = True

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        mean_square = ops.convert_to_tensor(self.mean_square)
        evidence = ops.convert_to_tensor(self.evidence)
        if training:
            new = ops.stop_gradient(ops.mean(ops.square(ops.cast(inputs, mean_square.dtype))))
            mean_square = self.momentum * mean_square + (1 - self.momentum) * new
            evidence = self.momentum * evidence + (1 - self.momentum)
            self.mean_square.assign(mean_square)
            self.evidence.assign(evidence)
        # Dividing by the evidence takes out the zero that the average started from.
        seen = evidence > 0.0
        scale = ops.sqrt(mean_square / ops.where(seen, evidence, 1.0) + 1e-12)
        return inputs / ops.cast(ops.where(seen, scale, 1.0), inputs.dtype)

    def compute_output_shape(self, inputs_shape: Shape) -> Shape:
        return inputs_shape

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update({"momentum": self.momentum})
        return config

    def _statistic(self, name: str) -> Any:
        return self.add_weight(
            name=name, shape=(), initializer="zeros", trainable=False, dtype="float32"
        )
