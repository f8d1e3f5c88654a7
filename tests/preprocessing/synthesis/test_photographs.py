"""A photograph that is moved: one person, marked where her features are, with exact flow."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.synthesis import RenderedClip, render_clip, synthesize
from ma2mi_preprocessing.synthesis.asymmetry import bent_points, symmetrical
from ma2mi_preprocessing.synthesis.geometry import FacePose
from ma2mi_preprocessing.synthesis.parted_lips import PartedLips
from ma2mi_preprocessing.synthesis.photographs import Photograph, marked_points
from ma2mi_preprocessing.synthesis.sampling import sample_cubic
from ma2mi_preprocessing.synthesis.style import PHOTOGRAPH, STYLES
from tests.preprocessing.synthesis.rendered_sets import digests

# About what marks are good to, in eye distances: 0.6 pixels of the photograph.
MARKED_TO = 0.6 / 42.65


@pytest.fixture(scope="module")
def clip() -> RenderedClip:
    """Without blinks, noise and movement of the head."""
    still = dataclasses.replace(PHOTOGRAPH, acting=PHOTOGRAPH.acting.undistracted())
    return render_clip(
        "macro",
        subject=2,
        size=96,
        fps=20.0,
        label="happiness",
        style=still,
        noise=False,
        head_motion=False,
    )


@pytest.mark.parametrize("mirrored", [False, True])
def test_landmarks_of_the_geometry_lie_on_the_marks(mirrored: bool) -> None:
    identity = Photograph(mirrored=mirrored).identity
    marks, landmarks = marked_points(mirrored), identity.landmarks()
    both = sorted(set(marks) & set(landmarks))
    assert len(both) == 21
    found = bent_points(identity.bends, np.array([landmarks[name] for name in both]))
    errors = np.abs(found - np.array([marks[name] for name in both])).max(axis=1)
    assert errors.max() < MARKED_TO, dict(zip(both, errors.round(4), strict=True))
    lips = np.array([marks[name] for name in marks if name.startswith("lip_line")], np.float32)
    _, down = symmetrical(identity.bends, lips[:, 0], lips[:, 1])
    np.testing.assert_allclose(down, identity.mouth_y, atol=MARKED_TO)


def test_the_geometry_nowhere_folds() -> None:
    identity = Photograph().identity
    pose = FacePose(size=240, inter_ocular=56.0, centre=(120.0, 105.0), roll=0.0)
    x, y = identity.grid(pose)
    (x_down, x_across), (y_down, y_across) = np.gradient(x), np.gradient(y)
    area = (x_across * y_down - x_down * y_across) * pose.inter_ocular**2
    assert area.min() > 0.2


def test_the_marks_lie_on_dark_pupils_and_the_lip_line_between_teeth_and_lip() -> None:
    from skimage import data

    picture = data.astronaut()
    rows = {name: photograph_pixel(point) for name, point in marked_points().items()}

    def patch(name: str, down: int = 0) -> np.ndarray:
        x, y = np.round(rows[name]).astype(int)
        return picture[y + down - 1 : y + down + 2, x - 1 : x + 2].reshape(-1, 3).mean(axis=0)

    cheek = picture[115:125, 195:205].mean()
    for eye in ("eye_left", "eye_right"):
        assert patch(eye).mean() < 0.55 * cheek
    # White above the line, red below it.
    teeth, lip = patch("mouth", -3), patch("mouth", 3)
    assert teeth.min() > 190
    assert lip[0] - lip[1] > 2 * (teeth[0] - teeth[1])


def photograph_pixel(point: tuple[float, float]) -> np.ndarray:
    """From face coordinates back to the photograph: twice the mirror is no mirror."""
    left, right = np.array((203.2, 100.8)), np.array((245.8, 102.9))
    across = right - left
    down = np.array((-across[1], across[0]))
    return 0.5 * (left + right) + point[0] * across + point[1] * down


def test_flow_leads_from_the_onset_to_where_the_apex_shows_the_same(clip: RenderedClip) -> None:
    flow = clip.flow_from_onset(clip.apex)
    rows, columns = np.mgrid[:96, :96].astype(np.float32)
    onset, apex = (clip.frames[frame].astype(np.float32) for frame in (clip.onset, clip.apex))
    warped = sample_cubic(apex, columns + flow[..., 0], rows + flow[..., 1])
    inner = np.s_[6:-6, 6:-6]
    # What is left beside sampling are the wrinkles, and the light that changes a little.
    light = warped[inner].mean() / onset[inner].mean()
    left = np.abs(warped / light - onset)[inner].mean()
    assert np.abs(apex - onset)[inner].mean() > 2 * left
    assert np.hypot(*flow.reshape(-1, 2).T).max() > 4 * 96 / 224 - 1e-3


def test_the_truth_says_what_the_pictures_show(clip: RenderedClip) -> None:
    assert not clip.gaze.any() and not clip.blinks and clip.label == "happiness"
    assert any(code.endswith(("12", "14")) for code in clip.unit_codes)
    eyes = np.hypot(*(clip.eyes[0, 1] - clip.eyes[0, 0]))
    assert eyes == pytest.approx(clip.pose.inter_ocular, rel=0.01)
    moved = np.hypot(*(clip.landmarks[clip.apex] - clip.landmarks[clip.onset]).T)
    assert clip.landmark_names[int(moved.argmax())].startswith(("mouth_corner", "cheek"))


def test_lids_close_over_the_eyes_and_open_again() -> None:
    busy = dataclasses.replace(PHOTOGRAPH.acting, blinks=400.0, speech=0.0, leaks=0.0)
    style = dataclasses.replace(PHOTOGRAPH, acting=busy)
    clip = render_clip("macro", subject=1, size=128, style=style, noise=False, head_motion=False)
    shut, opened = int(clip.lids.argmax()), int(clip.lids.argmin())
    assert clip.lids[shut] > 0.9 and clip.lids[opened] == 0.0

    def darkest(frame: int) -> float:
        x, y = np.round(clip.eyes[frame, 0]).astype(int)
        pupil = clip.frames[frame][y - 2 : y + 1, x - 1 : x + 2]
        return float(pupil.mean())

    assert darkest(shut) > darkest(opened) + 40
    assert clip.hidden(opened, shut).sum() > 20


def test_lips_part_in_the_dark_and_only_by_units_that_part_them() -> None:
    photograph = Photograph()
    pose = FacePose(size=96, inter_ocular=23.0, centre=(48.0, 42.0), roll=0.0)
    x, y = photograph.identity.grid(pose, 2)
    lips = PartedLips(("AU12", "AU25"), photograph.identity, x, y)
    picture = np.full((192, 192, 3), 0.8, np.float32)
    assert lips.painted_on(picture, np.float32([1.0, 0.0])) is picture
    parted = lips.painted_on(picture, np.float32([0.0, 1.0]))
    changed = (parted < 0.5).all(axis=-1)
    assert 20 < changed.sum() < 0.01 * changed.size
    assert np.abs(y[changed] - photograph.identity.mouth_y).max() < 0.03
    little = lips.painted_on(picture, np.float32([0.0, 0.1]))
    assert parted.min() < little.min() < picture.min()


def test_a_set_of_variants_is_a_set_of_one_person(tmp_path: Path) -> None:
    made = {"subjects": 2, "clips_per_subject": 2, "size": 48, "style": "photograph", "seed": 1}
    clips = synthesize("micro", tmp_path / "clips", **made)
    synthesize("micro", tmp_path / "again", **made, workers=1)
    assert digests(tmp_path / "clips") == digests(tmp_path / "again")
    assert {clip.subject for clip in clips} == {"photograph_micro/astronaut"}
    assert [clip.clip_id for clip in clips][::3] == [
        "photograph_micro/s01/c01",
        "photograph_micro/s02/c02",
    ]
    frames = [cv2.imread(str(clip.source / "00000.png")).astype(float) for clip in clips]
    assert np.abs(frames[0] - frames[2]).mean() > 8


def test_nobody_trains_on_the_photograph_by_naming_it_as_a_style() -> None:
    assert "photograph" not in STYLES
    with pytest.raises(ValueError, match="photograph"):
        render_clip("micro", style="cubist")


def test_a_face_detector_finds_her(real_data: Path) -> None:
    model = next((real_data / "models").glob("*yunet*.onnx"), None)
    if model is None:
        pytest.skip("no YuNet model")
    detector = cv2.FaceDetectorYN.create(str(model), "", (224, 224))
    for subject in range(4):
        clip = render_clip("micro", subject=subject, size=224, style="photograph")
        _, faces = detector.detect(np.ascontiguousarray(clip.frames[clip.apex][..., ::-1]))
        assert faces is not None and len(faces) == 1
        # Right eye of the person first, which is on the left of the picture.
        found = faces[0, 4:8].reshape(2, 2)
        assert np.abs(found - clip.eyes[clip.apex]).max() < 0.12 * clip.pose.inter_ocular
