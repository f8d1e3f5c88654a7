"""Clips whose motion somebody else has computed and published."""

import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .datasets.clip import Clip
from .errors import InputError
from .processed_clip import ProcessedClip


def read_motion_clip(clip: Clip) -> ProcessedClip:
    """Read an `.npz` with an array `motion` and, optionally, `onset`.

    Parameters
    ----------
    clip : Clip
        Its `source` is the file: `motion` (H, W, C), any real numbers, kept as they are;
        `onset` (H, W, 3), uint8 0..255 or floating point 0..1.

    Returns
    -------
    ProcessedClip
        `motion` is set; `frames` holds the onset or nothing; there are no pairs.

    Raises
    ------
    InputError
        Missing or unreadable file, no array `motion`, or arrays of other shapes or types.
    """
    if not clip.source.is_file():
        raise InputError(f"there is nothing at {clip.source}; check the path")
    arrays = _load(clip)
    motion = _motion(clip, arrays)
    onset = _onset(clip, arrays, motion.shape)
    height, width = motion.shape[:2]
    return ProcessedClip(
        clip=clip,
        frames=onset,
        flow=np.empty((0, height, width, 2), np.float32),
        pairs=np.empty((0, 2), np.int32),
        transforms=np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]),
        onset=0 if len(onset) else None,
        apex=None,
        offset=None,
        fps=clip.fps or 1.0,
        first_frame=clip.onset or 0,
        attributes={
            "alignment": "precomputed",
            "fps_source": "manifest" if clip.fps else "assumed",
            "frames_dropped": 0,
            "notes": [],
        },
        motion=motion,
    )


def _load(clip: Clip) -> dict[str, NDArray[Any]]:
    try:
        with np.load(clip.source, allow_pickle=False) as file:
            return {name: file[name] for name in ("motion", "onset") if name in file}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, TypeError) as error:
        raise InputError(
            f"{clip.source} is not a readable .npz of plain arrays; write it with numpy.savez"
        ) from error


def _motion(clip: Clip, arrays: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    if "motion" not in arrays:
        raise InputError(f"{clip.source} has no array 'motion'; name the motion array so")
    motion = arrays["motion"]
    if motion.ndim != 3 or not motion.size or motion.dtype.kind not in "fiu":
        raise InputError(
            f"'motion' in {clip.source} must be (H, W, C) numbers, not {motion.shape} "
            f"{motion.dtype}"
        )
    if not np.isfinite(motion).all():
        raise InputError(f"'motion' in {clip.source} holds NaN or infinite values; correct them")
    return np.asarray(motion, np.float32)


def _onset(
    clip: Clip, arrays: dict[str, NDArray[Any]], shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    expected = (*shape[:2], 3)
    if "onset" not in arrays:
        return np.empty((0, *expected), np.uint8)
    onset = arrays["onset"]
    if onset.shape != expected:
        raise InputError(f"'onset' in {clip.source} must be {expected}, not {onset.shape}")
    if onset.dtype == np.uint8:
        return onset[None]
    if (
        onset.dtype.kind != "f"
        or not np.isfinite(onset).all()
        or onset.min() < 0
        or onset.max() > 1
    ):
        raise InputError(f"'onset' in {clip.source} must be uint8, or floating point 0..1")
    return np.asarray(np.rint(onset * 255), np.uint8)[None]
