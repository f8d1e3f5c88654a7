"""Real detectors on real faces, and their refusals."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.faces import DETECTORS, FaceDetector, create_detector
from ma2mi_preprocessing.video import read_frames


@pytest.fixture(params=["cascade", "yunet"])
def detector(request: pytest.FixtureRequest, real_data: Path) -> FaceDetector:
    return create_detector(request.param, real_data / "models" / "yunet_n_640_640.onnx")


@pytest.fixture(scope="module")
def face_frame(real_data: Path) -> np.ndarray:
    return next(read_frames(real_data / "faces" / "face_noface.mov"))


def test_eyes_are_inside_the_face_and_where_eyes_are(
    detector: FaceDetector, face_frame: np.ndarray
) -> None:
    (face,) = detector.detect(face_frame)
    x, y, width, height = face.box
    distance = math.dist(face.left_eye, face.right_eye)
    assert face.left_eye[0] < face.right_eye[0]
    for eye in (face.left_eye, face.right_eye):
        assert x < eye[0] < x + width
        assert y < eye[1] < y + 0.6 * height
    # Eyes that are too near each other or too far apart are nostrils, brows, or ears.
    assert 0.3 * width < distance < 0.6 * width
    assert 0.5 < face.score <= 1.0


def test_both_detectors_agree_within_a_tenth_of_the_eye_distance(
    real_data: Path, face_frame: np.ndarray
) -> None:
    (a,) = create_detector("cascade").detect(face_frame)
    (b,) = create_detector("yunet", real_data / "models/yunet_n_640_640.onnx").detect(face_frame)
    limit = 0.15 * math.dist(b.left_eye, b.right_eye)
    assert math.dist(a.left_eye, b.left_eye) < limit
    assert math.dist(a.right_eye, b.right_eye) < limit


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_coordinates_are_those_of_the_frame_that_was_given(
    factor: float, detector: FaceDetector, face_frame: np.ndarray
) -> None:
    other = cv2.resize(face_frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    (face,) = detector.detect(face_frame)
    (scaled,) = detector.detect(np.asarray(other, np.uint8))
    limit = 0.1 * math.dist(face.left_eye, face.right_eye)
    assert math.dist([value / factor for value in scaled.left_eye], face.left_eye) < limit


def test_small_face_in_a_large_frame_is_found(
    detector: FaceDetector, face_frame: np.ndarray
) -> None:
    small = cv2.resize(face_frame, (480, 270), interpolation=cv2.INTER_AREA)
    canvas = np.full((1080, 1920, 3), 120, np.uint8)
    canvas[700:970, 1300:1780] = small
    (face,) = detector.detect(canvas)
    assert 1300 < face.left_eye[0] < 1780
    assert 700 < face.left_eye[1] < 970


def test_there_is_no_face_where_there_is_none(detector: FaceDetector, real_data: Path) -> None:
    for frame in read_frames(real_data / "faces" / "no_face.mp4", step=16):
        assert detector.detect(frame) == []


def test_leaning_head_is_found_with_its_angle(
    detector: FaceDetector, face_frame: np.ndarray
) -> None:
    (upright,) = detector.detect(face_frame)
    turn = cv2.getRotationMatrix2D(upright.left_eye, -15.0, 1.0)
    (face,) = detector.detect(np.asarray(cv2.warpAffine(face_frame, turn, (960, 540)), np.uint8))
    change = angle(face.left_eye, face.right_eye) - angle(upright.left_eye, upright.right_eye)
    assert change == pytest.approx(15.0, abs=5.0)


def angle(left: tuple[float, float], right: tuple[float, float]) -> float:
    return math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))


def test_cascade_sees_nothing_in_noise_and_in_a_plain_frame(rng: np.random.Generator) -> None:
    detector = create_detector("cascade")
    assert detector.detect(np.full((240, 320, 3), 128, np.uint8)) == []
    assert detector.detect(rng.integers(0, 256, (240, 320, 3), np.uint8)) == []


def test_names_of_detectors_are_those_of_the_registry() -> None:
    assert list(DETECTORS) == ["cascade", "yunet", "none"]
    assert create_detector("cascade").name == "cascade"
    assert create_detector("none").name == "none"


def test_unknown_detector_is_refused() -> None:
    with pytest.raises(InputError, match="cascade, yunet, none"):
        create_detector("haar")


def test_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.onnx"):
        create_detector("yunet", tmp_path / "missing.onnx")


def test_file_that_is_no_network_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter.onnx").write_text("dear network")
    with pytest.raises(InputError) as error:
        create_detector("yunet", tmp_path / "letter.onnx")
    assert "\n" not in str(error.value)
