"""Faces and eyes by the Haar cascades in OpenCV's 4.x wheels: works offline, no model file."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..stage_clock import timed
from .detection import Box, Face, Point, largest_first, reduced
from .eye_pairs import EyeCandidate, best_pair, canonical_eyes

# A near face shows on the small copy, which is four times as fast to search; only where nothing
# is found there, the larger copy is searched for small faces.
_LONGEST_SIDES = (320, 640)
_SMALLEST_FACE = 26
_FACE_SCALE_STEP = 1.1
_FACE_NEIGHBOURS = 4

# The eye cascade is trained on eyes of 20 pixels; in a face of this width they are about 35.
_FACE_WIDTH = 160
_EYE_BAND = (0.15, 0.62)
_EYE_SIZE = (0.14, 0.42)
_EYE_SCALE_STEP = 1.06
_EYE_NEIGHBOURS = 2

# Eyes of a head on one side are found once the crop is turned upright; tried in this order until
# a pair of eyes is convincing.
_ROLLS = (0.0, -16.0, 16.0)
_CONVINCING_SCORE = 0.7


class CascadeDetector:
    """Frontal faces by ``haarcascade_frontalface_alt2``, eyes inside them by ``haarcascade_eye``.

    Eyes are looked for in the upper half of the face's box, one on each side, and taken where they
    make a plausible pair. Where they do not (closed, covered, turned away), the usual place of eyes
    in such a box is given with a lower score.

    Raises
    ------
    InputError
        This OpenCV carries no cascades (the 5.x wheels do not).

    References
    ----------
    .. [1] P. Viola, M. Jones, "Rapid object detection using a boosted cascade of simple features",
           CVPR 2001, DOI 10.1109/CVPR.2001.990517.
    """

    name = "cascade"

    def __init__(self) -> None:
        self._faces = _load("haarcascade_frontalface_alt2.xml")
        self._eyes = _load("haarcascade_eye.xml")

    @timed("detect")
    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Find faces; see `FaceDetector.detect`."""
        gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        for longest_side in _LONGEST_SIDES:
            boxes = self._face_boxes(gray, longest_side)
            if boxes or max(gray.shape) <= longest_side:
                break
        return largest_first([self._face(gray, box) for box in boxes])

    def _face_boxes(self, gray: NDArray[np.uint8], longest_side: int) -> list[Box]:
        small, factor = reduced(gray, longest_side)
        found = self._faces.detectMultiScale(
            small,
            scaleFactor=_FACE_SCALE_STEP,
            minNeighbors=_FACE_NEIGHBOURS,
            minSize=(_SMALLEST_FACE, _SMALLEST_FACE),
        )
        boxes = [[float(value) * factor for value in box] for box in found]
        return [(x, y, width, height) for x, y, width, height in boxes]

    def _face(self, gray: NDArray[np.uint8], box: Box) -> Face:
        crop = _face_crop(gray, box)
        best: tuple[Point, Point, float] | None = None
        for roll in _ROLLS:
            upright, back = _turned(crop, roll)
            left, right, score = best_pair(
                self._eye_candidates(upright, left=True),
                self._eye_candidates(upright, left=False),
                canonical_eyes(_FACE_WIDTH),
            )
            if best is None or score > best[2]:
                best = (_mapped(left, back), _mapped(right, back), score)
            if score >= _CONVINCING_SCORE:
                break
        assert best is not None
        return Face(box, _outward(best[0], box), _outward(best[1], box), best[2])

    def _eye_candidates(self, face: NDArray[np.uint8], *, left: bool) -> list[EyeCandidate]:
        side = face.shape[0]
        top, bottom = (round(fraction * side) for fraction in _EYE_BAND)
        first, last = (0, round(0.55 * side)) if left else (round(0.45 * side), side)
        smallest, largest = (round(fraction * side) for fraction in _EYE_SIZE)
        boxes, _, weights = self._eyes.detectMultiScale3(
            np.ascontiguousarray(face[top:bottom, first:last]),
            scaleFactor=_EYE_SCALE_STEP,
            minNeighbors=_EYE_NEIGHBOURS,
            minSize=(smallest, smallest),
            maxSize=(largest, largest),
            outputRejectLevels=True,
        )
        return [
            EyeCandidate(
                x=first + box[0] + (box[2] - 1) / 2,
                y=top + box[1] + (box[3] - 1) / 2,
                weight=float(weight),
            )
            for box, weight in zip(boxes, np.ravel(weights), strict=True)
        ]


def _load(name: str) -> cv2.CascadeClassifier:
    path = Path(getattr(getattr(cv2, "data", None), "haarcascades", "")) / name
    if not path.is_file():
        raise InputError(
            f"OpenCV {cv2.__version__} carries no {name}; install opencv-contrib-python-headless "
            "below version 5, or use --detector yunet"
        )
    return cv2.CascadeClassifier(str(path))


def _face_crop(gray: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    x, y, width, height = box
    crop = gray[max(0, round(y)) : round(y + height), max(0, round(x)) : round(x + width)]
    interpolation = cv2.INTER_AREA if width > _FACE_WIDTH else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, (_FACE_WIDTH, _FACE_WIDTH), interpolation=interpolation))


def _turned(
    face: NDArray[np.uint8], degrees: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    middle = (_FACE_WIDTH - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), degrees, 1.0)
    if not degrees:
        return face, np.asarray(turn, np.float64)
    size = (_FACE_WIDTH, _FACE_WIDTH)
    turned = cv2.warpAffine(face, turn, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), np.asarray(cv2.invertAffineTransform(turn), np.float64)


def _mapped(point: Point, transform: NDArray[np.float64]) -> Point:
    x, y = transform @ (point[0], point[1], 1.0)
    return float(x), float(y)


def _outward(point: Point, box: Box) -> Point:
    x, y, width, height = box
    return (
        x - 0.5 + (point[0] + 0.5) * width / _FACE_WIDTH,
        y - 0.5 + (point[1] + 0.5) * height / _FACE_WIDTH,
    )
