import numpy as np
import pytest

from keras_ma2mi.models.running_scale import RunningScale
from tests.conformance import check_config, to_numpy


def test_divides_by_the_root_mean_square_of_the_first_batch(rng: np.random.Generator) -> None:
    inputs = (0.02 * rng.normal(size=(8, 4, 4, 3))).astype("float32")
    (scaled,) = to_numpy(RunningScale()(inputs, training=True))
    np.testing.assert_allclose(scaled, inputs / np.sqrt(np.mean(inputs**2)), rtol=1e-3)


def test_averages_over_batches_and_keeps_still_in_inference() -> None:
    layer = RunningScale(momentum=0.5)
    for size in (2.0, 4.0):
        layer(np.full((4, 2), size, "float32"), training=True)
    # Weights 0.25 and 0.5 of the squares 4 and 16, divided by their sum.
    expected = 3.0 / np.sqrt((0.25 * 4.0 + 0.5 * 16.0) / 0.75)
    for _ in range(2):
        (scaled,) = to_numpy(layer(np.full((4, 2), 3.0, "float32"), training=False))
        np.testing.assert_allclose(scaled, expected, rtol=1e-5)


def test_small_samples_stay_small() -> None:
    inputs = np.array([[1.0], [0.01]], "float32")
    (scaled,) = to_numpy(RunningScale()(inputs, training=True))
    assert scaled[1] / scaled[0] == pytest.approx(0.01, rel=1e-5)


def test_changes_nothing_before_training_and_survives_batches_of_zeros() -> None:
    layer = RunningScale()
    (same,) = to_numpy(layer(np.float32([[5.0]]), training=False))
    assert same == 5.0
    (zeros,) = to_numpy(layer(np.zeros((2, 2), "float32"), training=True))
    assert (zeros == 0).all()


def test_configuration() -> None:
    check_config(RunningScale(momentum=0.7))
    with pytest.raises(ValueError, match="`momentum` must be in the range"):
        RunningScale(momentum=1.0)
