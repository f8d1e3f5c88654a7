"""A clip is fixed by its arguments, and looks like a face to a face detector."""

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.synthesis import CLASSES, render_clip
from ma2mi_preprocessing.synthesis.script import class_of_clip, write_script


def test_same_arguments_give_the_same_bytes() -> None:
    first = render_clip("micro", subject=2, clip=3, size=64, seed=9)
    render_clip("macro", subject=0, clip=0, size=48, fps=10)
    second = render_clip("micro", subject=2, clip=3, size=64, seed=9)
    assert first.frames.tobytes() == second.frames.tobytes()
    assert first.landmarks.tobytes() == second.landmarks.tobytes()


@pytest.mark.parametrize("change", [{"seed": 10}, {"subject": 4}, {"clip": 4}])
def test_another_seed_person_or_clip_gives_another_clip(change: dict[str, int]) -> None:
    arguments = {"subject": 2, "clip": 3, "seed": 9}
    first = render_clip("micro", size=64, **arguments)
    other = render_clip("micro", size=64, **(arguments | change))
    assert not np.array_equal(first.frames[0], other.frames[0])


def test_a_person_looks_the_same_in_all_clips_and_no_one_is_in_both_kinds() -> None:
    def person(kind: str, subject: int, clip: int) -> object:
        return write_script(
            kind, subject=subject, clip=clip, label=None, size=64, fps=30.0, seed=1
        ).identity

    assert person("macro", 0, 0) == person("macro", 0, 5)
    people = {person(kind, subject, 0) for kind in ("macro", "micro") for subject in range(30)}
    assert len(people) == 60


def test_every_person_shows_every_class_once_before_any_twice() -> None:
    for subject in range(5):
        shown = [class_of_clip("micro", subject=subject, clip=clip) for clip in range(10)]
        assert sorted(shown[:5]) == sorted(shown[5:]) == sorted(CLASSES)


def test_still_frames_of_a_clean_clip_differ_by_light_only() -> None:
    clip = render_clip("macro", size=64, noise=False, head_motion=False)
    difference = clip.frames[1].astype(float) - clip.frames[0]
    assert np.abs(difference).max() <= 3


def test_camera_noise_is_a_few_grey_levels() -> None:
    clean = render_clip("micro", size=96, noise=False).frames.astype(float)
    noisy = render_clip("micro", size=96).frames.astype(float)
    assert 0.6 < (noisy - clean).std() < 3.0


def test_frames_keep_away_from_black_and_white() -> None:
    for subject in range(6):
        frames = render_clip("micro", subject=subject, size=64).frames
        assert frames.dtype == np.uint8
        assert (frames == 255).mean() < 0.01
        assert 40 < frames.mean() < 220


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"kind": "mega"}, "kind"),
        ({"size": 20}, "size"),
        ({"fps": 2.0}, "fps"),
        ({"fps": float("nan")}, "fps"),
        ({"label": "boredom"}, "label"),
        ({"subject": -1}, "subject"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_argument_is_refused_by_name(arguments: dict[str, object], name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}`"):
        render_clip(**({"kind": "micro", "size": 48} | arguments))


@pytest.mark.parametrize("size", [128, 224])
def test_face_and_eye_detectors_find_neutral_faces_where_they_are(size: int) -> None:
    faces = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    found = 0
    people = 40
    for subject in range(people):
        # Ten frames a second: only the first frame is looked at.
        clip = render_clip("micro", subject=subject, size=size, fps=10, seed=77)
        gray = cv2.cvtColor(clip.frames[0], cv2.COLOR_RGB2GRAY)
        boxes = faces.detectMultiScale(gray, scaleFactor=1.1, minNeighbors=4)
        eyes = clip.eyes[0]
        found += any(
            np.all(eyes > (x, y)) and np.all(eyes < (x + w, y + 0.7 * h)) for x, y, w, h in boxes
        )
    assert found >= 0.95 * people
