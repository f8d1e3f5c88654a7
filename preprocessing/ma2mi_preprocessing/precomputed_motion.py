"""Clips whose motion somebody else has computed and published."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .datasets.clip import Clip
from .errors import InputError
from .motion_channels import SCALINGS, MotionScaling, check_channels
from .motion_files import MotionFile, read_motion_file
from .motion_scaling import in_model_order
from .processed_clip import ProcessedClip


def read_motion_clip(clip: Clip) -> ProcessedClip:
    """Read published motion, in the order of channels and the scaling that models take.

    Parameters
    ----------
    clip : Clip
        Its `source` is a file or folder as `read_motion_file` takes it. `motion_channels` and
        `motion_scaling` say what it holds; by default unsigned integers, images among them, are
        min-max scaled, and other numbers are pixels.

    Returns
    -------
    ProcessedClip
        `motion` is set: pixels as they are, or 0..1 where the file is min-max scaled; `frames`
        holds the onset or nothing; there are no pairs. The attributes `motion_scaling`,
        `motion_channels` (as in the file) and `motion_kind` tell what it is.

    Raises
    ------
    InputError
        Missing or unreadable file, arrays of other shapes or types, channels that do not fit, or
        pixels that are asked for where only min-max scaled numbers are.
    """
    file = read_motion_file(clip.source)
    _check_numbers(clip, file.motion)
    scaling = _scaling(clip, file.motion)
    channels = clip.motion_channels or file.channels
    motion, kind = _unit_range(clip, file.motion, scaling), ""
    if channels:
        try:
            motion, kind = in_model_order(motion, check_channels(channels), scaling)
        except ValueError as error:
            raise InputError(
                f"{clip.source} {error}; correct its column 'motion_channels'"
            ) from error
    described = {
        "motion_scaling": scaling,
        "motion_channels": channels,
        "motion_kind": kind,
        "notes": list(file.notes),
    }
    return _processed(clip, motion, _onset(clip, file, motion.shape), described)


def _processed(
    clip: Clip, motion: NDArray[np.float32], onset: NDArray[np.uint8], described: dict[str, Any]
) -> ProcessedClip:
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
            **described,
        },
        motion=motion,
    )


def _check_numbers(clip: Clip, motion: NDArray[Any]) -> None:
    if motion.ndim != 3 or not motion.size or motion.dtype.kind not in "fiu":
        raise InputError(
            f"'motion' in {clip.source} must be (H, W, C) numbers, not {motion.shape} "
            f"{motion.dtype}"
        )
    if not np.isfinite(motion).all():
        raise InputError(f"'motion' in {clip.source} holds NaN or infinite values; correct them")


def _scaling(clip: Clip, motion: NDArray[Any]) -> MotionScaling:
    unsigned = motion.dtype.kind == "u"
    if clip.motion_scaling not in ("", *SCALINGS):
        raise InputError(
            f"motion_scaling of {clip.source} must be {' or '.join(SCALINGS)}, not "
            f"'{clip.motion_scaling}'"
        )
    if not clip.motion_scaling:
        return "minmax" if unsigned else "pixels"
    if clip.motion_scaling == "pixels" and unsigned:
        raise InputError(
            f"{clip.source} holds {motion.dtype}, which has no negative displacement; call it "
            "minmax, or give floating point in pixels"
        )
    return "pixels" if clip.motion_scaling == "pixels" else "minmax"


def _unit_range(clip: Clip, motion: NDArray[Any], scaling: MotionScaling) -> NDArray[np.float32]:
    if scaling == "pixels":
        return np.asarray(motion, np.float32)
    lowest, highest = float(motion.min()), float(motion.max())
    most = float(np.iinfo(motion.dtype).max) if motion.dtype.kind == "u" else 255.0
    if lowest < 0 or highest > most:
        raise InputError(
            f"{clip.source} is said to be min-max scaled but holds {lowest:g} to {highest:g}; it "
            "must lie in 0..1 or 0..255, or its motion_scaling is pixels"
        )
    if motion.dtype.kind != "u" and highest <= 1:
        most = 1.0
    return np.asarray(motion / np.float32(most), np.float32)


def _onset(clip: Clip, file: MotionFile, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    expected = (*shape[:2], 3)
    if file.onset is None:
        return np.empty((0, *expected), np.uint8)
    onset = file.onset
    if onset.shape != expected:
        raise InputError(f"'onset' in {clip.source} must be {expected}, not {onset.shape}")
    if onset.dtype == np.uint8:
        return np.ascontiguousarray(onset)[None]
    if (
        onset.dtype.kind != "f"
        or not np.isfinite(onset).all()
        or onset.min() < 0
        or onset.max() > 1
    ):
        raise InputError(f"'onset' in {clip.source} must be uint8, or floating point 0..1")
    return np.asarray(np.rint(onset * 255), np.uint8)[None]
