"""The teacher of the reconstructor: a second copy of the position encoder."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor


@ma2mi_export
class TeacherEncoder(keras.layers.Layer):
    """An encoder without gradient that follows another one by a moving average of its weights.

    The first `follow` copies the weights, whatever they were; each later one moves them by
    `1 - momentum`. That it has happened is a weight too, so a run resumed from a checkpoint goes
    on with the teacher it had.

    Args:
        encoder: Keras layer or model; a second instance, not the one to follow.
        momentum: float from 0 to 1. With `1.0` the teacher stays what it was at the first step.
            Defaults to `0.999`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        frame: What the encoder takes. It always runs in inference mode.
    """

    def __init__(self, encoder: Any, momentum: float = 0.999, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= momentum <= 1:
            raise ValueError(
                f"`momentum` must be in the range [0, 1]. Received: momentum={momentum}"
            )
        self.encoder = encoder
        self.momentum = momentum

    @classmethod
    def of(cls, student: Any, momentum: float, **kwargs: Any) -> "TeacherEncoder":
        """Returns a teacher with a copy of `student`, with its weights if it has them already."""
        config = student.get_config()
        config["name"] = f"{student.name}_teacher"
        encoder = type(student).from_config(config)
        if encoder.built and student.built:
            encoder.set_weights(student.get_weights())
        return cls(encoder, momentum=momentum, **kwargs)

    @property
    def trainable(self) -> bool:
        """Always false: `model.trainable = True` must not hand the teacher to the optimizer."""
        return False

    @trainable.setter
    def trainable(self, value: bool) -> None:
        # The encoder is never told `value`, so it stays frozen, as `build` left it.
        pass

    def build(self, frame_shape: Shape) -> None:
        if not self.encoder.built:
            self.encoder.build(frame_shape)
        self.encoder.trainable = False
        self.following = self.add_weight(
            name="following", shape=(), initializer="zeros", trainable=False
        )
        self.built = True

    def call(self, frame: Tensor) -> Tensor:
        return ops.stop_gradient(self.encoder(frame, training=False))

    def follow(self, student: Any) -> None:
        """Moves the weights towards those of `student`, in the middle of a training step."""
        keep = self.following * self.momentum
        for own, other in zip(self.encoder.weights, student.weights, strict=True):
            step = ops.cast(keep, own.dtype)
            own.assign(step * own + (1 - step) * ops.stop_gradient(ops.convert_to_tensor(other)))
        self.following.assign(1.0)

    def compute_output_shape(self, frame_shape: Shape) -> Shape:
        return self.encoder.compute_output_shape(frame_shape)

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update(
            {
                "encoder": keras.saving.serialize_keras_object(self.encoder),
                "momentum": self.momentum,
            }
        )
        return config

    @classmethod
    def from_config(cls, config: Config) -> "TeacherEncoder":
        config = dict(config)
        config["encoder"] = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**config)
