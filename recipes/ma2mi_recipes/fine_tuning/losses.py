"""The loss of fine-tuning."""

from typing import Any

import keras


class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy of logits with integer labels and label smoothing."""

    def __init__(self, class_count: int, smoothing: float) -> None:
        super().__init__(name="smoothed_cross_entropy")
        self.class_count, self.smoothing = class_count, smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        labels = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
        target = keras.ops.one_hot(labels, self.class_count, dtype=y_pred.dtype)
        target = target * (1 - self.smoothing) + self.smoothing / self.class_count
        return keras.losses.categorical_crossentropy(target, y_pred, from_logits=True)
