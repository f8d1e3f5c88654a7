"""Batch normalisation in one pass under PyTorch, where Keras composes it of a dozen."""

from typing import Any

import keras
import torch
from keras import ops

from keras_ma2mi.types import Tensor


class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, to rounding, by PyTorch's own kernel in float32.

    It is a part of other layers and never saved by itself. It has the name of Keras' class because
    files of weights name the members of lists by their class.
    """

    def call(self, inputs: Tensor, training: bool | None = None, mask: Any = None) -> Tensor:
        if mask is not None or inputs.dtype != torch.float32:
            return super().call(inputs, training=training, mask=mask)
        is_training = bool(training and self.trainable)
        gamma, beta, mean, variance = (
            ops.convert_to_tensor(weight)
            for weight in (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        )
        x = torch.movedim(inputs, self.axis, 1)
        if not is_training:
            outputs = torch.nn.functional.batch_norm(
                x, mean, variance, gamma, beta, False, 0.0, self.epsilon
            )
            return torch.movedim(outputs, 1, self.axis)
        outputs, batch_mean, inverse = torch.native_batch_norm(
            x, gamma, beta, None, None, True, 0.0, self.epsilon
        )
        # PyTorch's own moving variance is that of a sample, Keras' that of the batch.
        self._move(self.moving_mean, batch_mean.detach())
        self._move(self.moving_variance, inverse.detach() ** -2 - self.epsilon)
        return torch.movedim(outputs, 1, self.axis)

    def _move(self, statistic: Any, value: Tensor) -> None:
        statistic.assign(self.momentum * statistic + (1 - self.momentum) * value)
