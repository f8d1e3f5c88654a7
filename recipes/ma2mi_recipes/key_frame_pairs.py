"""Which two frames of a clip stand for onset and apex: moved, jittered, or as annotated."""

import hashlib
import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np

Pair = tuple[int, int]
Moved = Literal["onset", "apex", "both", "found"]

_DIRECTIONS, _JITTER = 0, 1


@dataclass(frozen=True)
class PlacedPair:
    """Onset and apex of a clip, somewhere else than annotated.

    Attributes:
        pair: Indices into the stored frames.
        onset_error: Frames by which the onset is later than annotated; negative where earlier.
        apex_error: The same of the apex.
        at_border: Whether a key frame could not go as far as asked: the clip's first or last frame,
            or the other key frame, was in its way.
    """

    pair: Pair
    onset_error: int
    apex_error: int
    at_border: bool = False


def why_not_movable(onset: int | None, apex: int | None, frames: int) -> str | None:
    """Why the key frames of a clip cannot be moved; None where they can."""
    if onset is None or apex is None or not frames:
        return "its motion was published without frames"
    if not 0 <= onset < apex < frames:
        return f"its onset ({onset}) is not before its apex ({apex})"
    return None


def placed(annotated: Pair, pair: Pair, *, at_border: bool = False) -> PlacedPair:
    """A pair with how far it is from the annotated one."""
    return PlacedPair(pair, pair[0] - annotated[0], pair[1] - annotated[1], at_border)


def moved_pair(clip_id: str, annotated: Pair, frames: int, moved: Moved, by: int) -> PlacedPair:
    """The key frames of a clip with one or both of them `by` frames away.

    Earlier or later is drawn once for each key frame of a clip, from the clip's name: the same at
    every distance, in every run. Only where a key frame cannot go that far in this direction, and
    can go further in the other, it goes there; where it can in neither, it goes as far as possible.

    Args:
        clip_id: Name of the clip.
        annotated: Onset and apex, the onset first.
        frames: Number of frames of the clip.
        moved: `"onset"`, `"apex"` or `"both"`.
        by: Frames, from 0.
    """
    signs = 2 * _random(clip_id, _DIRECTIONS).integers(0, 2, 2) - 1
    onset_ways = (signs[0], -signs[0]) if moved in ("onset", "both") else (0,)
    apex_ways = (signs[1], -signs[1]) if moved in ("apex", "both") else (0,)
    asked = [(int(o) * by, int(a) * by) for o, a in itertools.product(onset_ways, apex_ways)]
    reached = [kept_in_clip(annotated, ways, frames) for ways in asked]

    def reach(place: int) -> int:
        return sum(abs(step) for step in _steps(annotated, reached[place]))

    # The first of the best: the direction that was drawn.
    best = max(range(len(asked)), key=reach)
    short = _steps(annotated, reached[best]) != asked[best]
    return placed(annotated, reached[best], at_border=short)


def kept_in_clip(annotated: Pair, steps: Pair, frames: int) -> Pair:
    """A moved pair, kept within the clip, and the onset before the apex.

    Where the two would meet, the one that was moved stops short of the other; two that were moved
    meet in the middle.
    """
    onset = min(max(annotated[0] + steps[0], 0), frames - 1)
    apex = min(max(annotated[1] + steps[1], 0), frames - 1)
    if onset < apex:
        return onset, apex
    if not steps[1]:
        return apex - 1, apex
    if not steps[0]:
        return onset, onset + 1
    middle = min(max((onset + apex) // 2, 0), frames - 2)
    return middle, middle + 1


def jittered_pairs(
    clip_id: str, annotated: Pair, frames: int, *, share: float, most: int, count: int
) -> list[Pair]:
    """Key frames drawn anew for training.

    With a share, as MMNet does it: the onset up to a quarter of that share of the onset-to-apex
    time later, the apex as much earlier. With a number of frames: both up to so many frames earlier
    or later, as an annotator or a spotter may be wrong.

    Args:
        clip_id: Name of the clip; fixes what is drawn.
        annotated: Onset and apex, the onset first.
        frames: Number of frames of the clip.
        share: Share of the onset-to-apex time, 0..1.
        most: Frames; counts where it is positive.
        count: How many pairs.

    Reference:
        Li, Sui, Zhu and Zhao, "MMNet: Muscle motion-guided network for micro-expression
        recognition", IJCAI 2022, for the share.
    """
    random = _random(clip_id, _JITTER)
    if most > 0:
        drawn = random.integers(-most, most + 1, (count, 2))
    else:
        reach = share * (annotated[1] - annotated[0]) / 4
        drawn = np.rint(random.uniform(0, reach, (count, 2)) * (1, -1)).astype(np.int64)
    return [kept_in_clip(annotated, (int(o), int(a)), frames) for o, a in drawn]


def _steps(annotated: Pair, pair: Pair) -> Pair:
    return pair[0] - annotated[0], pair[1] - annotated[1]


def _random(clip_id: str, purpose: int) -> np.random.Generator:
    digest = hashlib.sha256(clip_id.encode()).digest()
    return np.random.default_rng([purpose, int.from_bytes(digest[:8], "big")])
