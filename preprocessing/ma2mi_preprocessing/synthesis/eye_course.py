"""When a person blinks and where they look, in one short clip."""

import numpy as np

from .geometry import AnyFloatArray
from .habits import Habits
from .restless import EyeCourse
from .style import Acting

# A blink closes in about 90 ms, stays shut for some 30 and opens in about 170; one in five does
# not close the eye.
_CLOSING_SECONDS, _SHUT_SECONDS, _OPENING_SECONDS = (0.06, 0.11), (0.01, 0.06), (0.12, 0.22)
_INCOMPLETE = 0.2
_LEAST_OPEN = 0.02
# The centre of the pupil moves by some 0.21 mm a degree, on faces with 63 mm between the eyes.
_UNITS_A_DEGREE = 0.21 / 63.0
_SACCADE_DEGREES = (1.0, 14.0)
_FARTHEST_GAZE = np.array((0.05, 0.02))


def sample_eyes(
    rng: np.random.Generator, acting: Acting, habits: Habits, frames: int, fps: float
) -> EyeCourse:
    """Draw lids and gaze of every frame."""
    lids = np.random.default_rng(rng.integers(2**63))
    looks = np.random.default_rng(rng.integers(2**63))
    closure = _closure(lids, acting.blinks * habits.liveliness / 60.0, frames, fps)
    farthest = acting.gaze_range * _FARTHEST_GAZE
    gaze = _gaze(looks, acting.saccades * habits.liveliness, farthest, frames, fps)
    looks_at = tuple((float(right), float(down)) for right, down in gaze)
    return EyeCourse(tuple(closure.tolist()), looks_at, _runs(closure))


def _closure(rng: np.random.Generator, rate: float, frames: int, fps: float) -> AnyFloatArray:
    seconds = np.arange(frames) / fps
    closure = np.zeros(frames)
    # Time starts before the clip: a blink may be going on when it begins.
    start = -1.0 + _pause(rng, rate)
    while start < seconds[-1]:
        closing, shut, opening = (
            rng.uniform(*each) for each in (_CLOSING_SECONDS, _SHUT_SECONDS, _OPENING_SECONDS)
        )
        depth = rng.uniform(0.5, 0.9) if rng.uniform() < _INCOMPLETE else 1.0
        falling = (seconds - start) / closing
        rising = (start + closing + shut + opening - seconds) / opening
        flank = np.clip(np.minimum(falling, rising), 0.0, 1.0)
        closure = np.maximum(closure, depth * flank**2 * (3.0 - 2.0 * flank))
        start += closing + shut + opening + _pause(rng, rate)
    return np.where(closure < _LEAST_OPEN, 0.0, closure)


def _gaze(
    rng: np.random.Generator, rate: float, farthest: AnyFloatArray, frames: int, fps: float
) -> AnyFloatArray:
    seconds = np.arange(frames) / fps
    now = farthest * rng.uniform(-0.6, 0.6, 2)
    gaze = np.tile(now, (frames, 1))
    start = _pause(rng, rate)
    while start < seconds[-1]:
        low, high = np.log(_SACCADE_DEGREES)
        degrees = float(np.exp(rng.uniform(low, high)))
        angle = rng.uniform(0, 2 * np.pi)
        step = degrees * _UNITS_A_DEGREE * np.array((np.cos(angle), 0.5 * np.sin(angle)))
        target = np.clip(now + step, -farthest, farthest)
        length = 0.021 + 0.0022 * degrees
        share = np.clip((seconds - start) / length, 0.0, 1.0)[:, None]
        smooth = share**3 * (10.0 - 15.0 * share + 6.0 * share**2)
        gaze = np.where(seconds[:, None] < start, gaze, now + smooth * (target - now))
        now = target
        start += length + _pause(rng, rate)
    return gaze


def _pause(rng: np.random.Generator, rate: float) -> float:
    """Seconds up to the next event of a chance process with `rate` events a second."""
    return float(rng.exponential(1.0 / rate)) if rate > 0 else np.inf


def _runs(closure: AnyFloatArray) -> tuple[tuple[int, int], ...]:
    """First and last frame of each stretch with lids that are not fully open."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], closure > 0, [0]])))
    return tuple((int(a), int(b) - 1) for a, b in edges.reshape(-1, 2))
