"""Single kernels against NumPy, where the whole flow would hide a slip."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.kernels import layout
from ma2mi_preprocessing.kernels.lighting import estimate_light, place_in_cells, remove_light
from ma2mi_preprocessing.kernels.median import median_filter
from ma2mi_preprocessing.kernels.transfer import pad, read_flow, write_flow
from ma2mi_preprocessing.kernels.warp import PADDING, linearise, smooth
from ma2mi_preprocessing.pyramid import (
    build_pyramid,
    coarse_to_fine,
    double_planes,
    halve_planes,
    refine_flow,
)
from tests.reference import tvl1 as twin


def _state_of(flow):
    state = layout.allocate_state(*flow.shape[1:])
    write_flow(flow, state)
    return state


def _plane(state, plane, height, width):
    return state[plane :: layout.PLANES][:height, layout.MARGIN : layout.MARGIN + width]


@settings(max_examples=30, deadline=None)
@given(height=st.integers(16, 130), width=st.integers(16, 130))
def test_planes_neither_overlap_nor_share_their_place_in_the_cache(height, width):
    state = layout.allocate_state(height, width)
    assert not state.any()
    assert state.shape[0] == layout.PLANES * (height + 1)
    assert state.shape[1] >= layout.MARGIN + width + layout.LANES
    assert state.ctypes.data % 64 == 0
    assert state.strides[0] // 64 % 2 == 1
    for plane in range(layout.PLANES):
        _plane(state, plane, height, width)[:] += 1
    assert state.sum() == layout.PLANES * height * width
    assert state.max() == 1


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
    padded = np.empty([side + 2 * PADDING for side in image.shape], np.float32)
    pad(image, padded)
    np.testing.assert_array_equal(padded, np.pad(image, PADDING, "edge"))
    return padded


@pytest.mark.parametrize("reach", [0.0, 0.4, 3.0, 30.0])
def test_linearisation_is_the_spline_of_the_warped_image(reach, rng):
    """Also where neighbours part widely and where the flow leaves the image."""
    height, width = 40, 71
    reference, moving = rng.uniform(0, 1, (2, height, width)).astype(np.float32)
    flow = (reach * rng.uniform(-1, 1, (2, height, width))).astype(np.float32)
    flow[:, :20] = reach / 2
    state = _state_of(flow)
    linearise(state, reference, _pad(moving))

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


def test_reference_and_still_moving_image_are_smoothed_bit_for_bit_alike(rng):
    image = rng.uniform(0, 1, (33, 50)).astype(np.float32)
    padded = _pad(image)
    smoothed = np.empty_like(image)
    smooth(padded, smoothed)
    state = layout.allocate_state(*image.shape)
    linearise(state, smoothed, padded)
    assert (_plane(state, layout.RESIDUAL, *image.shape) == 0).all()
    assert np.abs(smoothed - image).max() > 0.01


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
        _plane(state, plane, height, width)[:] = values
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
    planes = np.random.default_rng(seed).uniform(0, 1, (2, height, width)).astype(np.float32)
    halves = halve_planes(planes)
    expected = [twin.halve(plane.astype(float)) for plane in planes]
    np.testing.assert_allclose(halves, expected, atol=1e-6)
    mirrored = halve_planes(np.ascontiguousarray(planes[:, ::-1, ::-1]))
    np.testing.assert_array_equal(mirrored[:, ::-1, ::-1], halves)


@settings(max_examples=30, deadline=None)
@given(height=st.integers(2, 41), width=st.integers(2, 41), seed=st.integers(0, 999))
def test_doubling_equals_the_twin(height, width, seed):
    shape = (2, (height + 1) // 2, (width + 1) // 2)
    coarse = np.random.default_rng(seed).uniform(0, 1, shape).astype(np.float32)
    finer = double_planes(coarse, (height, width))
    expected = twin.resize_up(coarse.astype(float), (height, width))
    np.testing.assert_allclose(finer, expected, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(height=st.integers(3, 41), width=st.integers(3, 41))
def test_refined_flow_of_a_linear_field_is_linear_away_from_the_border(height, width):
    coarse_shape = (height + 1) // 2, (width + 1) // 2
    y, x = (np.arange(n) - (n - 1) / 2 for n in coarse_shape)
    coarse = np.stack(np.broadcast_arrays(0.3 * x[None] + 0.1 * y[:, None], 1 - 0.2 * x[None]))
    fine = refine_flow(np.ascontiguousarray(coarse, dtype=np.float32), (height, width))
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


def test_coarse_to_fine_hands_any_solver_the_doubled_flow_of_the_level_before():
    initial_flows = []

    def add_one_pixel(reference, moving, flow, level):
        initial_flows.append((level, float(flow.max())))
        assert flow.shape == (2, *reference.shape)
        return flow + np.float32(1)

    image = np.zeros((64, 64), np.float32)
    flow = coarse_to_fine(image, image, add_one_pixel, levels=3, smallest_side=16)
    assert initial_flows == [(2, 0), (1, 2), (0, 6)]
    np.testing.assert_array_equal(flow, 7)
