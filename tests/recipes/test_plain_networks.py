"""The network by hand, that Keras' speed is compared with, is the same network."""

import keras
import numpy as np
import pytest

from keras_ma2mi.models import MIACNet

pytestmark = pytest.mark.skipif(
    keras.backend.backend() not in ("torch", "jax"), reason="by hand in PyTorch and JAX only"
)


def _drawn(**overrides):
    """A small network whose statistics, biases and gates all count."""
    options = {"stem_filters": [6, 8], "filters": [8, 12, 12], "position_heads": 2, **overrides}
    network = MIACNet.from_preset("miacnet_tiny", num_classes=4, input_size=32, **options)
    random = np.random.default_rng(0)
    for weight in network.weights:
        if weight.name == "moving_variance":
            weight.assign(random.uniform(0.5, 2, weight.shape))
        elif weight.name in ("moving_mean", "beta", "bias", "gamma") or "gate" in weight.path:
            weight.assign(0.5 + 0.3 * random.normal(size=weight.shape))
    return network


def _by_hand(network):
    weights = {w.path: np.array(keras.ops.convert_to_numpy(w.value)) for w in network.weights}
    if keras.backend.backend() == "jax":
        from ma2mi_recipes.plain.jax_miacnet import JaxTraining

        return JaxTraining(network.get_config(), weights, learning_rate=1e-3, weight_decay=4e-3)
    from ma2mi_recipes.plain.torch_miacnet import TorchTraining

    training = TorchTraining(network.get_config(), learning_rate=1e-3, weight_decay=4e-3)
    training.network.load(weights)
    return training


def _batch():
    random = np.random.default_rng(1)
    onset, motion = random.uniform(size=(2, 6, 32, 32, 3)).astype("float32")
    return {"onset": onset, "motion": motion, "label": random.integers(0, 4, 6)}


@pytest.mark.parametrize(
    "overrides",
    [
        {"dropout": 0.0},
        {"dropout": 0.0, "fusion": "add"},
        {"dropout": 0.0, "branches": "action"},
        {"dropout": 0.0, "branches": "position"},
    ],
    ids=lambda overrides: "-".join(map(str, overrides.values())),
)
def test_logits_by_hand_are_those_of_keras(overrides):
    network, batch = _drawn(**overrides), _batch()
    logits = network.predict({key: batch[key] for key in network.input_keys}, verbose=0)
    np.testing.assert_allclose(
        _by_hand(network).predict([batch]), logits, atol=1e-4 * np.abs(logits).max()
    )
    assert np.abs(logits).max() > 0.1


def test_training_by_hand_takes_the_steps_of_keras():
    network, batch = _drawn(dropout=0.0), _batch()
    by_hand = _by_hand(network)
    network.compile(
        keras.optimizers.AdamW(1e-3, weight_decay=4e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    inputs = {key: batch[key] for key in network.input_keys}
    theirs = [by_hand.train([batch]) for _ in range(8)]
    ours = [float(np.ravel(network.train_on_batch(inputs, batch["label"]))[0]) for _ in range(8)]
    # `train_on_batch` reports the running mean since the start of the epoch, or each loss.
    running = np.cumsum(theirs) / np.arange(1, 9)
    closest = min(np.abs(np.subtract(ours, each)).max() for each in (theirs, running))
    assert closest < 2e-3 * theirs[0]
    assert theirs[-1] < 0.9 * theirs[0]
