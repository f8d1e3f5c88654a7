"""What the flow must be where the movement is known exactly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing import optical_flow_tvl1
from tests.preprocessing.flow.scenes import (
    end_point_error,
    moved_waves,
    sinusoid_flow,
    to_bytes,
)


@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(16, 90),
    width=st.integers(16, 90),
    dtype=st.sampled_from([np.uint8, np.float16, np.float32, np.float64]),
    seed=st.integers(0, 2**32 - 1),
)
def test_identical_images_give_exactly_zero_flow(height, width, dtype, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    if dtype is not np.uint8:
        image = (image / 255).astype(dtype)
    flow = optical_flow_tvl1(image, image.copy())
    assert flow.shape == (height, width, 2)
    assert flow.dtype == np.float32
    assert (flow == 0).all()


def test_flat_images_give_zero_flow():
    black, white = np.zeros((32, 32), np.uint8), np.full((32, 32), 255, np.uint8)
    np.testing.assert_array_equal(optical_flow_tvl1(black, white), 0)


@pytest.mark.parametrize("shift", [(0.25, 0.0), (0.0, -0.25), (1.5, 0.5), (-2.0, 3.0)])
def test_constant_shift_is_found_with_its_sign_and_unit(shift):
    reference, moving = moved_waves(96, 128, shift)
    flow = optical_flow_tvl1(to_bytes(reference), to_bytes(moving))
    assert end_point_error(flow, np.array(shift), margin=8) < 0.03


@pytest.mark.parametrize("peak", [0.3, 1.0, 2.5])
def test_sinusoid_warp_is_found(peak):
    truth = sinusoid_flow(128, 120, peak)
    reference, moving = moved_waves(128, 120, truth)
    flow = optical_flow_tvl1(to_bytes(reference), to_bytes(moving))
    assert end_point_error(flow, np.moveaxis(truth, 0, -1), margin=8) < 0.01 + 0.06 * peak


def test_noise_of_two_grey_levels_costs_little(rng):
    truth = sinusoid_flow(128, 128, 1.0)
    reference, moving = moved_waves(128, 128, truth)
    flow = optical_flow_tvl1(to_bytes(reference, rng, 2.0), to_bytes(moving, rng, 2.0))
    assert end_point_error(flow, np.moveaxis(truth, 0, -1), margin=8) < 0.15


def test_motion_edge_stays_sharp(rng):
    """A square moves 2 pixels over a still background: the flow must jump, not fade."""
    texture = rng.uniform(0, 1, (96, 96))
    texture = (texture + np.roll(texture, 1, 0) + np.roll(texture, 1, 1)) / 3
    square = rng.uniform(0, 1, (40, 40))
    square = (square + np.roll(square, 1, 0) + np.roll(square, 1, 1)) / 3
    reference, moving = texture.copy(), texture.copy()
    reference[28:68, 28:68] = square
    moving[28:68, 30:70] = square
    u = optical_flow_tvl1(to_bytes(reference), to_bytes(moving))[..., 0]
    assert abs(np.median(u[32:64, 33:63]) - 2) < 0.1
    assert abs(np.median(u[32:64, 5:24])) < 0.05
    halfway = [np.abs(np.diff(row[20:36])).max() for row in u[36:60]]
    assert np.median(halfway) > 0.5


def test_large_motion_needs_the_pyramid():
    reference, moving = moved_waves(128, 128, (6.0, 0.0))
    with_pyramid = optical_flow_tvl1(reference, moving)
    without = optical_flow_tvl1(reference, moving, levels=1)
    assert end_point_error(with_pyramid, np.array((6.0, 0.0)), margin=16) < 0.1
    assert end_point_error(without, np.array((6.0, 0.0)), margin=16) > 1.0
