"""Small gray pictures of one brightness, and the parts of the face that are looked at."""

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

from ..faces.alignment import EYE_DISTANCE, EYE_HEIGHT
from ..motion import to_gray

Images = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# Side of the pictures that flow is computed on: finer ones cost more and gain nothing, as averaging
# pixels also averages their noise.
WORKING_SIDE = 112
# Half height and half width of the ellipse looked at, as shares of the picture's: hair and what is
# behind the head do not follow the head's motion and would be taken for expressions.
_FACE = (0.95, 0.75)
# Half width and half height of an eye with its lids, as shares of the picture's side.
_EYE = (0.12, 0.065)


def working_images(frames: npt.ArrayLike) -> tuple[Images, np.float32]:
    """Small gray pictures 0..1, and the size of one of their pixels in pixels of the frames.

    Raises ``ValueError`` where `frames` are not (T, H, W) or (T, H, W, 3), or empty.
    """
    shape = np.shape(frames)
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] != 3) or 0 in shape:
        raise ValueError(
            f"`frames` must have shape (T, H, W) or (T, H, W, 3) and not be empty. "
            f"Received: shape={shape}"
        )
    small = list(small_pictures(np.asarray(frames)))
    return np.stack(small), np.float32(shape[2] / small[0].shape[1])


def small_pictures(frames: Iterable[npt.NDArray[np.generic]]) -> Iterator[Images]:
    """The same of one frame after another; each (H, W) or (H, W, 3)."""
    for frame in frames:
        if frame.ndim not in (2, 3) or (frame.ndim == 3 and frame.shape[2] != 3) or not frame.size:
            raise ValueError(
                f"`frames` must each have shape (H, W) or (H, W, 3). Received: {frame.shape}"
            )
        unit = frame.astype(np.float32) * np.float32(1 / 255 if frame.dtype == np.uint8 else 1.0)
        gray = np.asarray(to_gray(unit[None])[0] if unit.ndim == 3 else unit, np.float32)
        height, width = gray.shape
        shrink = min(1.0, WORKING_SIDE / min(height, width))
        size = (round(width * shrink), round(height * shrink))
        yield np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.float32)


def evenly_exposed(images: Images, mask: Mask) -> Images:
    """All frames at one brightness: TV-L1 takes a change of a few per cent for movement."""
    brightness = images[:, mask].mean(axis=1)
    gain = np.float32(0.5) / np.maximum(brightness, np.float32(1e-3))
    return np.asarray(images * gain[:, None, None])


def working_region(
    region: npt.ArrayLike | None, frame: tuple[int, ...], working: tuple[int, ...]
) -> Mask:
    """Where the face is looked at, as large as a working picture; see `motion_curve`."""
    height, width = working
    if region is None:
        rows = np.linspace(-1.0, 1.0, height)[:, None]
        columns = np.linspace(-1.0, 1.0, width)[None, :]
        return np.asarray((rows / _FACE[0]) ** 2 + (columns / _FACE[1]) ** 2 <= 1.0)
    mask = np.asarray(region)
    if mask.shape != tuple(frame) or not mask.any():
        raise ValueError(
            f"`region` must be True somewhere and have the shape {tuple(frame)} of a frame. "
            f"Received: shape={mask.shape}"
        )
    small = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(small > 0)


def eye_region(working: tuple[int, ...], scale: float = 1.0) -> Mask:
    """Both eyes of an aligned face with their lids, or what is `scale` times as large."""
    height, width = working
    rows = (np.arange(height)[:, None] + 0.5) / height - EYE_HEIGHT
    columns = (np.arange(width)[None, :] + 0.5) / width - 0.5
    across = np.abs(columns) - EYE_DISTANCE / 2
    return np.asarray((across / _EYE[0]) ** 2 + (rows / _EYE[1]) ** 2 <= scale**2)
