"""Batch normalisation within our layers is that of Keras, whatever computes it."""

import keras
import numpy as np
import pytest

from keras_ma2mi.layers.normalization import EPSILON, MOMENTUM, batch_normalization


@pytest.mark.parametrize("axis", [1, -1])
@pytest.mark.parametrize("is_frozen", [False, True])
def test_outputs_and_statistics_are_those_of_keras(
    axis: int, is_frozen: bool, rng: np.random.Generator
) -> None:
    shape = (4, 3, 5, 6)
    ours = batch_normalization("norm", "float32", axis)
    theirs = keras.layers.BatchNormalization(axis, momentum=MOMENTUM, epsilon=EPSILON)
    for layer in (ours, theirs):
        layer.build(shape)
        layer.trainable = not is_frozen
    weights = [rng.uniform(0.5, 2, shape[axis]) for _ in range(4)]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    for training in (True, False):
        x = (1e-3 * rng.normal(size=shape) + 2e-3).astype("float32")
        outputs = [
            keras.ops.convert_to_numpy(layer(x, training=training)) for layer in (ours, theirs)
        ]
        np.testing.assert_allclose(*outputs, rtol=1e-4, atol=1e-4)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-8)
    assert is_frozen == np.allclose(ours.get_weights()[2], weights[2])


def test_half_precision_keeps_its_type() -> None:
    layer = batch_normalization("norm", "mixed_bfloat16", -1)
    outputs = layer(keras.ops.ones((2, 4, 4, 3), "bfloat16"), training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == "bfloat16"
