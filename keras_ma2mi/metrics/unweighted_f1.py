"""Unweighted F1 score."""

from typing import Any

from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.metrics.confusion_metric import ConfusionMetric, ratio_or_zero
from keras_ma2mi.types import Tensor


@ma2mi_export
class UnweightedF1(ConfusionMetric):
    """Unweighted F1 (UF1): the mean over classes of `2 TP / (2 TP + FP + FN)`.

    The mean runs over all `num_classes` classes. A class with neither samples nor predictions has
    0 / 0, which counts as 0: leaving such classes out, as some published code does, compares
    different averages under one name.

    Args:
        num_classes: int. Number of classes, 2 or more.
        name: Name of the metric. Defaults to `"uf1"`.
        dtype: Dtype of the counts. Defaults to `None`, the Keras float type.

    Example:

    ```python
    metric = keras_ma2mi.metrics.UnweightedF1(num_classes=3)
    metric.update_state([0, 0, 1, 2], [0, 1, 1, 2])  # classes, logits or probabilities
    metric.result()  # (2/3 + 2/3 + 1) / 3
    ```

    Reference:
        - See et al., "MEGC 2019 - The Second Facial Micro-Expressions Grand Challenge", FG 2019.
    """

    def __init__(self, num_classes: int, name: str = "uf1", dtype: Any = None) -> None:
        super().__init__(num_classes, name=name, dtype=dtype)

    def from_confusion(self, confusion: Tensor) -> Tensor:
        true_positives = ops.diagonal(confusion)
        support = ops.sum(confusion, axis=1)
        predictions = ops.sum(confusion, axis=0)
        return ops.mean(ratio_or_zero(2.0 * true_positives, support + predictions))
