"""The head stands still to a tenth of a pixel, and the expression is still there."""

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.benchmarks.alignments import stabilised
from ma2mi_preprocessing.benchmarks.faces import residual
from ma2mi_preprocessing.benchmarks.known_heads import FPS, SIZE, KnownHead, known_head
from ma2mi_preprocessing.faces.alignment import align_frame, eye_transform
from ma2mi_preprocessing.faces.stabilisation import Stabiliser


def from_onset(clip: KnownHead) -> np.ndarray:
    (left_x, left_y), (right_x, right_y) = clip.eyes[clip.onset].astype(float)
    one = eye_transform((left_x, left_y), (right_x, right_y), SIZE)
    return np.repeat(one[None], len(clip.frames), 0)


@pytest.mark.parametrize(
    ("kind", "subject", "clip", "sway"),
    [("micro", 0, 0, 1.0), ("micro", 2, 2, 8.0), ("micro", 3, 1, 8.0), ("macro", 4, 4, 1.0)],
)
def test_residual_motion_is_a_small_part_of_a_pixel_and_the_expression_survives(
    kind: str, subject: int, clip: int, sway: float
) -> None:
    head = known_head(kind, subject, clip, sway=sway)
    before = from_onset(head)
    after, _ = stabilised(head.frames, before, SIZE, head.onset, None)
    assert residual(head, before) > 0.2
    assert residual(head, after) < 0.15
    expression = head.expression(after)
    assert 0.88 < expression.kept < 1.1
    assert expression.error <= 1.05 * head.expression(before).error + 0.02


def test_onset_keeps_its_transform() -> None:
    head = known_head("micro", 1, 1, sway=4.0)
    before = from_onset(head)
    after, _ = stabilised(head.frames, before, SIZE, head.onset, None)
    np.testing.assert_allclose(after[head.onset], before[head.onset], atol=0.02)


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    return known_head("micro", 6, 0, sway=0.0).frames[0]


def moved(image: np.ndarray, x: float, y: float) -> np.ndarray:
    shift = np.array([[1, 0, x], [0, 1, y]], float)
    return np.asarray(
        cv2.warpAffine(image, shift, image.shape[1::-1], flags=cv2.INTER_CUBIC, borderMode=1)
    )


PLANNED = eye_transform((124.0, 140.0), (196.0, 140.0), 128)


def test_jump_of_a_tenth_of_the_crop_is_followed(face: np.ndarray) -> None:
    stabiliser = Stabiliser(face, PLANNED, 128)
    found = stabiliser.stabilised(moved(face, 9.0, -6.0), PLANNED)
    np.testing.assert_allclose(found @ [169.0, 154.0, 1.0], PLANNED @ [160.0, 160.0, 1.0], atol=0.1)


def test_hidden_frames_are_counted_and_do_not_move_the_crop(
    face: np.ndarray, rng: np.random.Generator
) -> None:
    stabiliser = Stabiliser(face, PLANNED, 128)
    before = stabiliser.stabilised(moved(face, 2.0, 1.0), PLANNED)
    for _ in range(3):
        noise = rng.integers(0, 256, face.shape, np.uint8)
        np.testing.assert_array_equal(stabiliser.stabilised(noise, PLANNED), before)
    assert stabiliser.not_registered == 3
    after = stabiliser.stabilised(moved(face, 2.0, 1.0), PLANNED)
    np.testing.assert_allclose(after, before, atol=0.03)


def test_after_a_cut_the_new_picture_becomes_the_reference(face: np.ndarray) -> None:
    other = known_head("macro", 7, 0, sway=0.0).frames[0]
    stabiliser = Stabiliser(face, PLANNED, 128)
    for _ in range(20):
        stabiliser.stabilised(other, PLANNED)
    missed = stabiliser.not_registered
    stabiliser.stabilised(other, PLANNED)
    assert stabiliser.not_registered == missed


def test_long_video_drifts_after_the_eyes_instead_of_away_from_them(face: np.ndarray) -> None:
    # The plan says that the eyes have moved by 10 pixels within a face that stands still, as those
    # of a head that turns do.
    elsewhere = eye_transform((134.0, 140.0), (206.0, 140.0), 128)
    stabiliser = Stabiliser(face, PLANNED, 128, fps=10.0)
    steps = [stabiliser.stabilised(face, elsewhere) for _ in range(200)]
    assert stabiliser.not_registered == 0
    positions = np.array([step @ [170.0, 140.0, 1.0] for step in steps])
    assert np.abs(np.diff(positions, axis=0)).max() < 0.1
    off = np.abs(positions - elsewhere @ [170.0, 140.0, 1.0]).max(axis=1) / 128
    assert off[0] > 0.04
    assert off[-1] < 0.033


def test_who_comes_between_is_not_followed(face: np.ndarray) -> None:
    # The plan follows the eyes of the one, who stands still, while another passes before them.
    other = moved(known_head("macro", 7, 0, sway=0.0).frames[0], -300.0, 0.0)
    stabiliser = Stabiliser(face, PLANNED, 128, fps=25.0)
    for step in range(60):
        shift = np.array([[1, 0, 10.0 * step], [0, 1, 0]], float)
        front = cv2.warpAffine(other, shift, (320, 320))
        film = np.where(front.any(axis=-1, keepdims=True) & (10 * step < 600), front, face)
        last = stabiliser.stabilised(np.asarray(film, np.uint8), PLANNED)
    assert stabiliser.not_registered > 0
    off = last @ [160.0, 140.0, 1.0] - PLANNED @ [160.0, 140.0, 1.0]
    assert np.abs(off).max() < 0.06 * 128


@pytest.mark.parametrize("size", [32, 64, 320])
def test_size_of_the_crop_does_not_matter(size: int, face: np.ndarray) -> None:
    planned = eye_transform((124.0, 140.0), (196.0, 140.0), size)
    found = Stabiliser(face, planned, size).stabilised(moved(face, 1.5, 0.5), planned)
    shift = (found - planned)[:, 2] * 224 / size
    scale = planned[0, 0] * 224 / size
    np.testing.assert_allclose(shift, [-1.5 * scale, -0.5 * scale], atol=0.3)
    before = align_frame(face, planned, size).astype(float)
    after = align_frame(moved(face, 1.5, 0.5), found, size).astype(float)
    unmoved = align_frame(moved(face, 1.5, 0.5), planned, size).astype(float)
    assert np.abs(after - before).mean() < 0.75 * np.abs(unmoved - before).mean()


def test_same_frames_give_the_same_transforms() -> None:
    head = known_head("micro", 8, 0, sway=2.0)
    before = from_onset(head)
    runs = [stabilised(head.frames, before, SIZE, 0, FPS)[0] for _ in range(2)]
    np.testing.assert_array_equal(runs[0], runs[1])
