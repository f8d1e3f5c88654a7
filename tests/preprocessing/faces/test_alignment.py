"""Eyes come to their place; a transform that does nothing changes nothing."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.faces import create_detector
from ma2mi_preprocessing.faces.alignment import align_frame, canonical_eyes, eye_transform

coordinates = st.floats(-2000, 2000)


@given(coordinates, coordinates, st.floats(2, 900), st.floats(-3.1, 3.1), st.integers(28, 512))
def test_eyes_come_to_their_canonical_places_without_shear(
    x: float, y: float, distance: float, roll: float, size: int
) -> None:
    right = (x + distance * math.cos(roll), y + distance * math.sin(roll))
    transform = eye_transform((x, y), right, size)
    for eye, place in zip(((x, y), right), canonical_eyes(size), strict=True):
        np.testing.assert_allclose(transform @ [*eye, 1.0], place, atol=1e-6 * size)
    a, b = transform[0, 0], transform[1, 0]
    np.testing.assert_allclose(transform[:, :2], [[a, -b], [b, a]], atol=1e-12)


def test_eyes_in_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="must differ"):
        eye_transform((3.0, 4.0), (3.0, 4.0), 224)


def test_eyes_are_left_and_right_of_the_middle_and_above_it() -> None:
    left, right = canonical_eyes(100)
    assert left[0] + right[0] == pytest.approx(99)
    assert 30 < left[0] < 40 < 60 < right[0] < 70
    assert left[1] == right[1] < 49.5


@pytest.mark.parametrize("size", [32, 64, 225])
def test_whole_frame_of_the_crops_size_comes_back_unchanged(
    size: int, rng: np.random.Generator
) -> None:
    frame = rng.integers(0, 256, (size, size, 3), np.uint8)
    (face,) = create_detector("none").detect(frame)
    aligned = align_frame(frame, eye_transform(face.left_eye, face.right_eye, size), size)
    np.testing.assert_array_equal(aligned, frame)


def test_whole_frame_is_fitted_with_nothing_cut_off() -> None:
    frame = np.zeros((60, 100, 3), np.uint8)
    frame[:, 0], frame[:, -1], frame[0], frame[-1] = 255, 255, 255, 255
    (face,) = create_detector("none").detect(frame)
    aligned = align_frame(frame, eye_transform(face.left_eye, face.right_eye, 100), 100)
    np.testing.assert_array_equal(aligned[20:80], frame)


def test_halving_averages_blocks_of_pixels(rng: np.random.Generator) -> None:
    frame = rng.integers(0, 256, (128, 128), np.uint8)
    (face,) = create_detector("none").detect(np.dstack([frame] * 3))
    aligned = align_frame(frame, eye_transform(face.left_eye, face.right_eye, 64), 64)
    blocks = frame.reshape(64, 2, 64, 2).mean((1, 3))
    assert np.abs(aligned - blocks).max() <= 1


def test_strong_reduction_does_not_alias_stripes_into_coarse_ones() -> None:
    stripes = np.zeros((900, 900), np.uint8)
    stripes[:, ::3] = 255
    (face,) = create_detector("none").detect(np.dstack([stripes] * 3))
    aligned = align_frame(stripes, eye_transform(face.left_eye, face.right_eye, 100), 100)
    assert np.ptp(aligned) <= 2


@pytest.mark.parametrize("scale", [1.0, 2.6, 5.0])
def test_a_drawn_eye_lands_within_a_twentieth_of_a_pixel(scale: float) -> None:
    y, x = np.mgrid[:700, :700]
    left, right = (200.3, 310.8), (200.3 + 70 * scale, 310.8 + 9 * scale)
    blob = np.exp(-((x - right[0]) ** 2 + (y - right[1]) ** 2) / (2 * (3 * scale) ** 2))
    aligned = align_frame(
        np.rint(blob * 255).astype(np.uint8), eye_transform(left, right, 224), 224
    ).astype(float)
    rows, columns = np.mgrid[:224, :224]
    centre = ((aligned * columns).sum(), (aligned * rows).sum()) / aligned.sum()
    np.testing.assert_allclose(centre, canonical_eyes(224)[1], atol=0.05)


def test_outside_of_the_frame_repeats_its_edge() -> None:
    frame = np.full((40, 40), 90, np.uint8)
    shifted = np.array([[1.0, 0.0, 25.0], [0.0, 1.0, 25.0]])
    np.testing.assert_array_equal(align_frame(frame, shifted, 40), frame)


def test_input_is_not_changed(rng: np.random.Generator) -> None:
    frame = rng.integers(0, 256, (50, 50, 3), np.uint8)
    before = frame.copy()
    align_frame(frame, cv2.getRotationMatrix2D((25, 25), 10, 0.4), 32)
    np.testing.assert_array_equal(frame, before)
