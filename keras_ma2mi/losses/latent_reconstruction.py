"""The loss of MA2MI pre-training."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.types import Config, Tensor
from keras_ma2mi.validation import check_one_of

KINDS = ("smooth_l1", "squared", "cosine")
_EPSILON = 1e-6


def normalize_latent(latent: Tensor) -> Tensor:
    """Brings each place of a map to mean 0 and variance 1 over the channels, without weights."""
    centred = latent - ops.mean(latent, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
    return centred * ops.rsqrt(variance + _EPSILON)


@ma2mi_export
class LatentReconstruction(keras.losses.Loss):
    """Distance between a predicted map and the map that a teacher gives.

    No gradient flows into the target. With `normalize=True` the target is brought to mean 0 and
    variance 1 over the channels of each place, so that neither large channels nor a shrinking
    teacher can make the task easy.

    Args:
        kind: `"smooth_l1"` (Huber with delta 1), `"squared"`, each averaged over channels, or
            `"cosine"` (1 minus the cosine over channels, from 0 to 2). Defaults to `"smooth_l1"`.
        normalize: bool. Whether to normalise the target. Defaults to `True`.
        reduction: Reduction over batch and places. Defaults to `"sum_over_batch_size"`, the mean.
        name: Name of the loss.
        dtype: Dtype of the computation. Defaults to `None`, the Keras float type.

    Call arguments:
        y_true: Target map of shape `(batch, height, width, channels)`.
        y_pred: Predicted map of the same shape.

    Example:

    ```python
    loss = keras_ma2mi.losses.LatentReconstruction("cosine", normalize=False)
    loss(np.ones((1, 2, 2, 4)), 3 * np.ones((1, 2, 2, 4)))  # 0.0
    ```

    Reference:
        - Li et al., "From Macro to Micro: Boosting micro-expression recognition via pre-training
          on macro-expression videos", arXiv 2405.16451, reconstructs future frames in latent
          space. The distances offered here are our reading.
        - Baevski et al., "data2vec", ICML 2022 (normalised targets of a moving-average teacher).
    """

    def __init__(
        self,
        kind: str = "smooth_l1",
        normalize: bool = True,
        reduction: str = "sum_over_batch_size",
        name: str = "latent_reconstruction",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        check_one_of("kind", kind, KINDS)
        self.kind = kind
        self.normalize = normalize

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        target = ops.stop_gradient(normalize_latent(y_true) if self.normalize else y_true)
        if self.kind == "cosine":
            return 1.0 - ops.sum(_unit_length(target) * _unit_length(y_pred), axis=-1)
        error = y_pred - target
        if self.kind == "squared":
            return ops.mean(ops.square(error), axis=-1)
        size = ops.abs(error)
        return ops.mean(ops.where(size < 1.0, 0.5 * ops.square(error), size - 0.5), axis=-1)

    def get_config(self) -> Config:
        config: Config = super().get_config()
        config.update({"kind": self.kind, "normalize": self.normalize, "dtype": self.dtype})
        return config


def _unit_length(latent: Tensor) -> Tensor:
    squared = ops.sum(ops.square(latent), axis=-1, keepdims=True)
    return latent * ops.rsqrt(ops.maximum(squared, _EPSILON))
