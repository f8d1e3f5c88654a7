"""Unweighted average recall."""

from typing import Any

from keras import ops

from keras_ma2mi.export import ma2mi_export
from keras_ma2mi.metrics.confusion_metric import ConfusionMetric, ratio_or_zero
from keras_ma2mi.types import Tensor


@ma2mi_export
class UnweightedAverageRecall(ConfusionMetric):
    """Unweighted average recall (UAR): the mean over classes of `TP / N`.

    The mean runs over all `num_classes` classes. A class without samples has 0 / 0, which counts
    as 0: score predictions of all folds together, not fold by fold.

    Args:
        num_classes: int. Number of classes, 2 or more.
        name: Name of the metric. Defaults to `"uar"`.
        dtype: Dtype of the counts. Defaults to `None`, the Keras float type.

    Example:

    ```python
    metric = keras_ma2mi.metrics.UnweightedAverageRecall(num_classes=3)
    metric.update_state([0, 0, 1, 2], [0, 1, 1, 2])  # classes, logits or probabilities
    metric.result()  # (1/2 + 1 + 1) / 3
    ```

    Reference:
        - See et al., "MEGC 2019 - The Second Facial Micro-Expressions Grand Challenge", FG 2019.
    """

    def __init__(self, num_classes: int, name: str = "uar", dtype: Any = None) -> None:
        super().__init__(num_classes, name=name, dtype=dtype)

    def from_confusion(self, confusion: Tensor) -> Tensor:
        recall = ratio_or_zero(ops.diagonal(confusion), ops.sum(confusion, axis=1))
        return ops.mean(recall)
