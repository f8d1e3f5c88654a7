"""The loss of fine-tuning."""

from typing import Any

import keras


class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy of logits with integer labels, label smoothing, and focal weighting.

    Args:
        class_count: Number of classes.
        smoothing: Share of the target that is spread over all classes, from 0 to 1.
        focal: Exponent of `1 - p`, p the probability of the true class: clips that are right
            already weigh less. 0 weighs all alike.

    Reference:
        Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017.
    """

    def __init__(self, class_count: int, smoothing: float, focal: float = 0.0) -> None:
        super().__init__(name="smoothed_cross_entropy")
        self.class_count, self.smoothing, self.focal = class_count, smoothing, focal

    def call(self, y_true: Any, y_pred: Any) -> Any:
        labels = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
        hard = keras.ops.one_hot(labels, self.class_count, dtype=y_pred.dtype)
        target = hard * (1 - self.smoothing) + self.smoothing / self.class_count
        losses = keras.losses.categorical_crossentropy(target, y_pred, from_logits=True)
        if self.focal == 0.0:
            return losses
        missing = keras.ops.sum((1 - hard) * keras.ops.softmax(y_pred), axis=-1)
        return losses * missing**self.focal
