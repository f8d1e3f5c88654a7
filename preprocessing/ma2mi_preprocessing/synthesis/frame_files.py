"""Rendered frames on disk, in the forms that `preprocess` reads."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ..atomic_files import atomic_path
from ..errors import InputError

FRAME_FORMS = ("png", "jpeg", "video")
_JPEG_QUALITY = 95


def frames_path(folder: Path, name: str, form: str) -> Path:
    """Where the frames of a clip stand: a folder of images, or a video file."""
    return folder / (f"{name}.avi" if form == "video" else name)


def write_frames(frames: npt.NDArray[np.uint8], fps: float, path: Path, form: str) -> None:
    """Write the frames of a clip; the same frames give the same bytes.

    Parameters
    ----------
    frames : ndarray, shape (T, H, W, 3), uint8, RGB
    fps : float
        Of the video.
    path : Path
        From `frames_path`.
    form : {"png", "jpeg", "video"}
        ``png`` and ``video`` (HuffYUV in AVI, one file) lose nothing, and a video is written in a
        third of the time; ``jpeg`` (quality 95) takes a quarter of the room.

    Raises
    ------
    InputError
        The folder cannot be made, a file cannot be written, or OpenCV cannot write such videos.
    """
    if form == "video":
        with atomic_path(path) as temporary:
            _write_video(frames, fps, temporary, path)
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {path}: {error.strerror}") from error
    suffix, options = (
        (".jpg", [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]) if form == "jpeg" else (".png", [])
    )
    for index, frame in enumerate(frames):
        file = path / f"{index:05d}{suffix}"
        if not cv2.imwrite(str(file), cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), options):
            raise InputError(f"cannot write {file}; is the disk full?")


def _write_video(frames: npt.NDArray[np.uint8], fps: float, temporary: Path, path: Path) -> None:
    height, width = frames.shape[1:3]
    writer = cv2.VideoWriter(str(temporary), cv2.VideoWriter.fourcc(*"HFYU"), fps, (width, height))
    if not writer.isOpened():
        raise InputError(f"OpenCV cannot write {path} as a HuffYUV video here; write png frames")
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    # A writer does not say that the disk is full; its index, which comes last, is then missing.
    written = cv2.VideoCapture(str(temporary))
    count = int(written.get(cv2.CAP_PROP_FRAME_COUNT))
    written.release()
    if count != len(frames):
        raise InputError(f"cannot write {path}; is the disk full?")
