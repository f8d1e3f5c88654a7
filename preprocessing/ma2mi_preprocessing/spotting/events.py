"""All expressions of a video: when each begins, peaks and ends."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .key_frames import KeyFrames, apex_between, flanks
from .movement import Movement, measure_movement

LONGEST_MICRO_SECONDS = 0.5
"""From onset to offset; whatever lasts longer is a macro-expression (Yan et al. 2013)."""

DEFAULT_THRESHOLD = 3.5
"""In levels of a still face. Still and blinking faces reach 2.6, see docs/spotting.md."""

_LONGEST_SECONDS = 4.0
_SHORTEST_SECONDS = 0.06
# Still faces are looked for within this time, so that the level follows light and compression.
_LEVEL_SECONDS = 15.0
_LEVEL_QUANTILE = 0.25
# An expression begins and ends where it is this much of its apex, or this many still levels.
_FLANK = 0.03
_FLANK_LEVELS = 2.0
# Two hills are two expressions where the valley between them is this deep.
_VALLEY = 0.5
# Lids or eyes that move so far (in levels of lids at rest) are a blink or a glance; what lies
# around them is left out for a while, and elsewhere skin follows them by this share.
_LIDS_LEVELS = 4.0
_LIDS_SECONDS = 0.1
_LIDS_SHARE = 0.06

_Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ExpressionEvent(KeyFrames):
    """One expression of a video.

    Attributes
    ----------
    onset, apex, offset : int
        Last frame before the movement, strongest frame, first frame after it.
    strength : float
        Movement at the apex, in pixels of the frames.
    contrast : float
        The same in levels of a still face of the same video; never below the threshold.
    seconds : float
        From onset to offset.
    kind : {"micro", "macro"}
        Micro lasts at most half a second.
    """

    seconds: float
    kind: str


def find_events(
    frames: npt.ArrayLike | Iterable[npt.NDArray[np.generic]],
    fps: float,
    *,
    threshold: float = DEFAULT_THRESHOLD,
    longest_seconds: float = _LONGEST_SECONDS,
    region: npt.ArrayLike | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> list[ExpressionEvent]:
    """Find every expression of a video of any length.

    Blinks and glances do not count: while lids or eyes move, what lies around them is not looked
    at. Nor does a head that moves as a whole.

    Parameters
    ----------
    frames, fps, region, on_frame
        As for `measure_movement`; an iterator is read once, and never held as a whole.
    threshold : float, optional
        Least movement that counts, in levels of a still face of the same video.
    longest_seconds : float, optional
        Whatever lasts longer is a change of the whole scene or pose, not an expression.

    Returns
    -------
    list of ExpressionEvent
        In order of time, never overlapping; two may share a frame. An expression that the video
        begins in the middle of, after its apex, has no onset and is left out.

    Raises
    ------
    ValueError
        As `measure_movement`; or `threshold` or `longest_seconds` not positive.
    """
    movement = measure_movement(frames, fps, region=region, on_frame=on_frame)
    return events_of(movement, threshold=threshold, longest_seconds=longest_seconds)


def find_strongest_event(
    frames: npt.ArrayLike,
    fps: float,
    *,
    longest_seconds: float = _LONGEST_SECONDS,
    region: npt.ArrayLike | None = None,
) -> ExpressionEvent:
    """Find the strongest expression of a video of any length, however faint it is.

    Parameters
    ----------
    frames, fps, region
        As for `measure_movement`.
    longest_seconds : float, optional
        Longest expression looked for; if there is none so short, the strongest of all.

    Returns
    -------
    ExpressionEvent
        Indices into `frames`. A `contrast` below `DEFAULT_THRESHOLD` means that nothing stands out.

    Raises
    ------
    ValueError
        As `find_events`.
    """
    movement = measure_movement(frames, fps, region=region)
    return strongest_of(movement, longest_seconds=longest_seconds)


def events_of(
    movement: Movement,
    *,
    threshold: float = DEFAULT_THRESHOLD,
    longest_seconds: float = _LONGEST_SECONDS,
) -> list[ExpressionEvent]:
    """The same of a movement that is measured already."""
    for name, value in (("threshold", threshold), ("longest_seconds", longest_seconds)):
        if not value > 0:
            raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
    curve = expression_curve(movement)
    level = still_level(movement.curve, movement.fps)
    events = []
    for start, stop in _hills(curve, _FLANK_LEVELS * level, threshold * level):
        event = _event(curve[start:stop], level[start:stop], start, movement.fps)
        lasting = _SHORTEST_SECONDS <= event.seconds <= longest_seconds + 1e-9
        if event.contrast >= threshold and lasting and event.onset < event.apex:
            events.append(event)
    return events


def expression_curve(movement: Movement) -> _Values:
    """Movement without what blinks and glances do to the skin around the eyes, (T,) pixels."""
    lids = movement.lids.astype(np.float64)
    moving = lids > _LIDS_LEVELS * still_level(lids, movement.fps)
    reach = max(1, round(_LIDS_SECONDS * movement.fps))
    # Not "same", which gives as many values as the longer of the two has.
    reached = np.convolve(moving, np.ones(2 * reach + 1))[reach : reach + len(moving)]
    moving = reached > 0
    away = np.minimum(movement.curve, movement.away_from_eyes) - _LIDS_SHARE * lids
    return np.maximum(np.where(moving, away, movement.curve), 0.0)


def still_level(curve: npt.ArrayLike, fps: float) -> _Values:
    """What a still face reaches at each time, (T,): a low quantile of the time around."""
    values = np.asarray(curve, np.float64)
    reach = round(0.5 * _LEVEL_SECONDS * fps)
    knots = np.unique(np.linspace(0, len(values) - 1, 2 + int(len(values) / fps)).astype(int))
    levels = [
        np.quantile(values[max(0, knot - reach) : knot + reach + 1], _LEVEL_QUANTILE)
        for knot in knots
    ]
    return np.maximum(np.interp(np.arange(len(values)), knots, levels), 1e-6)


def _hills(curve: _Values, low: _Values, high: _Values) -> Iterator[tuple[int, int]]:
    """Stretches above `low` that reach `high`, parted at deep valleys: first frame, and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], curve > low, [0]])))
    for start, stop in edges.reshape(-1, 2):
        parts = [int(start), *_valleys(curve, high, int(start), int(stop)), int(stop)]
        for first, end in pairwise(parts):
            if (curve[first:end] >= high[first:end]).any():
                # Of a neighbour's foot nothing is taken but the frame where the valley is.
                yield max(0, first - 1), min(len(curve), end + 1)


