"""Single kernels against NumPy, where the whole flow would hide a slip."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.kernels.median import median_filter
from ma2mi_preprocessing.kernels.warp import PADDING, linearise, smooth
from ma2mi_preprocessing.pyramid import build_pyramid, coarse_to_fine, halve_image, refine_flow
from tests.reference import tvl1 as twin


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(2, 20),
    width=st.integers(2, 40),
    levels=st.integers(1, 4),
    seed=st.integers(0, 999),
)
def test_median_is_the_middle_of_nine(height, width, levels, seed):
    rng = np.random.default_rng(seed)
    # Few distinct values, so that ties are common.
    planes = rng.integers(0, levels + 1, (2, height, width)).astype(np.float32)
    planes += (levels > 2) * rng.standard_normal(planes.shape).astype(np.float32)
    filtered = np.empty_like(planes)
    median_filter(planes, filtered)
    np.testing.assert_array_equal(filtered, [twin.median3x3(plane) for plane in planes])


@pytest.mark.parametrize("reach", [0.0, 0.4, 3.0, 30.0])
def test_linearisation_is_the_spline_of_the_warped_image(reach, rng):
    """Also where neighbours part widely and where the flow leaves the image."""
    height, width = 40, 71
    reference, moving = rng.uniform(0, 1, (2, height, width)).astype(np.float32)
    flow = (reach * rng.uniform(-1, 1, (2, height, width))).astype(np.float32)
    flow[:, :20] = reach / 2
    gradient = np.empty_like(flow)
    residual, inverse = np.empty((2, height, width), np.float32)
    linearise(reference, np.pad(moving, PADDING, "edge"), flow, gradient, residual, inverse)

    value, slope_x, slope_y = twin.spline(moving.astype(float), flow.astype(float))
    inside = twin.is_inside(flow.astype(float))
    slopes = np.stack((slope_x, slope_y)) * inside
    np.testing.assert_allclose(gradient, slopes, atol=2e-5)
    moved = (slopes * flow).sum(axis=0)
    expected = (value - reference) * inside - moved
    np.testing.assert_allclose(residual, expected, atol=2e-5 * max(1, reach))
    np.testing.assert_allclose(inverse * ((gradient**2).sum(axis=0) + 1e-7), 1, rtol=1e-3)
    assert inside.mean() > 0.2


def test_reference_and_still_moving_image_are_smoothed_bit_for_bit_alike(rng):
    image = rng.uniform(0, 1, (33, 50)).astype(np.float32)
    padded = np.pad(image, PADDING, "edge")
    smoothed = np.empty_like(image)
    smooth(padded, smoothed)
    gradient = np.empty((2, 33, 50), np.float32)
    residual, inverse = np.empty((2, 33, 50), np.float32)
    linearise(smoothed, padded, np.zeros_like(gradient), gradient, residual, inverse)
    assert (residual == 0).all()
    assert np.abs(smoothed - image).max() > 0.01


@settings(max_examples=30, deadline=None)
@given(height=st.integers(2, 41), width=st.integers(2, 41), seed=st.integers(0, 999))
def test_halving_equals_the_twin_and_commutes_with_mirrors(height, width, seed):
    image = np.random.default_rng(seed).uniform(0, 1, (height, width)).astype(np.float32)
    half = halve_image(image)
    expected = twin.halve_rows(twin.halve_rows(image.astype(float)).T).T
    np.testing.assert_allclose(half, expected, atol=1e-6)
    mirrored = halve_image(np.ascontiguousarray(image[::-1, ::-1]))
    np.testing.assert_allclose(mirrored[::-1, ::-1], half, atol=1e-6)


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

    def add_one_pixel(reference, moving, flow):
        initial_flows.append(float(flow.max()))
        assert flow.shape == (2, *reference.shape)
        return flow + np.float32(1)

    image = np.zeros((64, 64), np.float32)
    flow = coarse_to_fine(image, image, add_one_pixel, levels=3, smallest_side=16)
    assert initial_flows == [0, 2, 6]
    np.testing.assert_array_equal(flow, 7)
