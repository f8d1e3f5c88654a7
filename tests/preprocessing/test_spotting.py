"""Spotting finds when a face moves, and is not moved by heads, light or noise."""

from functools import cache

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.head_motion import head_motion
from ma2mi_preprocessing.spotting import find_key_frames, find_strongest_event, motion_curve
from ma2mi_preprocessing.synthesis import RenderedClip, render_clip

SIDE = 80


@cache
def face_clip(kind: str, subject: int, label: str) -> tuple[RenderedClip, np.ndarray]:
    """A rendered clip, and its frames cropped to the face by the true eyes."""
    clip = render_clip(kind, subject=subject, label=label, size=112, seed=21)
    left, right = clip.eyes[clip.onset]
    scale = SIDE / (2.8 * np.linalg.norm(right - left))
    middle = (left + right) / 2
    crop = np.array(
        [
            [scale, 0, SIDE / 2 - scale * middle[0]],
            [0, scale, 0.36 * SIDE - scale * middle[1]],
        ]
    )
    return clip, np.stack([cv2.warpAffine(frame, crop, (SIDE, SIDE)) for frame in clip.frames])


def noisy_copies(face: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    noise = rng.normal(0, 1.5, (count, *face.shape))
    return np.clip(face + noise, 0, 255).astype(np.uint8)


def test_apex_of_micro_expressions_is_found_within_three_frames_mostly() -> None:
    errors, errors_of_the_middle = [], []
    for subject, label in enumerate(["happiness", "surprise", "disgust", "anger", "sadness"] * 2):
        clip, frames = face_clip("micro", subject, label)
        found = find_key_frames(motion_curve(frames, reference=0), clip.fps)
        errors.append(abs(found.apex - clip.apex))
        errors_of_the_middle.append(abs(len(frames) // 2 - clip.apex))
    assert np.median(errors) <= 2
    assert np.mean(np.array(errors) <= 3) >= 0.8
    assert np.median(errors) < np.median(errors_of_the_middle)


def test_onset_and_offset_enclose_a_macro_expression() -> None:
    clip, frames = face_clip("macro", 0, "happiness")
    found = find_key_frames(motion_curve(frames), clip.fps)
    length = clip.offset - clip.onset
    assert abs(found.onset - clip.onset) <= 0.25 * length
    assert abs(found.offset - clip.offset) <= 0.25 * length
    assert found.strength > 0.5


def test_still_face_with_noise_gives_a_low_curve(rng: np.random.Generator) -> None:
    _, frames = face_clip("micro", 1, "surprise")
    still = noisy_copies(frames[0].astype(float), 20, rng)
    curve = motion_curve(still)
    assert curve[0] == 0.0
    assert curve.max() < 0.12
    found = find_key_frames(curve, 100.0)
    assert 0 <= found.onset <= found.apex <= found.offset < 20


@pytest.mark.parametrize("options", [{"reference": 0}, {"gap": 4}])
def test_a_drifting_head_does_not_show(options: dict[str, int], rng: np.random.Generator) -> None:
    _, frames = face_clip("micro", 2, "anger")
    face = cv2.copyMakeBorder(frames[0], 8, 8, 8, 8, cv2.BORDER_REPLICATE)
    drifting = []
    for index in range(12):
        drift = np.array([[1, 0, 0.25 * index - 8], [0, 1, -0.1 * index - 8]])
        picture = cv2.warpAffine(face, drift, (SIDE, SIDE), flags=cv2.INTER_CUBIC)
        drifting.append(noisy_copies(picture.astype(float), 1, rng)[0])
    # The head moves by up to 2.75 pixels.
    assert motion_curve(np.stack(drifting), **options).max() < 0.12


def test_a_change_of_light_does_not_show(rng: np.random.Generator) -> None:
    _, frames = face_clip("micro", 3, "sadness")
    light = np.linspace(1.0, 0.9, 8)[:, None, None, None]
    dimming = noisy_copies(frames[0].astype(float), 8, rng) * light
    assert motion_curve(dimming.astype(np.uint8)).max() < 0.12


def test_speed_has_a_valley_at_the_apex_and_distance_a_hill() -> None:
    clip, frames = face_clip("macro", 0, "happiness")
    distance = motion_curve(frames, reference=clip.onset)
    speed = motion_curve(frames, gap=4)
    rising = (clip.onset + clip.apex) // 2
    assert distance[clip.apex] > distance[rising]
    assert speed[clip.apex] < speed[rising]


def test_event_in_a_long_video_is_found_where_it_is(rng: np.random.Generator) -> None:
    clip, frames = face_clip("micro", 6, "surprise")
    before = noisy_copies(frames[0].astype(float), 70, rng)
    after = noisy_copies(frames[-1].astype(float), 40, rng)
    found = find_strongest_event(
        np.concatenate([before, frames, after]), clip.fps, longest_seconds=0.6
    )
    assert abs(found.apex - 70 - clip.apex) <= 4
    assert found.onset < found.apex < found.offset
    assert found.contrast > 10


def test_region_limits_what_is_looked_at() -> None:
    clip, frames = face_clip("macro", 0, "happiness")
    forehead = np.zeros((SIDE, SIDE), bool)
    forehead[: SIDE // 4] = True
    pair = frames[[clip.onset, clip.apex]]
    assert motion_curve(pair, region=forehead)[1] < 0.5 * motion_curve(pair)[1]


def test_curve_is_in_pixels_of_the_frames_given() -> None:
    clip, frames = face_clip("macro", 0, "happiness")
    pair = frames[[clip.onset, clip.apex]]
    doubled = np.stack([cv2.resize(frame, None, fx=2, fy=2) for frame in pair])
    ratio = motion_curve(doubled)[1] / motion_curve(pair)[1]
    assert 1.7 < ratio < 2.3


def test_gray_and_float_frames_are_taken_too() -> None:
    _, frames = face_clip("micro", 1, "surprise")
    colour = motion_curve(frames[::8])
    gray = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames[::8]])
    np.testing.assert_allclose(motion_curve(gray), colour, atol=0.05)
    np.testing.assert_allclose(motion_curve(frames[::8] / np.float32(255)), colour, atol=1e-3)


def test_one_frame_has_not_moved() -> None:
    _, frames = face_clip("micro", 1, "surprise")
    assert motion_curve(frames[:1]).tolist() == [0.0]
    assert motion_curve(frames[:1], gap=3).tolist() == [0.0]
    assert find_key_frames([0.0], 25.0).apex == 0


def test_key_frames_of_a_known_curve() -> None:
    time = np.arange(100)
    hill = np.exp(-0.5 * ((time - 60) / 5.0) ** 2)
    found = find_key_frames(0.05 + hill, 100.0)
    assert (found.onset, found.apex, found.offset) == (49, 60, 71)
    assert found.strength == pytest.approx(1.0, abs=0.1)


def test_slow_drift_is_not_taken_for_an_expression() -> None:
    time = np.arange(400)
    curve = 0.004 * time + np.exp(-0.5 * ((time - 120) / 6.0) ** 2)
    assert abs(find_key_frames(curve, 100.0, longest_seconds=0.5).apex - 120) <= 3


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"gap": 2, "reference": 0}, "gap"),
        ({"gap": 0}, "gap"),
        ({"reference": 5}, "reference"),
        ({"region": np.zeros((SIDE, SIDE), bool)}, "region"),
        ({"region": np.ones((3, 3), bool)}, "region"),
    ],
)
def test_bad_option_is_refused_by_name(options: dict[str, object], name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}`"):
        motion_curve(np.zeros((5, SIDE, SIDE), np.uint8), **options)


@pytest.mark.parametrize("shape", [(0, 32, 32), (32, 32), (4, 32, 32, 4)])
def test_frames_of_a_wrong_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="`frames`"):
        motion_curve(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("curve", [[], [[1.0, 2.0]], [0.0, float("nan")]])
def test_unusable_curve_is_refused(curve: list[float]) -> None:
    with pytest.raises(ValueError, match="`curve`"):
        find_key_frames(curve, 25.0)


def test_a_local_movement_does_not_pull_the_fit_of_the_head() -> None:
    rows, columns = np.mgrid[-1:1:60j, -1:1:60j]
    head = np.stack([1.0 + 0.2 * rows - 0.1 * columns, -0.5 + 0.3 * columns], axis=-1)
    smile = np.zeros((60, 60, 2))
    smile[..., 0] = 0.8 * np.exp(-(((rows - 0.5) / 0.15) ** 2 + ((columns - 0.3) / 0.15) ** 2))
    found = head_motion((head + smile).astype(np.float32), np.ones((60, 60), bool))
    np.testing.assert_allclose(found, head, atol=0.02)
