"""Deciding how the frames of a clip are aligned, before any of them is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .alignment import eye_transform
from .choice import FaceChoice
from .detection import FaceDetector
from .smoothing import inliers, smooth_positions
from .tracking import FaceTracker, Track

# Haar cascades see faces in wallpaper now and then, but hardly ever with two eyes in them.
_LEAST_MEAN_SCORE = 0.4

# A face missed in the first of the frames around an onset may still be the one that is meant.
_ONSET_FRAMES = 4

# How long a face may be hidden (a hand, a turned head) within one run, and how long a run must be.
_LONGEST_GAP_SECONDS = 0.6
_SHORTEST_RUN_SECONDS = 0.3

_LARGEST = FaceChoice()

NumberedFrames = Iterable[tuple[int, NDArray[np.uint8]]]
"""Frames with their index in the source."""


@dataclass(frozen=True)
class AlignmentPlan:
    """Which frames are kept, and the transform of each.

    Attributes
    ----------
    first_frame : int or None
        Index in the source of the first frame with a face; None if every frame is kept.
    transforms : ndarray, shape (1, 2, 3) or (T, 2, 3)
        Source to crop, one for all frames or one for each of T frames from `first_frame` on.
    face_score : float
        Mean score of the detections used, 0..1.
    frames_looked_at, frames_with_face : int
        How many frames the detector saw, and in how many of them it found this face.
    """

    first_frame: int | None
    transforms: NDArray[np.float64]
    face_score: float
    frames_looked_at: int
    frames_with_face: int


def plan_from_onset(
    near_onset: NumberedFrames,
    elsewhere: NumberedFrames,
    detector: FaceDetector,
    size: int,
    choice: FaceChoice = _LARGEST,
) -> AlignmentPlan:
    """Align a whole clip by one transform, from the frames around its onset.

    Parameters
    ----------
    near_onset : iterable of (int, ndarray)
        A few frames around the onset; the median of the eye positions in them is taken.
    elsewhere : iterable of (int, ndarray)
        Frames spread over the clip, looked at only where no face is found near the onset.
    detector : FaceDetector
    size : int
        Side of the crop.
    choice : FaceChoice, optional
        Whose face, where there are several; by default the largest.

    Raises
    ------
    InputError
        No face found, or none where `choice` points to.
    """
    looked_at = 0
    for frames in (near_onset, elsewhere):
        tracker = FaceTracker(longest_gap=1_000_000)
        for index, image in frames:
            tracker.add(index, detector.detect(image))
            looked_at += 1
        track = choice.pick(_often_found(_credible(tracker.tracks)), settling=_ONSET_FRAMES)
        if track:
            eyes = np.median(_eyes(track), axis=0)
            return AlignmentPlan(
                first_frame=None,
                transforms=_transforms(eyes[None], size),
                face_score=track.mean_score,
                frames_looked_at=looked_at,
                frames_with_face=len(track.frames),
            )
    raise InputError(_no_face(looked_at, detector))


def plan_by_tracking(
    frames: NumberedFrames,
    detector: FaceDetector,
    size: int,
    *,
    fps: float,
    step: int,
    max_frames: int,
    smoothing_seconds: float,
    choice: FaceChoice = _LARGEST,
) -> AlignmentPlan:
    """Follow one face through a video and keep the longest run of frames that shows it.

    Parameters
    ----------
    frames : iterable of (int, ndarray)
        Every `step`-th frame in ascending order. Read until a run of `max_frames` is found, or to
        the end.
    detector : FaceDetector
    size : int
        Side of the crop.
    fps : float
        Frames a second of the source.
    step : int
        Distance of successive `frames`.
    max_frames : int
        Longest run that is of use.
    smoothing_seconds : float
        Standard deviation of the smoothing of eye positions.
    choice : FaceChoice, optional
        Whose face, where there are several; by default the largest.

    Raises
    ------
    InputError
        No face found, none where `choice` points to, or only for an instant.
    """
    gap = max(1, round(_LONGEST_GAP_SECONDS * fps))
    tracker = FaceTracker(longest_gap=gap)
    looked_at, index = 0, 0
    for index, image in frames:
        tracker.add(index, detector.detect(image))
        looked_at += 1
        track = choice.pick(_credible(tracker.tracks), settling=gap)
        if track is not None and track.span >= max_frames:
            break
    track = choice.pick(_credible(tracker.tracks), settling=gap)
    if track is None:
        raise InputError(_no_face(looked_at, detector))
    if track.span < max(2, round(_SHORTEST_RUN_SECONDS * fps)):
        raise InputError(
            f"a face was found for {track.span} frames only ({track.span / fps:.2f} s), by the "
            f"detector '{detector.name}'{_hint(detector)}"
        )
    # A face in the last frame looked at is taken to be in the few that follow it, too.
    kept = track.span + (step - 1 if track.frames[-1] == index else 0)
    kept = min(kept, max_frames)
    return _plan_of_track(track, looked_at, size, fps, kept, smoothing_seconds)


def _plan_of_track(
    track: Track, looked_at: int, size: int, fps: float, kept: int, sigma: float
) -> AlignmentPlan:
    times = np.asarray(track.frames, np.float64) / fps
    eyes = _eyes(track)
    good = inliers(times, eyes, sigma)
    weights = np.array([face.score**2 for face in track.faces])
    first = track.frames[0]
    at = np.arange(first, first + kept) / fps
    smoothed = smooth_positions(times[good], eyes[good], weights[good], at, sigma)
    return AlignmentPlan(
        first_frame=first,
        transforms=_transforms(smoothed, size),
        face_score=track.mean_score,
        frames_looked_at=looked_at,
        frames_with_face=len(track.frames),
    )


def _credible(tracks: Sequence[Track]) -> list[Track]:
    return [track for track in tracks if track.mean_score >= _LEAST_MEAN_SCORE]


def _often_found(tracks: Sequence[Track]) -> list[Track]:
    """Without what was seen for a moment only, such as a face in a pattern."""
    most = max((len(track.frames) for track in tracks), default=0)
    return [track for track in tracks if 2 * len(track.frames) >= most]


def _eyes(track: Track) -> NDArray[np.float64]:
    return np.array([(*face.left_eye, *face.right_eye) for face in track.faces], np.float64)


def _transforms(eyes: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    points = [((float(a), float(b)), (float(c), float(d))) for a, b, c, d in eyes]
    return np.stack([eye_transform(left, right, size) for left, right in points])


def _no_face(looked_at: int, detector: FaceDetector) -> str:
    return (
        f"no face found in {looked_at} frames looked at with the detector "
        f"'{detector.name}'{_hint(detector)}"
    )


def _hint(detector: FaceDetector) -> str:
    other = "--detector yunet, or " if detector.name == "cascade" else ""
    return f"; try {other}--detector none for frames that are cropped to the face"
