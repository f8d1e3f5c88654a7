"""Clips on disk as laboratories and the web have them, to preprocess against the clock."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..datasets.clip import Clip
from ..synthesis.renderer import RenderedClip, render_clip

_JPEG_QUALITY = 95


@dataclass(frozen=True)
class ClipKind:
    """One way in which clips come.

    Attributes
    ----------
    name : str
        Says it in words.
    expression : {"micro", "macro"}
    size : tuple of int
        Width and height of the frames.
    face : int
        Side of the rendered square in the middle of them.
    fps : float
    codec : str
        Four letters of the video codec, or "" for a folder of JPEG images.
    annotated : bool
        With key frames, so that a clip is aligned by its onset and has one pair; or without, so
        that a face is followed and gap pairs are drawn.
    seconds : float
        Longest clips are rendered to and fro until they are at least so long.
    """

    name: str
    expression: str
    size: tuple[int, int]
    face: int
    fps: float
    codec: str
    annotated: bool
    seconds: float = 0.0


KINDS = (
    ClipKind("micro, JPEG folder", "micro", (640, 480), 400, 200.0, "", True),
    ClipKind("micro, video", "micro", (640, 480), 400, 200.0, "MJPG", True),
    ClipKind("macro, 720p video", "macro", (1280, 720), 440, 30.0, "mp4v", False, 12.0),
)


def write_clips(folder: Path, people: int, repeats: int, on_clip: Callable[[], None]) -> list[Clip]:
    """Render clips of several people in all `KINDS`.

    Parameters
    ----------
    folder : Path
        Empty folder.
    people : int
        Rendered clips of each kind.
    repeats : int
        How often each is listed, under names of its own, so that a run is long enough to time.
    on_clip : callable
        Called after each file or folder.

    Returns
    -------
    list of Clip
        `clip_id` begins with the name of the kind and a slash.
    """
    clips = []
    for person in range(people):
        rendered: dict[tuple[str, int], RenderedClip] = {}
        for kind in KINDS:
            key = (kind.expression, kind.face)
            if key not in rendered:
                rendered[key] = render_clip(
                    kind.expression, subject=person, clip=0, size=kind.face, fps=kind.fps, seed=0
                )
            clips.append(_write(folder, kind, person, rendered[key]))
            on_clip()
    return [
        dataclasses.replace(clip, clip_id=f"{clip.clip_id}-{number}")
        for number in range(repeats)
        for clip in clips
    ]


def _write(folder: Path, kind: ClipKind, person: int, rendered: RenderedClip) -> Clip:
    frames = list(rendered.frames)
    there_and_back = [*frames, *frames[-2:0:-1]]
    while len(frames) < kind.seconds * kind.fps:
        frames += there_and_back
    name = f"{KINDS.index(kind)}-{person}"
    if kind.codec:
        source = folder / f"{name}.avi"
        _write_video(source, kind, frames)
    else:
        source = folder / name
        _write_images(source, kind, frames)
    clip = Clip(
        clip_id=f"{kind.name}/{person}",
        source=source,
        kind="video" if kind.codec else "frames",
        fps=kind.fps,
    )
    if not kind.annotated:
        return clip
    return dataclasses.replace(
        clip, onset=rendered.onset, apex=rendered.apex, offset=rendered.offset
    )


def _write_video(path: Path, kind: ClipKind, frames: Sequence[NDArray[np.uint8]]) -> None:
    codec = cv2.VideoWriter.fourcc(*kind.codec)
    writer = cv2.VideoWriter(str(path), codec, kind.fps, kind.size)
    for frame in frames:
        writer.write(_in_the_middle(frame, kind.size))
    writer.release()


def _write_images(folder: Path, kind: ClipKind, frames: Sequence[NDArray[np.uint8]]) -> None:
    folder.mkdir()
    quality = (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY)
    for index, frame in enumerate(frames):
        cv2.imwrite(str(folder / f"{index:05}.jpg"), _in_the_middle(frame, kind.size), quality)


def _in_the_middle(frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A larger BGR picture around an RGB one, whose edges go on."""
    (width, height), side = size, len(frame)
    top, left = (height - side) // 2, (width - side) // 2
    bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    edges = (top, height - side - top, left, width - side - left)
    return np.asarray(cv2.copyMakeBorder(bgr, *edges, cv2.BORDER_REPLICATE), np.uint8)
