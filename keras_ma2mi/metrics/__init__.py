"""Metrics."""

from keras_ma2mi.metrics.confusion_metric import ConfusionMetric
from keras_ma2mi.metrics.mean_ratio import MeanRatio
from keras_ma2mi.metrics.unweighted_average_recall import UnweightedAverageRecall
from keras_ma2mi.metrics.unweighted_f1 import UnweightedF1

__all__ = ["ConfusionMetric", "MeanRatio", "UnweightedAverageRecall", "UnweightedF1"]
