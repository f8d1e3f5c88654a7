"""Drops the residual branch of random samples."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Shape, Tensor
from keras_ma2mi.validation import check_fraction


@ma2mi_export
class StochasticDepth(keras.layers.Layer):
    """Drops a residual branch of random samples in training (also called drop path).

    Each sample of the batch loses its whole branch with probability `rate`, or keeps it divided by
    `1 - rate`, so that the expected branch stays what it is. In inference the branch passes
    unchanged. Against overfitting on small sets: each step trains a network of another depth.

    Works sample by sample and never place by place, so a mask passes through.

    Args:
        rate: float. Probability to drop a sample's branch, in the range `[0, 1)`.
            Defaults to `0.1`.
        seed: int or `None`. Seed of the random draws. Defaults to `None`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        inputs: Output of a residual branch, before it is added, of shape `(batch, ...)`.
        training: bool or `None`. Whether branches are dropped.

    Returns:
        The branch, of the same shape.

    Example:

    ```python
    drop = keras_ma2mi.layers.StochasticDepth(0.2, seed=1)
    x = keras.random.normal((4, 8, 8, 16))
    x = x + drop(keras.layers.Dense(16)(x), training=True)
    ```

    Reference:
        - Huang et al., "Deep Networks with Stochastic Depth", ECCV 2016. Per sample rather than
          per batch as in Larsson et al., "FractalNet", ICLR 2017, and later vision transformers.
    """

    def __init__(self, rate: float = 0.1, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_fraction("rate", rate)
        self.rate = rate
        self.seed = seed
        if rate > 0:
            # A state that nothing reads would still be saved with every model.
            self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        shape = (ops.shape(inputs)[0], *[1] * (len(inputs.shape) - 1))
        draws = keras.random.uniform(shape, dtype="float32", seed=self.seed_generator)
        gain = ops.where(draws < self.rate, 0.0, 1.0 / (1.0 - self.rate))
        return inputs * ops.cast(gain, inputs.dtype)

    def compute_output_shape(self, inputs_shape: Shape) -> Shape:
        return inputs_shape

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update({"rate": self.rate, "seed": self.seed})
        return config
