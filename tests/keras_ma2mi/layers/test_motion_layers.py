import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.layers import FrameDifference, OpticalStrain
from tests.conformance import check_layer, to_numpy


def _strain(flow: np.ndarray) -> np.ndarray:
    """NumPy twin."""
    u, v = flow[..., 0], flow[..., 1]
    du_dy, du_dx = np.gradient(u, axis=(-2, -1))
    dv_dy, dv_dx = np.gradient(v, axis=(-2, -1))
    return np.sqrt(du_dx**2 + dv_dy**2 + 2 * (0.5 * (du_dy + dv_dx)) ** 2)


def test_strain_conforms(rng: np.random.Generator) -> None:
    check_layer(OpticalStrain, {"flow": rng.normal(size=(2, 5, 7, 2)).astype("float32")})


@settings(max_examples=5, deadline=None)
@given(height=st.integers(2, 6), width=st.integers(2, 6), seed=st.integers(0, 99))
def test_strain_equals_numpy_gradients(height: int, width: int, seed: int) -> None:
    flow = np.random.default_rng(seed).normal(size=(2, height, width, 2)).astype("float32")
    (strain,) = to_numpy(OpticalStrain()(flow))
    np.testing.assert_allclose(strain[..., 0], _strain(flow), rtol=1e-5, atol=1e-6)


def test_strain_of_a_shift_is_exactly_zero_and_of_a_stretch_its_rate() -> None:
    shift = np.broadcast_to(np.float32([0.3, -1.7]), (1, 6, 6, 2))
    assert (to_numpy(OpticalStrain()(shift))[0] == 0).all()
    u = np.tile(0.25 * np.arange(6, dtype="float32"), (6, 1))
    stretch = np.stack([u, np.zeros_like(u)], axis=-1)[None]
    np.testing.assert_allclose(to_numpy(OpticalStrain()(stretch))[0], 0.25, rtol=1e-6)


def test_training_through_zero_strain_gives_finite_weights() -> None:
    """A plain square root would turn the first gradient into NaN."""
    inputs = keras.Input((4, 4, 2))
    flow = keras.layers.Dense(2, kernel_initializer="zeros")(inputs)
    model = keras.Model(inputs, OpticalStrain()(flow))
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 4, 4, 2)), np.ones((2, 4, 4, 1)), verbose=0)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_strain_refuses_a_flow_without_two_channels() -> None:
    with pytest.raises(ValueError, match="`flow` must have 2 channels"):
        OpticalStrain().compute_output_shape((1, 4, 4, 3))


def test_difference_conforms(rng: np.random.Generator) -> None:
    reference, moving = rng.uniform(size=(2, 2, 5, 7, 3)).astype("float32")
    check_layer(FrameDifference, {"reference": reference, "moving": moving})


def test_difference_of_bytes_is_in_units_of_one() -> None:
    reference = np.uint8([[[0, 100], [255, 7]]])
    moving = np.uint8([[[255, 151], [0, 7]]])
    (difference,) = to_numpy(FrameDifference()(reference, moving))
    np.testing.assert_allclose(difference, [[[1.0, 0.2], [-1.0, 0.0]]], rtol=1e-6)


def test_difference_in_half_precision_keeps_one_level_in_white() -> None:
    """Rounded to float16 before the subtraction, one level of 255 would be 12 % off."""
    reference = np.full((1, 2, 2), 254 / 255, "float32")
    moving = np.full((1, 2, 2), 255 / 255, "float32")
    (difference,) = to_numpy(FrameDifference(dtype="mixed_float16")(reference, moving))
    assert difference.dtype == np.float16
    np.testing.assert_allclose(difference.astype("float32"), 1 / 255, rtol=1e-3)


def test_difference_refuses_frames_of_different_size() -> None:
    with pytest.raises(ValueError, match="`reference` and `moving` must have the same shape"):
        FrameDifference().compute_output_shape((1, 4, 4, 3), (1, 4, 5, 3))
