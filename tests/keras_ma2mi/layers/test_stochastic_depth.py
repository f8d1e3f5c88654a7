import keras
import numpy as np
import pytest

from keras_ma2mi.layers import StochasticDepth
from tests.conformance import check_layer, to_numpy


def test_conforms(rng: np.random.Generator) -> None:
    inputs = rng.normal(size=(2, 4, 4, 3)).astype("float32")
    check_layer(lambda **kwargs: StochasticDepth(0.3, seed=1, **kwargs), {"inputs": inputs})


@pytest.mark.parametrize("shape", [(2000, 3), (2000, 2, 2, 3)])
def test_each_sample_is_dropped_whole_or_kept_enlarged(shape: tuple[int, ...]) -> None:
    (dropped,) = to_numpy(StochasticDepth(0.2, seed=1)(np.ones(shape, "float32"), training=True))
    samples = dropped.reshape(shape[0], -1)
    assert (samples == samples[:, :1]).all()
    np.testing.assert_allclose(np.unique(samples), [0.0, 1.25], rtol=1e-6)
    assert abs((samples[:, 0] == 0).mean() - 0.2) < 0.03


@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0.5, None), (0.0, True)])
def test_changes_nothing_in_inference_or_at_rate_zero(
    rate: float, training: bool | None, rng: np.random.Generator
) -> None:
    inputs = rng.normal(size=(8, 4)).astype("float32")
    (outputs,) = to_numpy(StochasticDepth(rate, seed=1)(inputs, training=training))
    np.testing.assert_array_equal(outputs, inputs)


def test_a_seed_repeats_the_sequence_and_each_call_goes_on() -> None:
    inputs = np.ones((64, 2), "float32")
    first, second = StochasticDepth(0.5, seed=7), StochasticDepth(0.5, seed=7)
    one, two = (to_numpy(first(inputs, training=True))[0] for _ in range(2))
    assert (one != two).any()
    for expected in (one, two):
        np.testing.assert_array_equal(to_numpy(second(inputs, training=True))[0], expected)


def test_dropped_samples_give_no_gradient() -> None:
    """In `fit`, where the step is compiled: the weight of a lost branch stays where it is."""
    inputs = keras.Input((1,))
    branch = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")(inputs)
    model = keras.Model(inputs, StochasticDepth(0.99, seed=2)(branch))
    model.compile(keras.optimizers.SGD(1e-4), "mse")
    model.fit(np.ones((1, 1)), np.zeros((1, 1)), verbose=0)
    # The one sample of this seed is lost: with it kept, the step would be 2 * 100 * 100 * 1e-4.
    assert model.get_weights()[0].item() == 1.0


def test_rate_zero_holds_no_state() -> None:
    assert StochasticDepth(0.0).variables == []
    assert len(StochasticDepth(0.1).variables) == 1


def test_mask_passes_through() -> None:
    masked = keras.layers.Masking()(np.float32([[[1.0], [0.0]]]))
    outputs = StochasticDepth(0.5)(masked)
    np.testing.assert_array_equal(to_numpy(outputs._keras_mask)[0], [[True, False]])


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_rates_that_make_no_sense_are_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="`rate` must be in the range"):
        StochasticDepth(rate)
