"""Loss and accuracy of action units, of which a clip shows any number."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def unit_weights(labels: npt.NDArray[np.int32]) -> Array:
    """How much a clip that shows a unit weighs beside one that does not: their ratio turned round.

    Args:
        labels: `(clips, units)` of 0 and 1, training clips alone.

    Returns:
        `(units,)` float32, at most 10: a unit seen once or twice must not drown the others; 1 for
        a unit that no clip shows.
    """
    shown = labels.sum(axis=0)
    ratio = (len(labels) - shown) / np.maximum(shown, 1)
    return np.where(shown == 0, 1.0, np.clip(ratio, 0.1, 10.0)).astype(np.float32)


def with_weights(labels: npt.NDArray[np.int32], weights: Array) -> Array:
    """Labels as the loss takes them, `(clips, 2 * units)`: 0 and 1, then each one's weight.

    The weights travel with the labels because the loss is compiled once for all folds, and they
    are counted anew in each.
    """
    each = np.where(labels == 1, weights, 1.0)
    return np.concatenate([labels, each], axis=1).astype(np.float32)


class ActionUnitCrossEntropy(keras.losses.Loss):
    """Weighted binary cross-entropy of each unit's logit, mean over units.

    Args:
        smoothing: Share by which targets are drawn to one half, from 0 to 1.
    """

    def __init__(self, smoothing: float) -> None:
        super().__init__(name="action_unit_cross_entropy")
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        labels, weights = keras.ops.split(keras.ops.cast(y_true, y_pred.dtype), 2, axis=-1)
        target = labels * (1 - self.smoothing) + 0.5 * self.smoothing
        # Stable form of -t log s(x) - (1 - t) log s(-x).
        losses = keras.ops.softplus(y_pred) - target * y_pred
        return keras.ops.mean(weights * losses, axis=-1)


class ActionUnitAccuracy(keras.metrics.Mean):
    """Share of right answers over clips and units."""

    def __init__(self) -> None:
        super().__init__(name="accuracy")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        labels, _ = keras.ops.split(keras.ops.cast(y_true, y_pred.dtype), 2, axis=-1)
        right = keras.ops.equal(labels > 0.5, y_pred >= 0)
        super().update_state(keras.ops.cast(right, "float32"))
