"""Statistics of batch normalisation for weights that no training step has seen."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_ma2mi.models.layer_tree import layers_within
from ma2mi_recipes.batches import ClipBatches


def refresh_statistics(
    network: keras.Model, batches: ClipBatches, class_weight: Mapping[int, float] | None = None
) -> None:
    """Computes the statistics of batch normalisation anew, from training clips.

    The batches go through the compiled training step with a learning rate of zero, so nothing has
    to be compiled for it and no weight moves; layers that are frozen keep their statistics. The
    state of the optimizer, and what dropout draws from, is not what it was afterwards.

    Args:
        network: A compiled network.
        batches: Training clips.
        class_weight: As it was given to `fit`; another structure would compile the step anew.

    Reference:
        Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization",
        UAI 2018, section 3.2.
    """
    layers = [
        layer
        for layer in layers_within(network)
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]
    for layer in layers:
        for statistic in _statistics(layer):
            statistic.assign(np.zeros(statistic.shape, np.float32))
    network.optimizer.learning_rate = 0.0
    for index in range(len(batches)):
        network.train_on_batch(*batches[index], class_weight=class_weight)
    for layer in layers:
        # A moving average that starts at zero is too small by a known factor.
        share = np.float32(1 - layer.momentum ** len(batches))
        for statistic in _statistics(layer):
            statistic.assign(keras.ops.convert_to_numpy(statistic) / share)


def _statistics(layer: keras.layers.BatchNormalization) -> tuple[Any, Any]:
    return layer.moving_mean, layer.moving_variance
