"""Motion that is averaged down to the size a network takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.motion import optical_strain
from ma2mi_recipes.smaller_motion import averaged_down, averaged_frame


@settings(max_examples=20, deadline=None)
@given(st.integers(28, 70), st.integers(28, 70), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_a_shift_stays_the_same_shift_of_the_picture(
    height: int, width: int, right: float, down: float
) -> None:
    motion = np.zeros((2, height, width, 3), np.float32)
    motion[..., 0], motion[..., 1] = right, down
    small = averaged_down(motion, 28)
    assert small.shape == (2, 28, 28, 3)
    np.testing.assert_allclose(small[..., 0], right * 28 / width, atol=1e-4)
    np.testing.assert_allclose(small[..., 1], down * 28 / height, atol=1e-4)
    np.testing.assert_allclose(small[..., 2], 0.0, atol=1e-4)


def test_strain_is_that_of_the_smaller_flow(rng: np.random.Generator) -> None:
    small = averaged_down(rng.normal(size=(56, 56, 3)).astype(np.float32), 28)
    np.testing.assert_array_equal(small[..., 2], optical_strain(small[..., :2]))


def test_scaled_motion_still_fills_0_to_1(rng: np.random.Generator) -> None:
    small = averaged_down(rng.random((3, 64, 64, 3), np.float32), 28, "minmax")
    np.testing.assert_array_equal(small.min(axis=(1, 2)), 0.0)
    np.testing.assert_array_equal(small.max(axis=(1, 2)), 1.0)


def test_motion_of_the_right_size_is_left_alone(rng: np.random.Generator) -> None:
    motion = rng.random((28, 28, 3), np.float32)
    np.testing.assert_array_equal(averaged_down(motion, 28), motion)


def test_motion_is_never_blown_up() -> None:
    with pytest.raises(ValueError, match="`size` must be at most that of the motion"):
        averaged_down(np.zeros((20, 28, 3), np.float32), 28)


def test_differences_are_averaged_and_flow_beside_them_is_in_smaller_pixels(
    rng: np.random.Generator,
) -> None:
    both = rng.normal(size=(56, 56, 6)).astype(np.float32)
    small = averaged_down(both, 28, kind="both")
    cells = both.reshape(28, 2, 28, 2, 6).mean(axis=(1, 3))
    np.testing.assert_allclose(small[..., :3], cells[..., :3], atol=1e-5)
    np.testing.assert_allclose(small[..., 3:5], cells[..., 3:5] / 2, atol=1e-5)
    np.testing.assert_array_equal(small[..., 5], optical_strain(small[..., 3:5]))
    np.testing.assert_allclose(
        averaged_down(both[..., :3], 28, kind="difference"), cells[..., :3], atol=1e-5
    )


def test_a_frame_is_averaged_and_rounded(rng: np.random.Generator) -> None:
    frame = rng.integers(0, 256, (56, 56, 3), np.uint8)
    cells = frame.astype(float).reshape(28, 2, 28, 2, 3).mean(axis=(1, 3))
    assert np.abs(averaged_frame(frame, 28) - cells).max() <= 0.5 + 1e-4
    np.testing.assert_array_equal(averaged_frame(frame, 56), frame)
    with pytest.raises(ValueError, match="at most that of the frame"):
        averaged_frame(frame, 57)
