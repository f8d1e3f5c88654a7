"""What preprocessing makes of a clip, in memory, and how it says that it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .datasets.clip import Clip
from .errors import InputError


class ClipError(InputError):
    """A clip that cannot be used.

    Attributes
    ----------
    stage : str
        Where it ended: "manifest", "read", "face", "flow", "write" or "worker".
    """

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Mark errors about the user's data with the stage in which they came up."""
    try:
        yield
    except ClipError:
        raise
    except InputError as error:
        raise ClipError(name, str(error)) from error


@dataclass(frozen=True)
class ProcessedClip:
    """Aligned frames and flow of one clip.

    Attributes
    ----------
    clip : Clip
        The row of the manifest.
    frames : ndarray, shape (T, S, S, 3), uint8, RGB
        Aligned faces. A clip of kind "motion" has one (its onset) or none.
    flow : ndarray, shape (P, S, S, 2), float32
        TV-L1 flow of each pair, pixels of the aligned face, from the first to the second frame.
    pairs : ndarray, shape (P, 2), int32
        Indices into `frames`.
    transforms : ndarray, shape (1, 2, 3) or (T, 2, 3), float64
        Source pixels to aligned pixels; one for all frames or one a frame.
    onset, apex, offset : int or None
        Annotated frames as indices into `frames`.
    fps : float
        Frames a second.
    first_frame : int
        Index in the source of ``frames[0]``.
    attributes : dict
        Figures about the clip that JSON can hold, such as `face_score` (0..1), `sharpness`
        (median over frames of the variance of the Laplacian, gray levels squared),
        `frames_dropped`, and `notes`, a list of sentences for the user.
    motion : ndarray or None, shape (H, W, C), float32
        Precomputed motion of a clip of kind "motion".
    """

    clip: Clip
    frames: NDArray[np.uint8]
    flow: NDArray[np.float32]
    pairs: NDArray[np.int32]
    transforms: NDArray[np.float64]
    onset: int | None
    apex: int | None
    offset: int | None
    fps: float
    first_frame: int
    attributes: dict[str, Any] = field(default_factory=dict)
    motion: NDArray[np.float32] | None = None
