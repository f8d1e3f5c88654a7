"""A metric over one confusion matrix."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.types import Config, Tensor
from keras_ma2mi.validation import check_positive


class ConfusionMetric(keras.metrics.Metric):
    """Base of metrics that are a function of the confusion matrix of all samples seen.

    Subclasses define `from_confusion`. The matrix is summed over batches (and folds, if the
    metric is not reset) and the formula is applied once: never averaged over batches.

    Args:
        num_classes: int. Number of classes. The class set is explicit: a class that does not
            occur still counts in the mean, see the subclass.
        name: Name of the metric.
        dtype: Dtype of the counts. Defaults to `None`, the Keras float type.

    Call arguments:
        y_true: Classes as integers from 0 to `num_classes - 1`, of shape `(batch,)` or
            `(batch, 1)`, or one-hot of shape `(batch, num_classes)`. Samples with a class
            outside this range are not counted.
        y_pred: Logits or probabilities of shape `(batch, num_classes)`, of which the largest
            counts, or predicted classes as integers of shape `(batch,)` or `(batch, 1)`.
        sample_weight: Weights of shape `(batch,)`, or `None`.
    """

    def __init__(self, num_classes: int, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        check_positive("num_classes", num_classes)
        if num_classes < 2:
            raise ValueError(f"`num_classes` must be 2 or more. Received: {num_classes=}")
        self.num_classes = num_classes
        self.confusion = self.add_weight(
            name="confusion", shape=(num_classes, num_classes), initializer="zeros"
        )

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        true = self._one_hot("y_true", y_true)
        predicted = self._one_hot("y_pred", y_pred)
        if sample_weight is not None:
            weight = ops.reshape(ops.convert_to_tensor(sample_weight, self.dtype), (-1, 1))
            true = true * weight
        self.confusion.assign_add(ops.matmul(ops.transpose(true), predicted))

    def result(self) -> Tensor:
        return self.from_confusion(ops.convert_to_tensor(self.confusion))

    def from_confusion(self, confusion: Tensor) -> Tensor:
        """Returns the metric of a confusion matrix with true classes in rows."""
        raise NotImplementedError

    def get_config(self) -> Config:
        return {"num_classes": self.num_classes, "name": self.name, "dtype": self.dtype}

    def _one_hot(self, name: str, values: Tensor) -> Tensor:
        values = ops.convert_to_tensor(values)
        if len(values.shape) == 2 and values.shape[-1] == self.num_classes:
            classes = ops.argmax(values, axis=-1)
        elif len(values.shape) == 1 or (len(values.shape) == 2 and values.shape[-1] == 1):
            classes = ops.reshape(values, (-1,))
        else:
            raise ValueError(
                f"`{name}` must have the shape (batch,), (batch, 1) or "
                f"(batch, {self.num_classes}). Received: {name} of shape {tuple(values.shape)}"
            )
        classes = ops.cast(classes, "int32")
        # Backends differ in what they do with a class outside the range; here it counts nothing.
        known = ops.logical_and(classes >= 0, classes < self.num_classes)
        one_hot = ops.one_hot(
            ops.where(known, classes, ops.zeros_like(classes)), self.num_classes, dtype=self.dtype
        )
        return one_hot * ops.cast(known, self.dtype)[:, None]


def ratio_or_zero(numerator: Tensor, denominator: Tensor) -> Tensor:
    """Divides, and gives 0 for 0 / 0: a class without samples scores nothing."""
    empty = ops.equal(denominator, 0.0)
    return ops.where(
        empty, ops.zeros_like(numerator), numerator / ops.where(empty, 1.0, denominator)
    )
