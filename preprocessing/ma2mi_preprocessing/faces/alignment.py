"""From eye positions to aligned faces: the geometry, one picture at a time."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..stage_clock import timed
from .detection import Point

# Where eyes come to lie, as fractions of the crop's side. The distance between them decides how
# much of the head is seen: at 0.32 the crop ends at the chin and the hairline of most adults.
EYE_DISTANCE = 0.32
EYE_HEIGHT = 0.38

Matrix = NDArray[np.float64]
"""(2, 3) affine matrix that takes source pixels (x, y, 1) to pixels of the aligned crop."""


def canonical_eyes(size: int) -> tuple[Point, Point]:
    """Left and right eye (as seen in the picture) in an aligned crop of `size` pixels."""
    middle = (size - 1) / 2
    half = EYE_DISTANCE * size / 2
    height = EYE_HEIGHT * size - 0.5
    return (middle - half, height), (middle + half, height)


def eye_transform(left_eye: Point, right_eye: Point, size: int) -> Matrix:
    """Similarity transform that brings two eyes to their canonical places.

    Parameters
    ----------
    left_eye, right_eye : tuple of float
        ``(x, y)`` in source pixels, left and right as seen in the picture.
    size : int
        Side of the aligned crop in pixels.

    Returns
    -------
    numpy.ndarray, shape (2, 3), float64
        ``[[a, -b, tx], [b, a, ty]]``: rotation, one scale, translation; source to crop.

    Raises
    ------
    ValueError
        The eyes coincide.
    """
    source, target = complex(*right_eye) - complex(*left_eye), EYE_DISTANCE * size
    if source == 0:
        raise ValueError(f"`left_eye` and `right_eye` must differ. Received: {left_eye}")
    # As complex numbers a similarity transform is z -> factor * z + shift.
    factor = target / source
    shift = complex(*canonical_eyes(size)[0]) - factor * complex(*left_eye)
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )


def eyes_of_whole_frame(width: int, height: int) -> tuple[Point, Point]:
    """Eye positions for which `eye_transform` fits a whole frame into the middle of the crop.

    Nothing is cut off: the longer side of the frame becomes the side of the crop.
    """
    side = max(width, height)
    shift_x, shift_y = (width - side) / 2, (height - side) / 2
    left, right = canonical_eyes(side)
    return (left[0] + shift_x, left[1] + shift_y), (right[0] + shift_x, right[1] + shift_y)


@timed("align")
def align_frame(image: NDArray[np.uint8], transform: Matrix, size: int) -> NDArray[np.uint8]:
    """Cut an aligned face out of a frame.

    Parameters
    ----------
    image : numpy.ndarray, shape (H, W) or (H, W, 3), uint8
    transform : numpy.ndarray, shape (2, 3)
        Source pixels to crop pixels, as from `eye_transform`.
    size : int
        Side of the crop.

    Returns
    -------
    numpy.ndarray, shape (size, size) or (size, size, 3), uint8
        What lies outside the frame repeats the frame's edge. A transform that does nothing gives
        the same pixels back.
    """
    image, transform = _reduced_to_scale(image, transform)
    aligned = cv2.warpAffine(
        image, transform, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(aligned, np.uint8)


def _reduced_to_scale(
    image: NDArray[np.uint8], transform: Matrix
) -> tuple[NDArray[np.uint8], Matrix]:
    # warpAffine looks at 4x4 source pixels only: a strongly reduced face would alias, and aliasing
    # that changes from frame to frame looks like motion. Averaging blocks of pixels avoids it.
    factor = max(1, int(1.0 / math.hypot(transform[0, 0], transform[1, 0]) + 1e-6))
    height, width = (side // factor * factor for side in image.shape[:2])
    if factor < 2 or not height or not width:
        return image, transform
    blocks = (width // factor, height // factor)
    small = cv2.resize(image[:height, :width], blocks, interpolation=cv2.INTER_AREA)
    shift = (factor - 1) / 2
    from_small = np.array([[factor, 0.0, shift], [0.0, factor, shift], [0.0, 0.0, 1.0]])
    return np.asarray(small, np.uint8), transform @ from_small
