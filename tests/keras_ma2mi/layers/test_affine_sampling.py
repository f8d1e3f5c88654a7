"""The pure functions against SciPy, 3x3 matrices and a scene known as a formula."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from keras_ma2mi.layers.affine_sampling import (
    SimilarityTransform,
    sample_bilinear,
    transform_images,
    transform_vectors,
)
from tests.conformance import to_numpy

HEIGHT, WIDTH = 64, 72
# Mirror, angle in degrees, scale, shift to the right and down in pixels; the first is a mere flip.
CASES = [
    (-1.0, 0.0, 1.0, 0.0, 0.0),
    (1.0, 25.0, 1.0, 0.0, 0.0),
    (1.0, 0.0, 0.7, 0.0, 0.0),
    (1.0, 0.0, 1.0, 3.5, -4.25),
    (-1.0, -20.0, 1.15, -2.5, 4.0),
    (-1.0, 15.0, 0.9, 3.0, 1.5),
]


def _transform(cases: list[tuple[float, ...]]) -> SimilarityTransform:
    mirror, degrees, scale, shift_x, shift_y = np.float32(cases).T
    fields = (mirror, np.deg2rad(degrees), scale, shift_x, shift_y)
    return SimilarityTransform(*map(keras.ops.convert_to_tensor, fields))


def _turned(u: np.ndarray, v: np.ndarray, transform: SimilarityTransform) -> list[np.ndarray]:
    u, v = (keras.ops.convert_to_tensor(part, dtype="float32") for part in (u, v))
    return to_numpy(transform_vectors(u, v, transform))


def _forward_matrix(case: tuple[float, ...], height: int, width: int) -> np.ndarray:
    """3x3 matrix that moves (x, y, 1), multiplied up from its steps."""
    mirror, degrees, scale, shift_x, shift_y = case
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    centre = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    flip = np.diag([mirror, 1, 1])
    # With y down, this turns the x axis towards the y axis: clockwise to the eye.
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    shift = np.array([[1, 0, shift_x], [0, 1, shift_y], [0, 0, 1]])
    return shift @ centre @ np.diag([scale, scale, 1]) @ turn @ flip @ np.linalg.inv(centre)


def _grid(height: int = HEIGHT, width: int = WIDTH) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:height, :width].astype("float64")
    return x, y


def _places_before(case: tuple[float, ...], height: int, width: int) -> np.ndarray:
    """Where each pixel of the transformed image was: (x, y) of shape (2, height, width)."""
    x, y = _grid(height, width)
    places = np.stack([x, y, np.ones_like(x)]).reshape(3, -1)
    inverse = np.linalg.inv(_forward_matrix(case, height, width))
    return (inverse @ places)[:2].reshape(2, height, width)


def _moving(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 0.5 + 0.2 * np.sin(x / 4.0 + 0.3) + 0.2 * np.cos(y / 5.0 + x / 15.0)


def _flow(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 1.5 * np.sin(y / 12.0) + 0.5, np.cos(x / 14.0) - 0.3


def _onset(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    u, v = _flow(x, y)
    return _moving(x + u, y + v)


def _repeat(image: np.ndarray) -> np.ndarray:
    return np.repeat(image[None, :, :, None], len(CASES), axis=0).astype("float32")


def _transformed_scene() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Onset, moving frame, u and v after each of the transforms, each (case, height, width)."""
    x, y = _grid()
    images = np.concatenate(
        [_repeat(image) for image in (_onset(x, y), _moving(x, y), *_flow(x, y))], axis=-1
    )
    (moved,) = to_numpy(transform_images(images, _transform(CASES)))
    u, v = _turned(moved[..., 2], moved[..., 3], _transform(CASES))
    return moved[..., 0], moved[..., 1], u, v


@settings(max_examples=8, deadline=None)
@given(height=st.integers(1, 6), width=st.integers(1, 6), seed=st.integers(0, 99))
def test_bilinear_sampling_equals_scipy(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(2, height, width, 3)).astype("float32")
    x = rng.uniform(-3, width + 2, size=(2, 4, 5)).astype("float32")
    y = rng.uniform(-3, height + 2, size=(2, 4, 5)).astype("float32")
    (sampled,) = to_numpy(sample_bilinear(images, x, y))
    for sample in range(2):
        for channel in range(3):
            expected = ndimage.map_coordinates(
                images[sample, :, :, channel], [y[sample], x[sample]], order=1, mode="nearest"
            )
            np.testing.assert_allclose(sampled[sample, :, :, channel], expected, atol=2e-6)


