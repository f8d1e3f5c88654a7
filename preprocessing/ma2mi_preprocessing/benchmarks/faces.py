"""What alignments leave of a known motion of the head, and of a known expression."""

import itertools
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..faces.alignment import eye_transform
from ..faces.detection import FaceDetector
from .alignments import (
    CLIP,
    CLIP_RIGID,
    EACH_FRAME,
    TRACK,
    TRACK_RIGID,
    UNALIGNED,
    Remembered,
    Transforms,
    each_frame,
    followed,
    one_a_clip,
    stabilised,
)
from .known_heads import FPS, SIZE, KnownHead, known_head

SWAYS = {"slight": 1.0, "strong": 8.0}
"""How the head moves: as in the rendered clips (under a pixel), and eight times as much."""

PEAKS = {"under 1 px": (0.0, 1.0), "1 to 3 px": (1.0, 3.0), "over 3 px": (3.0, np.inf)}
"""Expressions by their largest movement; the first two are micro-expressions."""


@dataclass(frozen=True)
class Spread:
    """Median over clips, and the smallest and largest."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class MotionRow:
    """What is left of the head's motion after one kind of alignment.

    Attributes
    ----------
    head : str
        One of `SWAYS`.
    method, detector : str
        `detector` is empty where none is used.
    clips : int
    residual : Spread
        Root mean square over frames and the face of the displacement since the onset, in pixels.
    jitter : Spread
        The part of it that changes from frame to frame: root mean square of its second difference
        over the root of six (the deviation, if frames err independently), in pixels.
    """

    head: str
    method: str
    detector: str
    clips: int
    residual: Spread
    jitter: Spread


@dataclass(frozen=True)
class ExpressionRow:
    """What is left of the expression, where the face acts; see `ExpressionLeft`.

    `head`, `method`, `detector`, `clips` as in `MotionRow`; `peak` is one of `PEAKS`.
    """

    peak: str
    head: str
    method: str
    detector: str
    clips: int
    kept: Spread
    measured: Spread
    error: Spread


@dataclass(frozen=True)
class TimeRow:
    """Median milliseconds of CPU time a frame of one step."""

    step: str
    milliseconds: float


@dataclass(frozen=True)
class _Measured:
    head: str
    method: str
    detector: str
    residual: float
    jitter: float
    peak: float
    kept: float
    measured: float
    error: float


def benchmark_heads(
    detectors: Sequence[FaceDetector],
    *,
    micro: int,
    macro: int,
    seed: int = 0,
    on_clip: Callable[[], None] | None = None,
) -> tuple[list[MotionRow], list[ExpressionRow], list[TimeRow]]:
    """Align rendered clips in every way and compare with the truth.

    Parameters
    ----------
    detectors : sequence of FaceDetector
    micro, macro : int
        Clips of either kind, each with both motions of the head.
    seed : int, optional
    on_clip : callable, optional
        Called after each clip.
    """
    measured: list[_Measured] = []
    times: dict[str, list[float]] = {}
    kinds = [("micro", number) for number in range(micro)]
    kinds += [("macro", number) for number in range(macro)]
    for (kind, number), (head, sway) in itertools.product(kinds, SWAYS.items()):
        clip = known_head(kind, number, number % 5, sway=sway, seed=seed)
        measured += _all_ways(clip, head, detectors, times)
        if on_clip is not None:
            on_clip()
    time_rows = [TimeRow(step, 1000 * statistics.median(all_)) for step, all_ in times.items()]
    return _motion_rows(measured), _expression_rows(measured), time_rows


def residual(clip: KnownHead, transforms: Transforms) -> float:
    """Root mean square over frames and the face of what is left of the head's motion, pixels."""
    return float(np.sqrt((clip.residuals(transforms) ** 2).sum(-1).mean()))


def jitter(positions: NDArray[np.float64]) -> float:
    """High-frequency part of positions (T, ..., D) over time; see `MotionRow`."""
    change = np.diff(positions, n=2, axis=0)
    return float(np.sqrt((change**2).sum(-1).mean() / 6.0)) if len(change) else 0.0


def _all_ways(
    clip: KnownHead,
    head: str,
    detectors: Sequence[FaceDetector],
    times: dict[str, list[float]],
) -> Iterator[_Measured]:
    left, right = clip.eyes[clip.onset].astype(float).tolist()
    still = np.repeat(eye_transform(tuple(left), tuple(right), SIZE)[None], len(clip.frames), 0)
    yield _measured(clip, head, UNALIGNED, "", still)
    for detector in detectors:
        remembered = Remembered(detector)
        try:
            ways = _ways(clip, remembered, times)
        except InputError:
            # A detector that finds no rendered face has no rows for it; the count of clips shows.
            continue
        for method, transforms in ways.items():
            yield _measured(clip, head, method, detector.name, transforms)
        times.setdefault(f"detection, {detector.name}", []).extend(remembered.seconds)


def _ways(
    clip: KnownHead, detector: FaceDetector, times: dict[str, list[float]]
) -> dict[str, Transforms]:
    frames = clip.frames
    ways = {
        EACH_FRAME: each_frame(frames, detector, SIZE),
        TRACK: followed(frames, detector, SIZE, FPS),
        CLIP: one_a_clip(frames, detector, SIZE, clip.onset),
    }
    for method, base, onset, fps in (
        (TRACK_RIGID, TRACK, 0, FPS),
        (CLIP_RIGID, CLIP, clip.onset, None),
    ):
        ways[method], seconds = stabilised(frames, ways[base], SIZE, onset, fps)
        times.setdefault("stabilisation", []).append(seconds)
    return ways


def _measured(
    clip: KnownHead, head: str, method: str, detector: str, transforms: Transforms
) -> _Measured:
    left = clip.expression(transforms)
    return _Measured(
        head=head,
        method=method,
        detector=detector,
        residual=residual(clip, transforms),
        jitter=jitter(clip.residuals(transforms)),
        peak=left.peak,
        kept=left.kept,
        measured=left.measured,
        error=left.error,
    )


def _motion_rows(measured: Sequence[_Measured]) -> list[MotionRow]:
    rows = []
    for head in SWAYS:
        for method, detector in _distinct(measured):
            group = [
                each
                for each in measured
                if (each.head, each.method, each.detector) == (head, method, detector)
            ]
            rows.append(
                MotionRow(
                    head,
                    method,
                    detector,
                    len(group),
                    spread([each.residual for each in group]),
                    spread([each.jitter for each in group]),
                )
            )
    return rows


def _expression_rows(measured: Sequence[_Measured]) -> list[ExpressionRow]:
    rows = []
    keys = itertools.product(PEAKS.items(), SWAYS, _distinct(measured))
    for (peak, (low, high)), head, (method, detector) in keys:
        group = [
            each
            for each in measured
            if (each.head, each.method, each.detector) == (head, method, detector)
            and low <= each.peak < high
        ]
        if group:
            values = [
                spread([getattr(each, name) for each in group])
                for name in ("kept", "measured", "error")
            ]
            rows.append(ExpressionRow(peak, head, method, detector, len(group), *values))
    return rows


def _distinct(measured: Sequence[_Measured]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((each.method, each.detector) for each in measured))


def spread(values: Sequence[float]) -> Spread:
    """Median, smallest and largest."""
    return Spread(statistics.median(values), min(values), max(values))
