"""Single kernels against NumPy, where the whole flow would hide a slip."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.kernels import layout
from ma2mi_preprocessing.kernels.lighting import estimate_light, place_in_cells, remove_light
from ma2mi_preprocessing.kernels.median import median_filter
from ma2mi_preprocessing.kernels.pyramid import build_pyramid, halve_image, refine_flow
from ma2mi_preprocessing.kernels.transfer import pad, read_flow, write_flow
from ma2mi_preprocessing.kernels.vectors import LANES
from ma2mi_preprocessing.kernels.warp import PADDING, linearise, smooth
from tests.reference import tvl1 as twin


def _state_of(flow):
    state = layout.allocate_state(*flow.shape[1:])
    write_flow(flow, state)
    return state


def _plane(state, plane, height, width):
    """A copy of (H, W) pixels."""
    blocks = state[:height].reshape(height, -1, layout.BLOCK)[:, :, plane : plane + LANES]
    return blocks.reshape(height, -1)[:, :width]


def _set_plane(state, plane, values):
    for j in range(values.shape[1]):
        at = layout.BLOCK * (j // LANES) + plane + j % LANES
        state[: len(values), at] = values[:, j]


def _smoothed(image):
    smoothed = np.empty((image.shape[0], LANES * layout.blocks_of(image.shape[1])), np.float32)
    smooth(_pad(image), smoothed)
    return smoothed


@settings(max_examples=30, deadline=None)
@given(height=st.integers(16, 40), width=st.integers(16, 130))
def test_planes_do_not_overlap_and_blocks_lie_on_cache_lines(height, width):
    state = layout.allocate_state(height, width)
    assert not state.any()
    assert state.shape == (height + 1, layout.BLOCK * (layout.blocks_of(width) + 1))
    assert LANES * layout.blocks_of(width) >= width > LANES * (layout.blocks_of(width) - 1)
    assert state.ctypes.data % 64 == 0
    assert layout.BLOCK * state.itemsize % 64 == 0
    planes = range(0, layout.BLOCK, LANES)
    for number, plane in enumerate(planes):
        _set_plane(state, plane, np.full((height, width), number + 1, np.float32))
    for number, plane in enumerate(planes):
        assert (_plane(state, plane, height, width) == number + 1).all()


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(16, 25),
    width=st.integers(16, 50),
    levels=st.integers(1, 4),
    seed=st.integers(0, 999),
)
def test_median_is_the_middle_of_nine(height, width, levels, seed):
    rng = np.random.default_rng(seed)
    # Few distinct values, so that ties are common.
    planes = rng.integers(0, levels + 1, (2, height, width)).astype(np.float32)
    planes += (levels > 2) * rng.standard_normal(planes.shape).astype(np.float32)
    state = _state_of(planes)
    median_filter(state, height, width)
    filtered = np.empty_like(planes)
    read_flow(state, filtered)
    np.testing.assert_array_equal(filtered, [twin.median3x3(plane) for plane in planes])


def _pad(image):
    height, width = image.shape
    right = LANES * layout.blocks_of(width) - width
    padded = np.empty((height + 2 * PADDING, width + 2 * PADDING + right), np.float32)
    pad(image, PADDING, padded)
    border = ((PADDING, PADDING), (PADDING, PADDING + right))
    np.testing.assert_array_equal(padded, np.pad(image, border, "edge"))
    return padded


@pytest.mark.parametrize("reach", [0.0, 0.4, 3.0, 30.0])
def test_linearisation_is_the_spline_of_the_warped_image(reach, rng):
    """Also where neighbours part widely and where the flow leaves the image."""
    height, width = 40, 71
    reference, moving = rng.uniform(0, 1, (2, height, width)).astype(np.float32)
    flow = (reach * rng.uniform(-1, 1, (2, height, width))).astype(np.float32)
    flow[:, :20] = reach / 2
    state = _state_of(flow)
    beyond = LANES * layout.blocks_of(width) - width
    linearise(state, width, np.pad(reference, ((0, 0), (0, beyond))), _pad(moving))

    exact = flow.astype(float)
    value, slope_x, slope_y = twin.spline(moving.astype(float), exact)
    overlap = twin.overlap(exact)
    slopes = np.stack((slope_x, slope_y)) * overlap
    gradient = [
        _plane(state, plane, height, width) for plane in (layout.GRADIENT_X, layout.GRADIENT_Y)
    ]
    np.testing.assert_allclose(gradient, slopes, atol=2e-5)
    expected = (value - reference) * overlap - (slopes * flow).sum(axis=0)
    residual = _plane(state, layout.RESIDUAL, height, width)
    np.testing.assert_allclose(residual, expected, atol=2e-5 * max(1, reach))
    inverse = _plane(state, layout.INVERSE_SQUARED_GRADIENT, height, width)
    np.testing.assert_allclose(inverse * twin.regularised_square(slopes), 1, rtol=1e-3)
    assert (overlap == 1).mean() > 0.2
    if reach == 30.0:
        assert (overlap == 0).mean() > 0.2


@pytest.mark.parametrize("width", [48, 50])
def test_reference_and_still_moving_image_are_smoothed_bit_for_bit_alike(width, rng):
    image = rng.uniform(0, 1, (33, width)).astype(np.float32)
    smoothed = _smoothed(image)
    state = layout.allocate_state(*image.shape)
    linearise(state, width, smoothed, _pad(image))
    assert (_plane(state, layout.RESIDUAL, *image.shape) == 0).all()
    assert np.abs(_plane(state, layout.GRADIENT_X, *image.shape)).max() > 0.01
    value, _, _ = twin.spline(image.astype(float), np.zeros((2, *image.shape)))
    np.testing.assert_allclose(smoothed[:, :width], value, atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (33, 50), (64, 47)])
def test_light_is_the_weighted_local_mean_and_is_taken_from_the_residual(height, width, rng):
    flow, gradient = rng.standard_normal((2, 2, height, width)).astype(np.float32)
    residual = rng.uniform(0.5, 2, (height, width)).astype(np.float32)
    state = _state_of(flow)
    planes = (
        (layout.GRADIENT_X, gradient[0]),
        (layout.GRADIENT_Y, gradient[1]),
        (layout.RESIDUAL, residual),
        (layout.INVERSE_SQUARED_GRADIENT, 1 / twin.regularised_square(gradient)),
    )
    for plane, values in planes:
        _set_plane(state, plane, np.asarray(values, np.float32))
    light = np.empty((round(height / 10), round(width / 10)), np.float32)
    estimate_light(state, height, width, light)
    remove_light(state, height, width, light)
    difference = residual + (gradient * flow).sum(axis=0)
    surface = twin.change_of_light(difference, gradient)
    taken = residual - _plane(state, layout.RESIDUAL, height, width)
    np.testing.assert_allclose(taken, surface, atol=1e-4)
    assert surface.std() > 0.1


@given(length=st.integers(2, 500), cells=st.integers(2, 60))
def test_every_pixel_lies_between_two_cells(length, cells):
    before, fraction = place_in_cells(length, cells)
    assert before.min() >= 0
    assert before.max() <= cells - 2
    hats = np.zeros((length, cells))
    np.put_along_axis(hats, before[:, None], 1 - fraction[:, None], axis=1)
    np.put_along_axis(hats, before[:, None] + 1, fraction[:, None], axis=1)
    np.testing.assert_allclose(hats, twin.hats(length, cells), atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(height=st.integers(2, 41), width=st.integers(2, 41), seed=st.integers(0, 999))
def test_halving_equals_the_twin_and_commutes_with_mirrors(height, width, seed):
    image = np.random.default_rng(seed).uniform(0, 1, (height, width)).astype(np.float32)
    half = halve_image(image)
    np.testing.assert_allclose(half, twin.halve(image.astype(float)), atol=1e-6)
    mirrored = halve_image(np.ascontiguousarray(image[::-1, ::-1]))
    np.testing.assert_array_equal(mirrored[::-1, ::-1], half)


@settings(max_examples=30, deadline=None)
@given(height=st.integers(2, 41), width=st.integers(2, 41), seed=st.integers(0, 999))
def test_refined_flow_equals_the_twin(height, width, seed):
    shape = (2, (height + 1) // 2, (width + 1) // 2)
    coarse = np.random.default_rng(seed).uniform(0, 1, shape).astype(np.float32)
    finer = refine_flow(coarse, height, width)
    expected = 2 * twin.resize_up(coarse.astype(float), (height, width))
    np.testing.assert_allclose(finer, expected, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(height=st.integers(3, 41), width=st.integers(3, 41))
def test_refined_flow_of_a_linear_field_is_linear_away_from_the_border(height, width):
    coarse_shape = (height + 1) // 2, (width + 1) // 2
    y, x = (np.arange(n) - (n - 1) / 2 for n in coarse_shape)
    coarse = np.stack(np.broadcast_arrays(0.3 * x[None] + 0.1 * y[:, None], 1 - 0.2 * x[None]))
    fine = refine_flow(np.ascontiguousarray(coarse, dtype=np.float32), height, width)
    # A pixel of the finer grid is half as wide, so slopes per pixel stay and values double.
    fy, fx = (np.arange(n) - (n - 1) / 2 for n in (height, width))
    expected = np.stack(np.broadcast_arrays(0.3 * fx[None] + 0.1 * fy[:, None], 2 - 0.2 * fx[None]))
    inner = (slice(None), slice(1, -1), slice(1, -1))
    np.testing.assert_allclose(fine[inner], expected[inner], atol=1e-5)


def test_pyramid_stops_at_the_smallest_side():
    image = np.zeros((224, 130), np.float32)
    assert [level.shape for level in build_pyramid(image, 9, 16)] == [
        (224, 130),
        (112, 65),
        (56, 33),
        (28, 17),
    ]
    assert len(build_pyramid(image, 2, 16)) == 2
