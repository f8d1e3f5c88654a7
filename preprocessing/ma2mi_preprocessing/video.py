"""Frames of video files and of folders of images, one at a time. OpenCV's BGR stops here."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .datasets.media_files import list_frames
from .errors import InputError

Image = NDArray[np.uint8]
"""One frame, (H, W, 3) RGB, 0..255."""

# FFmpeg writes its own lines about broken files to the terminal, through progress bars; what is
# wrong is said once, in the error below. It reads this variable when the first file is opened.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

_ERRORS_ONLY = 2
_PLAUSIBLE_FPS = (1.0, 1000.0)


@dataclass(frozen=True)
class VideoInfo:
    """What a source says about itself before it is decoded.

    Attributes
    ----------
    frames : int
        Number of frames. For a video file this is the container's claim, which can be a few frames
        off; 0 where it claims nothing.
    fps : float or None
        Frames a second; None for folders of images and for files with an impossible value.
    width, height : int
        Pixels of the first frame, after the rotation that the file asks for.
    """

    frames: int
    fps: float | None
    width: int
    height: int


def probe(path: str | Path) -> VideoInfo:
    """Look at a video file or a folder of images without decoding more than one frame.

    Raises
    ------
    InputError
        Missing, empty, or unreadable.
    """
    path = Path(path)
    first = next(read_frames(path, stop=1))
    height, width = first.shape[:2]
    if path.is_dir():
        return VideoInfo(len(list_frames(path)), None, width, height)
    capture = _open(path)
    try:
        claimed = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        fps = capture.get(cv2.CAP_PROP_FPS)
    finally:
        capture.release()
    low, high = _PLAUSIBLE_FPS
    return VideoInfo(
        frames=max(0, int(claimed)) if math.isfinite(claimed) else 0,
        fps=float(fps) if low <= fps <= high else None,
        width=width,
        height=height,
    )


def read_frames(
    path: str | Path, start: int = 0, stop: int | None = None, step: int = 1
) -> Iterator[Image]:
    """Read frames one after another; only the current one is in memory.

    Parameters
    ----------
    path : str or Path
        Video file, or folder of jpg, jpeg, png or bmp images ordered by the last integer in their
        names. Gray, 16-bit, and transparent images become 8-bit RGB.
    start, stop : int
        First frame, and the one after the last; None reads to the end. A video is decoded from its
        beginning, because seeking by frame number is not exact in most containers.
    step : int
        Yield only every `step`-th frame, beginning with `start`.

    Yields
    ------
    numpy.ndarray, shape (H, W, 3), uint8, RGB

    Raises
    ------
    InputError
        Missing, empty, or unreadable; an image that cannot be decoded; images of different sizes.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"there is nothing at {path}; check the path")
    if path.is_dir():
        return _read_folder(path, start, stop, step)
    return _read_video(path, start, stop, step)


def read_image(path: Path) -> Image:
    """Read one image as (H, W, 3) RGB uint8.

    Raises
    ------
    InputError
        The file is missing, empty, or not an image.
    """
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    # Decoding from memory because OpenCV cannot open paths outside the code page on Windows.
    image = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if image is None:
        raise InputError(f"{path} is empty or not a readable image; restore or remove it")
    return _to_rgb(image)


def _read_folder(folder: Path, start: int, stop: int | None, step: int) -> Iterator[Image]:
    paths = list_frames(folder)
    if not paths:
        raise InputError(f"the folder {folder} holds no jpg, png or bmp image")
    size: tuple[int, ...] | None = None
    for path in paths[start:stop:step]:
        image = read_image(path)
        size = size or image.shape
        if image.shape != size:
            raise InputError(
                f"{path} has {image.shape[1]}x{image.shape[0]} pixels, the frames before it "
                f"{size[1]}x{size[0]}; the frames of a clip must have one size"
            )
        yield image


def _read_video(path: Path, start: int, stop: int | None, step: int) -> Iterator[Image]:
    capture = _open(path)
    try:
        index = 0
        while stop is None or index < stop:
            if not capture.grab():
                break
            if index >= start and (index - start) % step == 0:
                decoded, frame = capture.retrieve()
                if not decoded:
                    break
                yield _to_rgb(frame)
            index += 1
    finally:
        capture.release()
    if index == 0 and stop != 0:
        raise InputError(f"no frame of {path} can be decoded; is it a complete video file?")


def _open(path: Path) -> cv2.VideoCapture:
    if path.stat().st_size == 0:
        raise InputError(f"{path} is an empty file (0 bytes); restore it")
    # FFmpeg is in every wheel; OpenCV's other readers print their complaints to the terminal, and
    # so does OpenCV about FFmpeg unless it is told not to.
    verbosity = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(_ERRORS_ONLY)
    try:
        capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    finally:
        cv2.utils.logging.setLogLevel(verbosity)
    if not capture.isOpened():
        raise InputError(
            f"{path} is not a video that can be read: cut short, or not a video at all"
        )
    return capture


def _to_rgb(image: NDArray[Any]) -> Image:
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
