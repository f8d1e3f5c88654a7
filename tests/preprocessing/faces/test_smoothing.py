"""Smoothing takes the detector's jitter out and leaves the head's movement in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.faces.smoothing import inliers, smooth_positions

TIMES = np.arange(0, 4, 0.1)
FRAMES = np.arange(0, 3.9, 0.04)
EYES = np.array([100.0, 80.0, 160.0, 84.0])


@given(st.floats(-50, 50), st.floats(0.05, 1.0))
def test_steady_movement_is_followed_without_lag(speed: float, sigma: float) -> None:
    positions = EYES + speed * TIMES[:, None]
    smoothed = smooth_positions(TIMES, positions, np.ones(len(TIMES)), FRAMES, sigma)
    np.testing.assert_allclose(smoothed, EYES + speed * FRAMES[:, None], atol=1e-6)


def test_jitter_shrinks_by_far(rng: np.random.Generator) -> None:
    noisy = EYES + rng.normal(0, 3.0, (len(TIMES), 4))
    smoothed = smooth_positions(TIMES, noisy, np.ones(len(TIMES)), FRAMES, 0.3)
    steps = np.diff(smoothed, axis=0)
    assert np.sqrt((steps**2).mean()) < 0.15


def test_untrusted_detections_count_less() -> None:
    positions = np.repeat(EYES[None], len(TIMES), axis=0)
    positions[::2] += 10
    weights = np.where(np.arange(len(TIMES)) % 2 == 0, 0.01, 1.0)
    smoothed = smooth_positions(TIMES, positions, weights, FRAMES, 0.3)
    assert np.abs(smoothed - EYES).max() < 0.5


def test_gap_is_bridged_between_its_ends() -> None:
    known = (TIMES < 1) | (TIMES > 3)
    positions = EYES + 10 * TIMES[known, None]
    smoothed = smooth_positions(TIMES[known], positions, np.ones(known.sum()), FRAMES, 0.1)
    assert np.isfinite(smoothed).all()
    assert (np.diff(smoothed[:, 0]) > -1e-6).all()


def test_single_detection_holds_for_all_frames() -> None:
    smoothed = smooth_positions(np.array([1.0]), EYES[None], np.ones(1), FRAMES, 0.3)
    np.testing.assert_allclose(smoothed, np.repeat(EYES[None], len(FRAMES), axis=0))


@pytest.mark.parametrize("wrong", [0, 7, 39])
def test_detection_apart_from_its_neighbours_is_an_outlier(
    wrong: int, rng: np.random.Generator
) -> None:
    eyes = EYES + rng.normal(0, 1.0, (len(TIMES), 4))
    eyes[wrong, 2] += 25
    expected = np.ones(len(TIMES), bool)
    expected[wrong] = False
    np.testing.assert_array_equal(inliers(TIMES, eyes, 0.3), expected)


def test_moving_head_has_no_outliers() -> None:
    eyes = EYES + 40 * np.sin(2 * np.pi * 0.3 * TIMES)[:, None]
    assert inliers(TIMES, eyes, 0.3).all()
