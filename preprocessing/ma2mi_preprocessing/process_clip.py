"""One clip from its source to aligned frames and flow, in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .datasets.clip import Clip
from .errors import InputError
from .faces import FaceDetector, create_detector
from .faces.alignment import align_frame
from .faces.choice import parse_face_choice
from .faces.plan import AlignmentPlan, plan_by_tracking, plan_from_onset
from .faces.stabilisation import Stabiliser
from .flow import optical_flow_tvl1
from .frame_memory import MOST_BYTES, forget_frames, hold_frames
from .magnification import magnified
from .motion import to_gray
from .options import PreprocessOptions
from .pairs import choose_pairs
from .precomputed_motion import read_motion_clip
from .processed_clip import ProcessedClip, stage
from .source_frames import SourceFrames, check_order, notes_on_depth
from .stage_clock import timed
from .video import VideoInfo, probe, read_numbered_frames

# Folders of frames carry no rate; durations are then right up to a factor, and the store says so.
ASSUMED_FPS = 25.0

_FRAMES_AROUND_ONSET = 2
_FRAMES_ELSEWHERE = 12


@dataclass(frozen=True)
class _Extent:
    """Frames of the source that may be kept: from `start` up to, not including, `stop`."""

    start: int
    stop: int | None
    fps: float
    fps_source: str


def process_clip(clip: Clip, options: PreprocessOptions) -> ProcessedClip:
    """Read a clip, align its face and compute the flow of its frame pairs.

    Parameters
    ----------
    clip : Clip
    options : PreprocessOptions

    Returns
    -------
    ProcessedClip

    Raises
    ------
    ClipError
        An `InputError` with the `stage` ("read", "face" or "flow") in which the clip fell out.
    """
    if clip.kind == "motion":
        with stage("read"):
            if options.magnify != 1:
                raise InputError(
                    "motion that is computed already cannot be magnified; leave it out"
                )
            return read_motion_clip(clip)
    try:
        return _process_frames(clip, options)
    finally:
        # Of a clip that was rejected, too: whoever reads the file next may find another one there.
        forget_frames()


def _process_frames(clip: Clip, options: PreprocessOptions) -> ProcessedClip:
    with stage("read"):
        check_order(clip)
        info = probe(clip.source)
        extent = _extent(clip, info, options)
        _hold(clip, info, extent)
    with stage("face"):
        detector = _detector(options.detector, options.detector_model)
        plan = _plan(clip, info, extent, detector, options)
    with stage("read"):
        first = extent.start if plan.first_frame is None else plan.first_frame
        kept = _aligned(clip, first, extent, plan, options)
        onset, apex, offset, notes = kept.key_frames(clip)
    forget_frames()
    frames = kept.take_images()
    fps, rate_notes = kept.rate(extent.fps, extent.fps_source)
    frames = magnified(frames, onset, fps, options)
    notes += rate_notes + notes_on_depth(info) + kept.notes_on_stillness()
    pairs = choose_pairs(clip.clip_id, len(frames), fps, options, onset=onset, apex=apex)
    with stage("flow"):
        # Of hundreds of frames, few are in a pair.
        used, places = np.unique(pairs, return_inverse=True)
        flow = pair_flow(_gray(frames, used), places.reshape(pairs.shape).astype(np.int32))
    return ProcessedClip(
        clip=clip,
        frames=frames,
        flow=flow,
        pairs=pairs,
        transforms=_transforms_of(kept, plan),
        onset=onset,
        apex=apex,
        offset=offset,
        fps=fps,
        first_frame=kept.indices[0],
        attributes=_attributes(info, extent, plan, frames, notes, kept)
        | {
            "stabilisation": "rigid" if options.stabilised else "none",
            "frames_not_registered": kept.not_registered,
            "magnify": options.magnify,
            "magnify_method": options.magnify_method,
        },
    )


@timed("flow")
def pair_flow(gray: NDArray[np.uint8], pairs: NDArray[np.int32]) -> NDArray[np.float32]:
    """Compute TV-L1 flow of frame pairs.

    Parameters
    ----------
    gray : ndarray, shape (T, S, S), uint8
    pairs : ndarray, shape (P, 2), int32
        Indices into `gray`.

    Returns
    -------
    ndarray, shape (P, S, S, 2), float32
        Pixels, from the first to the second frame of each pair.
    """
    flow = np.empty((len(pairs), *gray.shape[1:], 2), np.float32)
    for row, (first, second) in enumerate(pairs):
        flow[row] = optical_flow_tvl1(gray[first], gray[second])
    return flow


@lru_cache(maxsize=2)
def _detector(name: str, model: str | None) -> FaceDetector:
    return create_detector(name, model)


def _extent(clip: Clip, info: VideoInfo, options: PreprocessOptions) -> _Extent:
    known = [(clip.fps, "manifest"), (info.fps, "file"), (ASSUMED_FPS, "assumed")]
    fps, fps_source = next((fps, source) for fps, source in known if fps is not None)
    if clip.onset is None:
        return _Extent(0, None, fps, fps_source)
    context = round(options.context_seconds * fps)
    last_needed = max(index for index in (clip.onset, clip.apex) if index is not None)
    start = max(0, clip.onset - context)
    # A clip that is longer than allowed first loses its context, then its end, never its apex.
    if last_needed - start >= options.max_frames:
        start = clip.onset
    if last_needed - start >= options.max_frames:
        raise InputError(
            f"onset {clip.onset} to apex {last_needed} is {last_needed - start + 1} frames, more "
            f"than the {options.max_frames} that are kept of a clip; check the annotation, or keep "
            "more (--max-frames)"
        )
    stop = None if clip.offset is None else clip.offset + 1 + context
    longest = start + options.max_frames
    return _Extent(start, longest if stop is None else min(stop, longest), fps, fps_source)


def _plan(
    clip: Clip,
    info: VideoInfo,
    extent: _Extent,
    detector: FaceDetector,
    options: PreprocessOptions,
) -> AlignmentPlan:
    method = options.alignment
    if method == "auto":
        method = "track" if clip.onset is None and options.detector != "none" else "clip"
    choice = parse_face_choice(options.face)
    if method == "clip":
        onset = extent.start if clip.onset is None else clip.onset
        first = max(extent.start, onset - _FRAMES_AROUND_ONSET)
        near = _numbered(clip, first, onset + _FRAMES_AROUND_ONSET + 1)
        stop = extent.stop or max(info.frames, extent.start + 1)
        step = max(1, (stop - extent.start) // _FRAMES_ELSEWHERE)
        elsewhere = _numbered(clip, extent.start, stop, step)
        return plan_from_onset(near, elsewhere, detector, options.size, choice)
    step = max(1, round(extent.fps / options.detections_per_second))
    return plan_by_tracking(
        _numbered(clip, extent.start, extent.stop, step),
        detector,
        options.size,
        fps=extent.fps,
        step=step,
        max_frames=options.max_frames,
        smoothing_seconds=options.smoothing_seconds,
        choice=choice,
    )


def _hold(clip: Clip, info: VideoInfo, extent: _Extent) -> None:
    stop = info.frames if extent.stop is None else min(extent.stop, info.frames)
    if clip.source.is_dir() or (stop - extent.start) * info.width * info.height * 3 > MOST_BYTES:
        forget_frames()
    else:
        hold_frames(clip.source, extent.start, extent.stop, read_numbered_frames)


def _numbered(
    clip: Clip, start: int, stop: int | None, step: int = 1
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    # Read while faces are looked for, but a file that cannot be read is no matter of faces.
    with stage("read"):
        for frame in read_numbered_frames(clip.source, start, stop, step, damaged=[]):
            yield frame.index, frame.image


def _aligned(
    clip: Clip, first: int, extent: _Extent, plan: AlignmentPlan, options: PreprocessOptions
) -> SourceFrames:
    tracked = plan.first_frame is not None
    stop = first + (len(plan.transforms) if tracked else options.max_frames)
    stop = stop if extent.stop is None else min(stop, extent.stop)
    stabiliser = _stabiliser(clip, first, extent, plan, options)
    kept = SourceFrames()
    for frame in read_numbered_frames(clip.source, first, stop, damaged=kept.damaged):
        transform = plan.transforms[frame.index - first if tracked else 0]
        if stabiliser is not None:
            transform = stabiliser.stabilised(frame.image, transform)
            kept.transforms.append(transform)
            kept.not_registered = stabiliser.not_registered
        kept.images.append(align_frame(frame.image, transform, options.size))
        kept.indices.append(frame.index)
        kept.seconds.append(frame.seconds)
    kept.ended = len(kept.indices) + len(kept.damaged) < stop - first
    kept.check(clip, first)
    return kept


def _stabiliser(
    clip: Clip, first: int, extent: _Extent, plan: AlignmentPlan, options: PreprocessOptions
) -> Stabiliser | None:
    if not options.stabilised:
        return None
    tracked = plan.first_frame is not None
    index = first if tracked or clip.onset is None else clip.onset
    reference = next(read_numbered_frames(clip.source, index, extent.stop, damaged=[]), None)
    if reference is None:
        return None
    place = min(reference.index - first, len(plan.transforms) - 1) if tracked else 0
    # The eyes of an annotated clip are known from its onset only; there is nothing to follow.
    fps = extent.fps if tracked else None
    return Stabiliser(reference.image, plan.transforms[place], options.size, fps=fps)


def _gray(frames: NDArray[np.uint8], indices: NDArray[np.int32]) -> NDArray[np.uint8]:
    # One by one: in between, a frame is held as floating point, four times its size.
    gray = np.empty((len(indices), *frames.shape[1:3]), np.uint8)
    for place, index in enumerate(indices):
        gray[place] = to_gray(frames[index])
    return gray


def _transforms_of(kept: SourceFrames, plan: AlignmentPlan) -> NDArray[np.float64]:
    if kept.transforms:
        return np.stack(kept.transforms)
    if plan.first_frame is None:
        return plan.transforms
    return plan.transforms[[index - plan.first_frame for index in kept.indices]]


def _attributes(
    info: VideoInfo,
    extent: _Extent,
    plan: AlignmentPlan,
    frames: NDArray[np.uint8],
    notes: list[str],
    kept: SourceFrames,
) -> dict[str, Any]:
    # Only what lies within the extent asked for counts as lost, not what was cut away on purpose.
    expected = min(extent.stop or info.frames, info.frames) - extent.start
    dropped, reasons = kept.losses(expected, info, plan.first_frame is not None)
    notes = [*notes, *reasons]
    return {
        "alignment": "clip" if plan.first_frame is None else "track",
        "face_score": round(plan.face_score, 4),
        "frames_looked_at": plan.frames_looked_at,
        "frames_with_face": plan.frames_with_face,
        "frames_dropped": dropped,
        "fps_source": extent.fps_source,
        "source_width": info.width,
        "source_height": info.height,
        "sharpness": round(_sharpness(frames), 2),
        "notes": notes,
    }


def _sharpness(frames: NDArray[np.uint8]) -> float:
    sample = np.arange(0, len(frames), max(1, len(frames) // 16), dtype=np.int32)
    gray = _gray(frames, sample)
    return float(np.median([cv2.Laplacian(image, cv2.CV_64F).var() for image in gray]))
