"""What a face is here, and what a detector must do."""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Face:
    """A face found in one frame. All coordinates are pixels of that frame; x right, y down.

    Attributes
    ----------
    box : tuple of float
        ``(x, y, width, height)``; may reach over the edge of the frame.
    left_eye, right_eye : tuple of float
        ``(x, y)`` of the eyes' centres, left and right as seen in the picture.
    score : float
        0..1, how far eye positions can be trusted; comparable within one detector only.
    """

    box: Box
    left_eye: Point
    right_eye: Point
    score: float

    @property
    def area(self) -> float:
        """Area of the box in square pixels."""
        return self.box[2] * self.box[3]

    def scaled(self, factor: float) -> "Face":
        """The same face in a picture `factor` times as large."""
        x, y, width, height = (value * factor for value in self.box)
        return Face(
            box=(x, y, width, height),
            left_eye=_scaled(self.left_eye, factor),
            right_eye=_scaled(self.right_eye, factor),
            score=self.score,
        )


class FaceDetector(Protocol):
    """Finds faces in a frame."""

    name: str

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Find faces.

        Parameters
        ----------
        image : numpy.ndarray, shape (H, W, 3), uint8, RGB

        Returns
        -------
        list of Face
            Largest first; empty where there is none. Never an invented face.
        """
        ...


def reduced(image: NDArray[np.uint8], longest_side: int) -> tuple[NDArray[np.uint8], float]:
    """Shrink a picture whose longest side is above a limit; detection time grows with its area.

    Returns
    -------
    image : numpy.ndarray
        The picture itself where it is small enough.
    factor : float
        What coordinates in the returned picture must be multiplied by.
    """
    height, width = image.shape[:2]
    factor = max(height, width) / longest_side
    if factor <= 1.0:
        return image, 1.0
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), factor


def largest_first(faces: list[Face]) -> list[Face]:
    """Sort by area of the box, with the position as tie-break so that order is reproducible."""
    return sorted(faces, key=lambda face: (-face.area, face.box))


def _scaled(point: Point, factor: float) -> Point:
    # Pixel centres: (0, 0) is the middle of the first pixel, so its corner is at -0.5.
    return ((point[0] + 0.5) * factor - 0.5, (point[1] + 0.5) * factor - 0.5)
