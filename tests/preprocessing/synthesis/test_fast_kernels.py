"""Fast kernels give the very bytes of the plain arithmetic that they stand for."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.kernels.compilation import kernel
from ma2mi_preprocessing.synthesis import pixel_vectors
from ma2mi_preprocessing.synthesis.camera import Camera, expose
from ma2mi_preprocessing.synthesis.exposure import quick_noise
from ma2mi_preprocessing.synthesis.gathering import before_gathering, eased
from ma2mi_preprocessing.synthesis.sampling import sample_cubic

Array = npt.NDArray[np.float32]
F = np.float32


def cubic_by_definition(picture: Array, x: Array, y: Array) -> Array:
    """Catmull-Rom interpolation with whole arrays: rows first, then their sum, in this order."""

    def weights(t: Array) -> list[Array]:
        return [
            F(0.5) * t * (t * (F(2) - t) - F(1)),
            F(0.5) * (t * t * (F(3) * t - F(5)) + F(2)),
            F(0.5) * t * (t * (F(4) - F(3) * t) + F(1)),
            F(0.5) * t * t * (t - F(1)),
        ]

    height, width, _ = picture.shape
    left, top = np.floor(x), np.floor(y)
    across, down = weights(x - left), weights(y - top)
    value = np.zeros((*x.shape, picture.shape[2]), np.float32)
    for m in range(4):
        rows = np.clip(top.astype(int) - 1 + m, 0, height - 1)
        row = np.zeros_like(value)
        for k in range(4):
            columns = np.clip(left.astype(int) - 1 + k, 0, width - 1)
            part = across[k][..., None] * picture[rows, columns]
            row = part if k == 0 else row + part
        value += down[m][..., None] * row
    return value


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 5),
    st.floats(0.0, 4.0),
)
def test_sampling_is_that_of_the_definition_to_the_bit(
    seed: int, height: int, width: int, channels: int, reach: float
) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.standard_normal((height, width, channels), dtype=np.float32)
    x = rng.uniform(-reach, width + reach, (7, 9)).astype(np.float32)
    y = rng.uniform(-reach, height + reach, (7, 9)).astype(np.float32)
    np.testing.assert_array_equal(sample_cubic(picture, x, y), cubic_by_definition(picture, x, y))


def test_sampling_takes_pictures_that_are_views(rng: np.random.Generator) -> None:
    large = rng.standard_normal((20, 24, 6), dtype=np.float32)
    x, y = (rng.uniform(0, 9, (5, 6)).astype(np.float32).T for _ in range(2))
    view = large[::2, ::2, ::2]
    np.testing.assert_array_equal(sample_cubic(view, x, y), cubic_by_definition(view.copy(), x, y))


def exposed_by_definition(
    picture: Array, light: Array, camera: Camera | None, noise: Array
) -> npt.NDArray[np.uint8]:
    across = np.linspace(-1.0, 1.0, picture.shape[1], dtype=np.float32)[:, None]
    value = picture * (light[0] * (F(1) + light[1] * across))
    if camera is not None:
        variance = np.clip(value, 0, 1) * F(camera.shot_noise) + F(camera.read_noise**2)
        value = value + np.sqrt(variance) * noise
    return np.clip(np.rint(value * F(255)), 0, 255).astype(np.uint8)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(1, 20), st.booleans())
def test_exposure_is_that_of_the_definition_to_the_bit(
    seed: int, height: int, width: int, is_noisy: bool
) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.uniform(-0.3, 1.4, (height, width, 3)).astype(np.float32)
    # Halves of a step are where rounding shows.
    picture[0] = np.round(picture[0] * 510) / F(510)
    light = np.array([rng.uniform(0.9, 1.1), rng.uniform(-0.02, 0.02)], np.float32)
    camera = Camera(rng.uniform(0, 0.02), rng.uniform(0, 0.02)) if is_noisy else None
    noise = np.random.default_rng(1).standard_normal(picture.shape, dtype=np.float32)
    before = picture.copy()
    frame = expose(picture, light, camera, np.random.default_rng(1))
    np.testing.assert_array_equal(frame, exposed_by_definition(before, light, camera, noise))
    np.testing.assert_array_equal(picture, before)


def test_quick_noise_is_white_normal_and_follows_its_seed() -> None:
    noise = quick_noise(np.random.default_rng(5), (401, 500)).ravel().astype(float)
    np.testing.assert_array_equal(noise, quick_noise(np.random.default_rng(5), (200_500,)))
    # Five standard errors of 200,000 independent values.
    assert abs(noise.mean()) < 5 / np.sqrt(2e5)
    assert abs(noise.var() - 1) < 5 * np.sqrt(2 / 2e5)
    assert abs((noise**4).mean() - 3) < 5 * np.sqrt(96 / 2e5)
    for shift in (1, 2, 3, 4, 8, 384, 500):
        assert abs((noise[shift:] * noise[:-shift]).mean()) < 5 / np.sqrt(2e5)
    other = quick_noise(np.random.default_rng(6), (200_500,))
    assert abs((noise * other).mean()) < 5 / np.sqrt(2e5)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
def test_quick_noise_fills_any_length(count: int) -> None:
    longer = quick_noise(np.random.default_rng(5), (8,))
    np.testing.assert_array_equal(quick_noise(np.random.default_rng(5), (count,)), longer[:count])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([-1.0, 1.0]))
def test_gathered_skin_goes_back_to_where_it_was(seed: int, downwards: float) -> None:
    rng = np.random.default_rng(seed)
    shape = (5, 7)
    rest = rng.uniform(-0.3, 0.3, shape)
    stiff = rest + downwards * rng.uniform(0.1, 0.3, shape)
    # No more than a lid is drawn back: the skin never folds over itself.
    amount = rng.uniform(-0.7, 0.7, shape) * np.abs(stiff - rest)
    skin = rest + (stiff - rest) * rng.uniform(-0.5, 1.5, shape)
    place = skin + amount * eased((skin - rest) / (stiff - rest))
    np.testing.assert_allclose(before_gathering(place, rest, stiff, amount), skin, atol=1e-6)


@kernel
def blended(picture: Array, i: int, j: int, weight: np.float32, out: Array) -> None:
    first, second = (
        pixel_vectors.load_pixel(picture, i, j),
        pixel_vectors.load_pixel(picture, i, j + 1),
    )
    pixel = pixel_vectors.added(first, pixel_vectors.weighted(second, weight))
    pixel_vectors.store_pixel(out, i, j, pixel)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_compiled_pixels_are_those_of_numpy(rng: np.random.Generator, channels: int) -> None:
    picture = rng.standard_normal((4, 9, channels), dtype=np.float32)
    compiled, interpreted = np.zeros_like(picture), np.zeros_like(picture)
    without_numba: Any = blended
    blended(picture, 2, 3, F(0.3), compiled)
    without_numba.py_func(picture, 2, 3, F(0.3), interpreted)
    np.testing.assert_array_equal(compiled, interpreted)
    assert np.count_nonzero(compiled) == pixel_vectors.LANES
