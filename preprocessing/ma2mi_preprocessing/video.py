"""Frames of video files and of folders of images, one at a time. OpenCV's BGR stops here."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from .datasets.media_files import list_frames
from .errors import InputError
from .frame_memory import Frame, held_frames
from .hang_guard import hang_guard
from .images import (
    DamagedImage,
    Image,
    content_of,
    decode_image,
    read_image,
    significant_bits,
    to_rgb,
)
from .stage_clock import timed, timed_iterator

__all__ = ["DamagedFrame", "Frame", "Image", "VideoInfo", "probe", "read_frames", "read_image",
           "read_numbered_frames"]  # fmt: skip

# FFmpeg writes its own lines about broken files to the terminal, through progress bars; what is
# wrong is said once, in the error below. It reads this variable when the first file is opened.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

_ERRORS_ONLY = 2
_PLAUSIBLE_FPS = (1.0, 1000.0)


@dataclass(frozen=True)
class DamagedFrame:
    """An image of a folder that cannot be decoded: its place in the folder, its name, and why."""

    index: int
    name: str
    reason: str


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
    bits : int
        Significant bits of a colour value in the source, before it became 8 bits; 8 for videos.
    """

    frames: int
    fps: float | None
    width: int
    height: int
    bits: int = 8


@timed("decode")
def probe(path: str | Path) -> VideoInfo:
    """Look at a video file or a folder of images without decoding more than one frame.

    Of a folder of 16-bit images every one is decoded, to find the largest value.

    Raises
    ------
    InputError
        Missing, empty, or unreadable.
    """
    path = Path(path)
    first = next(read_numbered_frames(path, damaged=[]), None)
    if first is None:
        raise InputError(f"no frame of {path} can be decoded; is it complete?")
    height, width = first.image.shape[:2]
    if path.is_dir():
        paths = list_frames(path)
        deep = decode_image(paths[first.index]).dtype != np.uint8
        bits = _bits_of_folder(path) if deep else 8
        return VideoInfo(len(paths), None, width, height, bits)
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
        names. Gray, 16-bit, and transparent images become 8-bit RGB, see `images.read_image`.
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
    frames = read_numbered_frames(path, start, stop, step)
    return (frame.image for frame in frames)


def read_numbered_frames(
    path: str | Path,
    start: int = 0,
    stop: int | None = None,
    step: int = 1,
    *,
    damaged: list[DamagedFrame] | None = None,
) -> Iterator[Frame]:
    """Read frames with their places in the source, as `read_frames` does.

    Parameters
    ----------
    path, start, stop, step
        As for `read_frames`.
    damaged : list, optional
        Takes the images of a folder that cannot be decoded, which are then left out; without it
        the first of them is an error.

    Yields
    ------
    Frame
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"there is nothing at {path}; check the path")
    if path.is_dir():
        return _read_folder(path, start, stop, step, damaged)
    held = held_frames(path, start, stop, step)
    return held if held is not None else _read_video(path, start, stop, step)


@timed_iterator("decode")
def _read_folder(
    folder: Path, start: int, stop: int | None, step: int, damaged: list[DamagedFrame] | None
) -> Iterator[Frame]:
    paths = list_frames(folder)
    if not paths:
        raise InputError(f"the folder {folder} holds no jpg, png or bmp image")
    size: tuple[int, ...] | None = None
    bits: int | None = None
    for index in range(len(paths))[start:stop:step]:
        path = paths[index]
        try:
            stored = decode_image(path)
            if stored.dtype != np.uint8:
                bits = bits or _bits_of_folder(folder)
            image = to_rgb(stored, bits or 8)
        except DamagedImage as error:
            if damaged is None:
                raise
            damaged.append(DamagedFrame(index, path.name, str(error)))
            continue
        size = size or image.shape
        if image.shape != size:
            raise InputError(
                f"{path} has {image.shape[1]}x{image.shape[0]} pixels, the frames before it "
                f"{size[1]}x{size[0]}; the frames of a clip must have one size"
            )
        yield Frame(index, image, None)


def _bits_of_folder(folder: Path) -> int:
    paths = list_frames(folder)
    return _bits_of(tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=4)
def _bits_of(states: tuple[tuple[Path, int], ...]) -> int:
    return significant_bits([path for path, _ in states])


@timed_iterator("decode")
def _read_video(path: Path, start: int, stop: int | None, step: int) -> Iterator[Frame]:
    guard = hang_guard()
    guard.renew()
    capture = _open(path)
    index = 0
    try:
        while stop is None or index < stop:
            guard.renew()
            if not capture.grab():
                break
            if index >= start and (index - start) % step == 0:
                seconds = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                decoded, frame = capture.retrieve()
                if not decoded:
                    break
                image = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
                yield Frame(index, image, seconds)
            index += 1
    finally:
        guard.release()
        capture.release()
    if index == 0 and stop != 0:
        raise InputError(f"no frame of {path} can be decoded; is it a complete video file?")


def _open(path: Path) -> cv2.VideoCapture:
    if not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder; give a video or its frames")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is an empty file (0 bytes); restore it")
    content = content_of(path)
    if content and content.endswith("image"):
        raise InputError(f"{path} is {content}, not a video; give a folder of numbered images")
    # FFmpeg is in every wheel; OpenCV's other readers print their complaints to the terminal, and
    # so does OpenCV about FFmpeg unless it is told not to.
    verbosity = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(_ERRORS_ONLY)
    try:
        # FFmpeg has as many threads as there are cores unless it is told how many are ours.
        threads = [cv2.CAP_PROP_N_THREADS, cv2.getNumThreads()]
        capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, threads)
    finally:
        cv2.utils.logging.setLogLevel(verbosity)
    if not capture.isOpened():
        raise InputError(
            f"{path} is not a video that can be read: cut short, or not a video at all"
        )
    return capture