def test_sampling_at_the_pixels_copies_them_exactly(rng: np.random.Generator) -> None:
    images = rng.normal(size=(2, 5, 7, 3)).astype("float32")
    x, y = (np.repeat(axis[None], 2, axis=0).astype("float32") for axis in _grid(5, 7))
    np.testing.assert_array_equal(to_numpy(sample_bilinear(images, x, y))[0], images)


@pytest.mark.parametrize(("height", "width"), [(16, 20), (17, 13)])
def test_transformed_images_equal_scipy_with_inverted_matrices(
    height: int, width: int, rng: np.random.Generator
) -> None:
    images = rng.uniform(size=(len(CASES), height, width, 2)).astype("float32")
    (transformed,) = to_numpy(transform_images(images, _transform(CASES)))
    for index, case in enumerate(CASES):
        x, y = _places_before(case, height, width)
        for channel in range(2):
            expected = ndimage.map_coordinates(
                images[index, :, :, channel].astype("float64"), [y, x], order=1, mode="nearest"
            )
            np.testing.assert_allclose(transformed[index, :, :, channel], expected, atol=3e-5)


@pytest.mark.parametrize("index", range(len(CASES)))
def test_transformed_flow_equals_the_formula(index: int) -> None:
    _, _, u, v = _transformed_scene()
    x, y = _places_before(CASES[index], HEIGHT, WIDTH)
    linear = _forward_matrix(CASES[index], HEIGHT, WIDTH)[:2, :2]
    expected = np.einsum("ij,jhw->ihw", linear, np.stack(_flow(x, y)))
    inside = np.s_[20:-20, 20:-20]
    np.testing.assert_allclose(u[index][inside], expected[0][inside], atol=5e-3)
    np.testing.assert_allclose(v[index][inside], expected[1][inside], atol=5e-3)


@pytest.mark.parametrize("index", range(len(CASES)))
def test_transformed_flow_still_points_from_the_onset_to_the_moving_frame(index: int) -> None:
    """Brightness constancy survives: moving(p + flow(p)) = onset(p) before and after."""
    onset, moving, u, v = (part[index].astype("float64") for part in _transformed_scene())
    x, y = _grid()
    inside = np.s_[20:-20, 20:-20]

    def mismatch(u: np.ndarray, v: np.ndarray) -> float:
        found = ndimage.map_coordinates(moving, [y + v, x + u], order=3, mode="nearest")
        return float(np.abs(found - onset)[inside].max())

    assert mismatch(u, v) < 0.01
    # What one sees when the vectors are moved like any other channel.
    if CASES[index][:3] != (1.0, 0.0, 1.0):
        x_before, y_before = _places_before(CASES[index], HEIGHT, WIDTH)
        assert mismatch(*_flow(x_before, y_before)) > 0.03


def test_flip_reverses_columns_and_negates_u_exactly(rng: np.random.Generator) -> None:
    images = rng.normal(size=(1, 6, 9, 2)).astype("float32")
    flip = _transform([(-1.0, 0.0, 1.0, 0.0, 0.0)])
    (flipped,) = to_numpy(transform_images(images, flip))
    np.testing.assert_array_equal(flipped, images[:, :, ::-1])
    u, v = _turned(images[..., 0], images[..., 1], flip)
    np.testing.assert_array_equal(u, -images[..., 0])
    np.testing.assert_array_equal(v, images[..., 1])


def test_positive_angle_turns_right_into_down() -> None:
    """A quarter turn clockwise: what was right of the centre, and pointed right, is below."""
    image = np.zeros((1, 5, 5, 1), "float32")
    image[0, 2, 4] = 1.0
    quarter = _transform([(1.0, 90.0, 1.0, 0.0, 0.0)])
    (turned,) = to_numpy(transform_images(image, quarter))
    assert np.unravel_index(turned.argmax(), turned.shape) == (0, 4, 2, 0)
    u, v = _turned(np.ones((1, 1, 1)), np.zeros((1, 1, 1)), quarter)
    np.testing.assert_allclose([u.item(), v.item()], [0.0, 1.0], atol=1e-6)


def test_shift_moves_right_and_down_and_repeats_the_border() -> None:
    image = np.arange(12, dtype="float32").reshape(1, 3, 4, 1)
    (shifted,) = to_numpy(transform_images(image, _transform([(1.0, 0.0, 1.0, 2.0, 1.0)])))
    np.testing.assert_array_equal(shifted[0, :, :, 0], [[0, 0, 0, 1], [0, 0, 0, 1], [4, 4, 4, 5]])