def _valleys(curve: _Values, high: _Values, start: int, stop: int) -> list[int]:
    """Deep valleys within a stretch: the deepest, then those on either side of it."""
    part = curve[start:stop]
    if len(part) < 3:
        return []
    left = np.maximum.accumulate(part)
    right = np.maximum.accumulate(part[::-1])[::-1]
    lower = np.minimum(left, right)
    depth = part / lower
    place = int(depth.argmin())
    if depth[place] > _VALLEY or lower[place] < high[start + place]:
        return []
    middle = start + place
    return [
        *_valleys(curve, high, start, middle),
        middle,
        *_valleys(curve, high, middle + 1, stop),
    ]


def strongest_of(
    movement: Movement, *, longest_seconds: float = _LONGEST_SECONDS
) -> ExpressionEvent:
    """The same as `find_strongest_event` of a movement that is measured already."""
    curve = expression_curve(movement)
    level = still_level(movement.curve, movement.fps)
    longest = max(2, round(longest_seconds * movement.fps))
    hills = [(0, len(curve)), *_hills(curve, _FLANK_LEVELS * level, _FLANK_LEVELS * level)]
    found = [
        _event(curve[start:stop], level[start:stop], start, movement.fps) for start, stop in hills
    ]
    whole = [event for event in found if event.onset < event.apex]
    fitting = [event for event in whole if event.offset - event.onset <= longest]
    return max(fitting or whole or found, key=lambda event: event.strength)


def _event(curve: _Values, level: _Values, start: int, fps: float) -> ExpressionEvent:
    peak = int(curve.argmax())
    floor = max(_FLANK * curve[peak], _FLANK_LEVELS * level[peak])
    onset, offset = flanks(curve, peak, floor)
    seconds = (offset - onset) / fps
    return ExpressionEvent(
        onset=start + onset,
        apex=start + apex_between(curve, onset, offset),
        offset=start + offset,
        strength=float(curve[peak]),
        contrast=float(curve[peak] / level[peak]),
        seconds=seconds,
        kind="micro" if seconds <= LONGEST_MICRO_SECONDS + 1e-9 else "macro",
    )
