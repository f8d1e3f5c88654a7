"""Rendered videos with known expressions, and what each spotting method finds in them."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..aligned_video import AlignedVideo
from ..errors import InputError
from ..options import PreprocessOptions
from ..spotting import (
    events_of,
    find_key_frames,
    measure_movement,
    motion_curve,
    strongest_of,
)
from ..spotting.events import expression_curve, still_level
from ..synthesis.performance import largest_movement
from ..synthesis.recording import render_recording
from ..synthesis.renderer import perform
from ..synthesis.script import write_script
from .spotting_rivals import difference_to_first, feature_differences

OURS = "patches from the neutral face"
FLOW_TO_FIRST = "flow to the first frame"
DIFFERENCE_TO_FIRST = "grey levels to the first frame"
FEATURE_DIFFERENCES = "grey levels before and after"

_SIZE = 256
_ALIGNED = 112
# As a camera would store them; its noise is rendered, its compression is real.
_CODEC = "MJPG"


@dataclass(frozen=True)
class VideoTask:
    """One video to render, align and search.

    Attributes
    ----------
    what : {"clip", "expressions", "blinks", "still"}
        A clip of one expression, or a recording with expressions, blinks and a moving head; with
        the last two only; with none of them.
    kind : {"micro", "macro", ""}
        Of a clip.
    subject : int
    fps : float
    seconds : float
        Of a recording.
    seed : int
    """

    what: str
    kind: str
    subject: int
    fps: float
    seconds: float
    seed: int

    @property
    def name(self) -> str:
        """For tables: what, kind, frame rate and person."""
        return f"{self.what}-{self.kind or 'recording'}-{self.fps:g}-{self.subject}"


def search_video(task: VideoTask) -> dict[str, Any]:
    """Render a video, align its face, search it with every method.

    Returns
    -------
    dict
        ``name``, ``what``, ``kind``, ``fps``, ``frames``, ``true`` (intervals) and ``found``
        (method to intervals), or ``failed`` with the reason. Intervals are lists: first frame,
        last frame, kind; of a clip, key frames: onset, apex, offset.
    """
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.avi"
        if task.what == "clip":
            return _searched(task, path, *_film_clip(task, path), _search_clip)
        return _searched(task, path, *_film_recording(task, path), _search_recording)


def _searched(
    task: VideoTask,
    path: Path,
    frames: int,
    truth: dict[str, Any],
    search: Callable[[VideoTask, AlignedVideo, NDArray[np.uint8]], dict[str, Any]],
) -> dict[str, Any]:
    about = {
        "name": task.name,
        "what": task.what,
        "kind": task.kind,
        "fps": task.fps,
        "frames": frames,
        **truth,
    }
    try:
        video = AlignedVideo(path, PreprocessOptions(size=_ALIGNED))
        aligned = np.stack(list(video.frames()))
    except InputError as error:
        return about | {"failed": str(error)}
    return about | search(task, video, aligned)


def _film_clip(task: VideoTask, path: Path) -> tuple[int, dict[str, Any]]:
    script = write_script(
        task.kind,
        subject=task.subject,
        clip=task.subject,
        label=None,
        size=_SIZE,
        fps=task.fps,
        seed=task.seed,
    )
    clip = perform(script)
    _film(path, clip.frames, task.fps)
    peak = largest_movement(script.deformation, clip.apex) * 224 / _SIZE
    return len(clip.frames), {
        "true": [clip.onset, clip.apex, clip.offset],
        "peak": round(peak, 3),
    }


def _film_recording(task: VideoTask, path: Path) -> tuple[int, dict[str, Any]]:
    recording = render_recording(
        subject=task.subject,
        seconds=task.seconds,
        fps=task.fps,
        size=_SIZE,
        seed=task.seed,
        expressions=task.what == "expressions",
        blinks=task.what != "still",
        head=task.what != "still",
    )
    _film(path, recording.frames(), task.fps)
    true = [[each.onset, each.offset, each.kind] for each in recording.expressions]
    return recording.count, {"true": true, "blinks": len(recording.blinks)}


def _film(path: Path, frames: Iterable[NDArray[np.uint8]], fps: float) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*_CODEC), fps, (_SIZE, _SIZE))
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()


def _search_clip(
    task: VideoTask, video: AlignedVideo, aligned: NDArray[np.uint8]
) -> dict[str, Any]:
    event = strongest_of(measure_movement(aligned, task.fps))
    keys = find_key_frames(motion_curve(aligned), task.fps)
    found = {
        OURS: (event.onset, event.apex, event.offset),
        FLOW_TO_FIRST: (keys.onset, keys.apex, keys.offset),
        DIFFERENCE_TO_FIRST: difference_to_first(aligned, task.fps, task.kind),
    }
    places = video.indices
    return {"found": {method: [places[place] for place in keys] for method, keys in found.items()}}


def _search_recording(
    task: VideoTask, video: AlignedVideo, aligned: NDArray[np.uint8]
) -> dict[str, Any]:
    movement = measure_movement(aligned, task.fps)
    found = {
        OURS: [(event.onset, event.offset, event.kind) for event in events_of(movement)],
        FEATURE_DIFFERENCES: feature_differences(aligned, task.fps),
    }
    places = video.indices
    level = still_level(movement.curve, task.fps)
    return {
        # How near a face without expressions comes to the threshold.
        "largest_contrast": round(float((expression_curve(movement) / level).max()), 2),
        "found": {
            method: [[places[first], places[last], kind] for first, last, kind in intervals]
            for method, intervals in found.items()
        },
    }
