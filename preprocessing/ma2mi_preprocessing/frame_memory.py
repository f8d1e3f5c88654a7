"""Frames of one video that are looked at twice, first for the face and then to be aligned.

A video is decoded from its beginning, so that a second look costs as much as the first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .images import Image

MOST_BYTES = 256_000_000
"""Longer or larger clips are decoded twice."""


@dataclass(frozen=True)
class Frame:
    """A frame, (H, W, 3) uint8 RGB, its place in the source, and its time stamp if it has one."""

    index: int
    image: Image
    seconds: float | None


@dataclass(frozen=True)
class _Held:
    path: Path
    start: int
    stop: int | None
    frames: list[Frame]


_held: _Held | None = None


def hold_frames(
    path: Path, start: int, stop: int | None, read: Callable[..., Iterator[Frame]]
) -> None:
    """Decode a part of a video once and for all, where it is not too large to be kept.

    Parameters
    ----------
    path : Path
    start, stop : int
        First frame, and the one after the last; None reads to the end.
    read : callable
        Reads ``(path, start, stop)``.
    """
    global _held
    forget_frames()
    frames: list[Frame] = []
    room = MOST_BYTES
    for frame in read(path, start, stop):
        room -= frame.image.nbytes
        if room < 0:
            return
        frames.append(frame)
    _held = _Held(path, start, stop, frames)


def forget_frames() -> None:
    """Give the memory back."""
    global _held
    _held = None


def held_frames(path: Path, start: int, stop: int | None, step: int) -> Iterator[Frame] | None:
    """What `read_numbered_frames` would read, if all of it is in memory; else None."""
    held = _held
    if held is None or held.path != path or start < held.start:
        return None
    if held.stop is not None and (stop is None or stop > held.stop):
        return None
    return (
        frame
        for frame in held.frames
        if start <= frame.index
        and (stop is None or frame.index < stop)
        and (frame.index - start) % step == 0
    )
