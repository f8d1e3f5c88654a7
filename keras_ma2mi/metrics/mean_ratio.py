"""Ratio of two means."""

from typing import Any

import keras
from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.metrics.confusion_metric import ratio_or_zero
from keras_ma2mi.types import Config, Tensor


@ma2mi_export
class MeanRatio(keras.metrics.Metric):
    """Ratio of the means of two quantities, such as the error without and with motion.

    Sums are kept and divided once, so that a batch with a tiny denominator cannot dominate.

    Args:
        name: Name of the metric. Defaults to `"mean_ratio"`.
        dtype: Dtype of the sums. Defaults to `None`, the Keras float type.

    Call arguments:
        numerator: Tensor of any shape.
        denominator: Tensor of the same shape.

    Example:

    ```python
    metric = keras_ma2mi.metrics.MeanRatio()
    metric.update_state(3.0, 2.0)
    metric.update_state(1.0, 2.0)
    metric.result()  # (3 + 1) / (2 + 2) = 1.0
    ```
    """

    def __init__(self, name: str = "mean_ratio", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.numerator = self.add_weight(name="numerator", shape=(), initializer="zeros")
        self.denominator = self.add_weight(name="denominator", shape=(), initializer="zeros")

    def update_state(self, numerator: Tensor, denominator: Tensor) -> None:
        self.numerator.assign_add(ops.sum(ops.cast(numerator, self.dtype)))
        self.denominator.assign_add(ops.sum(ops.cast(denominator, self.dtype)))

    def result(self) -> Tensor:
        return ratio_or_zero(
            ops.convert_to_tensor(self.numerator), ops.convert_to_tensor(self.denominator)
        )

    def get_config(self) -> Config:
        return {"name": self.name, "dtype": self.dtype}
