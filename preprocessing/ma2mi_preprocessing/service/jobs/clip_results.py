"""What a clip's job makes of a video: an aligned face, its flow, when it moved, and a picture."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...contact_sheet import contact_sheet, write_picture
from ...datasets.clip import Clip
from ...errors import InputError
from ...options import PreprocessOptions
from ...process_clip import process_clip
from ...processed_clip import ProcessedClip
from ...spotting import (
    DEFAULT_THRESHOLD,
    ExpressionEvent,
    events_of,
    expression_curve,
    measure_movement,
    strongest_of,
)
from ...video import probe
from ..computation import ARRAYS, compute_motion
from ..limits import MAX_FRAMES, MAX_IMAGE_PIXELS
from .pair_model import PairModel
from .picture_packs import FACES_PACK, FLOW_PACK, write_packs

CLIP_FILE, FRAMES_FILE, MOTION_FILE = "clip.json", "frames.npy", "motion.npz"
SHEET_FILE = "contact_sheet.jpg"
RESULT_FILES = (CLIP_FILE, FRAMES_FILE, MOTION_FILE, SHEET_FILE, FACES_PACK, FLOW_PACK)
"""All that a finished job has to download."""

Told = Callable[[str, float], None]


@dataclass(frozen=True)
class ClipLimits:
    """What a job's video may cost.

    Attributes
    ----------
    max_frames : int
        Most frames.
    max_pixels : int
        Most pixels of one frame.
    max_seconds : float
        Longest video, by what it says of itself.
    """

    max_frames: int = MAX_FRAMES
    max_pixels: int = MAX_IMAGE_PIXELS
    max_seconds: float = 60.0


@dataclass(frozen=True)
class ClipRequest:
    """What is asked of a clip.

    Attributes
    ----------
    size : int
        Side of the aligned face in pixels.
    fps : float or None
        Frames a second, where the file does not say so or is wrong.
    onset, apex : int or None
        Frames of the source between which flow is computed; found where not given.
    detector : str
        How faces are found, see `PreprocessOptions`.
    """

    size: int = 224
    fps: float | None = None
    onset: int | None = None
    apex: int | None = None
    detector: str = "cascade"


def write_clip_results(
    source: Path,
    request: ClipRequest,
    limits: ClipLimits,
    folder: Path,
    told: Told,
    model: PairModel | None = None,
) -> None:
    """Preprocess a video and write `RESULT_FILES`.

    The same source and request give the same numbers, whoever computes them.

    Parameters
    ----------
    source : Path
        Video file or folder of frames.
    request : ClipRequest
    limits : ClipLimits
    folder : Path
        Where results go.
    told : callable
        Called as ``told(stage, progress)``; it may raise to stop the work.
    model : PairModel, optional
        What it says of onset and apex becomes `prediction` in `clip.json`.

    Raises
    ------
    InputError
        The video cannot be read, is longer or larger than allowed, or shows no face.
    """
    told("read", 0.0)
    _check(source, request, limits)
    told("face", 0.1)
    processed = process_clip(_clip(source, request), _options(request, limits))
    told("movement", 0.5)
    event, events, curve = _spotted(processed, told)
    onset, apex = _key_frames(processed, event)
    keys = {"onset": onset, "apex": apex, "offset": event.offset}
    told("flow", 0.7)
    motion = compute_motion(processed.frames[onset], processed.frames[apex], ARRAYS)
    packs = write_packs(
        processed.frames, onset, folder, lambda share: told("flow", 0.7 + 0.25 * share)
    )
    told("write", 0.95)
    np.save(folder / FRAMES_FILE, processed.frames)
    np.savez(
        folder / MOTION_FILE,
        flow=motion.flow,
        strain=motion.strain,
        difference=motion.difference,
        pair=np.array([onset, apex], np.int32),
        curve=curve.astype(np.float32),
        transforms=processed.transforms,
    )
    _write_sheet(folder / SHEET_FILE, processed, motion.flow, keys)
    described = {**_described(processed, keys, events, curve), **packs}
    if model is not None:
        told("prediction", 0.97)
        described["prediction"] = dict(model.answer(processed.frames[[onset, apex]]))
    (folder / CLIP_FILE).write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def _check(source: Path, request: ClipRequest, limits: ClipLimits) -> None:
    info = probe(source)
    if info.width * info.height > limits.max_pixels:
        raise InputError(
            f"the frames have {info.width} x {info.height} pixels; at most "
            f"{limits.max_pixels:,} are allowed, so scale the video down"
        )
    fps = request.fps or info.fps
    if info.frames > limits.max_frames or (fps and info.frames / fps > limits.max_seconds):
        seconds = f", {info.frames / fps:.1f} s" if fps else ""
        raise InputError(
            f"the video has {info.frames} frames{seconds}; at most {limits.max_frames} frames and "
            f"{limits.max_seconds:g} s are allowed, so cut it"
        )


def _clip(source: Path, request: ClipRequest) -> Clip:
    kind = "frames" if source.is_dir() else "video"
    return Clip("clip", source, kind=kind, onset=request.onset, apex=request.apex, fps=request.fps)


def _options(request: ClipRequest, limits: ClipLimits) -> PreprocessOptions:
    return PreprocessOptions(
        size=request.size,
        detector=request.detector,
        pairs="none",
        # Of a clip whose onset is given all else is kept too: the curve needs it.
        context_seconds=limits.max_seconds,
        max_frames=limits.max_frames,
    )


def _spotted(
    processed: ProcessedClip, told: Told
) -> tuple[ExpressionEvent, list[ExpressionEvent], npt.NDArray[np.float64]]:
    count = len(processed.frames)
    movement = measure_movement(
        processed.frames,
        processed.fps,
        on_frame=lambda done: told("movement", 0.5 + 0.2 * min(1.0, done / count)),
    )
    return strongest_of(movement), events_of(movement), expression_curve(movement)


def _key_frames(processed: ProcessedClip, event: ExpressionEvent) -> tuple[int, int]:
    onset = event.onset if processed.onset is None else processed.onset
    apex = event.apex if processed.apex is None else processed.apex
    # A movement that fades from the first frame on has no onset before its apex.
    apex = min(max(apex, 1), len(processed.frames) - 1)
    return min(onset, apex - 1), apex


def _write_sheet(
    path: Path, processed: ProcessedClip, flow: npt.NDArray[np.float32], keys: dict[str, int]
) -> None:
    pairs = np.array([[keys["onset"], keys["apex"]]], np.int32)
    sheet = contact_sheet(
        processed.frames,
        flow[None],
        pairs,
        fps=processed.fps,
        first_frame=processed.first_frame,
        key_frames=keys,
    )
    write_picture(sheet, path)


def _described(
    processed: ProcessedClip,
    keys: dict[str, int],
    events: list[ExpressionEvent],
    curve: npt.NDArray[np.float64],
) -> dict[str, Any]:
    return {
        "frames": len(processed.frames),
        "size": int(processed.frames.shape[1]),
        "fps": processed.fps,
        "first_frame": processed.first_frame,
        **keys,
        "annotated": [name for name in ("onset", "apex") if getattr(processed, name) is not None],
        "threshold": DEFAULT_THRESHOLD,
        "expressions": [
            {
                "onset": event.onset,
                "apex": event.apex,
                "offset": event.offset,
                "kind": event.kind,
                "seconds": round(event.seconds, 4),
                "strength": round(event.strength, 5),
                "contrast": round(event.contrast, 3),
            }
            for event in events
        ],
        "curve": [round(float(value), 5) for value in curve],
        "notes": processed.attributes["notes"],
        "attributes": {
            name: value for name, value in processed.attributes.items() if name != "notes"
        },
    }
