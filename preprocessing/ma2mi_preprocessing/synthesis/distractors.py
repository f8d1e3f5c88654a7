"""Movements of the face that do not belong to the expression: speech, swallows, leaks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .action_units import ACTION_UNITS, movement_field, split_side
from .geometry import AnyFloatArray, FacePose, FloatArray
from .habits import Habits
from .identity import Identity
from .style import Acting

_PEAK_PICTURE = 224.0
# Speech has three to seven syllables a second, and the mouth opens once in each.
_SYLLABLES_A_SECOND = (3.0, 7.0)
_PHRASE_SECONDS = (0.4, 2.0)
_SPEECH_UNITS = (("AU25", 1.0), ("AU26", 0.8), ("AU24", 0.4), ("AU20", 0.4))
_SWALLOW_SECONDS = (0.5, 1.0)
_SWALLOW_UNITS = (("AU24", 1.0), ("AU17", 0.7))
_LEAK_SECONDS = (0.15, 0.8)
_LEAK_SHARE = 0.7
# What stays below this share of itself, cut off by the ends of a clip, is left out.
_LEAST_SEEN = 0.05


@dataclass(frozen=True)
class Movement:
    """One action unit that moves for another reason than the expression.

    Attributes
    ----------
    code : str
        As in `RenderedClip.unit_codes`.
    reason : {"speech", "swallow", "leak"}
    pixels : float
        Largest displacement where the curve is 1, in pixels of a picture of 224 pixels.
    curve : ndarray, shape (frames,), float64
        0..1.
    """

    code: str
    reason: str
    pixels: float
    curve: AnyFloatArray


def sample_movements(
    rng: np.random.Generator,
    acting: Acting,
    habits: Habits,
    units: tuple[str, ...],
    frames: int,
    fps: float,
) -> list[Movement]:
    """Draw what moves beside the expression's `units`; no unit has two reasons to move."""
    own = {split_side(unit)[0] for unit in units}
    others = sorted(set(ACTION_UNITS) - own)
    found: list[Movement] = []
    for sample in (_speech, _swallow, _leak):
        # A stream for each: switching one reason off changes no draw of the others.
        stream = np.random.default_rng(rng.integers(2**63))
        for movement in sample(stream, acting, habits, frames, fps, others):
            taken = own | {split_side(each.code)[0] for each in found}
            if split_side(movement.code)[0] not in taken and movement.curve.max() > _LEAST_SEEN:
                found.append(movement)
    return found


def movement_fields(
    movements: Sequence[Movement], identity: Identity, pose: FacePose
) -> tuple[FloatArray, FloatArray]:
    """Fields (D, H, W, 2) at intensity 1, in pixels, and intensities (T, D)."""
    x, y = identity.grid(pose)
    fields = [
        pose.vectors_to_pixels(movement_field(each.code, identity, x, y)) for each in movements
    ]
    curves = [
        each.curve * (each.pixels * pose.size / _PEAK_PICTURE) / np.sqrt((field**2).sum(-1)).max()
        for each, field in zip(movements, fields, strict=True)
    ]
    return np.stack(fields), np.stack(curves, axis=1).astype(np.float32)


def _speech(
    rng: np.random.Generator,
    acting: Acting,
    habits: Habits,
    frames: int,
    fps: float,
    others: Sequence[str],
) -> list[Movement]:
    if rng.uniform() >= min(1.0, acting.speech * habits.liveliness):
        return []
    seconds = np.arange(frames) / fps
    phrase = rng.uniform(*_PHRASE_SECONDS)
    start = rng.uniform(-0.5 * phrase, max(seconds[-1] - 0.5 * phrase, 0.0))
    rate = rng.uniform(*_SYLLABLES_A_SECOND)
    # Syllables are unequally long and open the mouth unequally far.
    phase = rate * (seconds - start) + 0.15 * np.sin(2 * np.pi * rng.uniform(0.8, 2) * seconds)
    loudness = rng.uniform(0.35, 1.0, 64)
    pixels = rng.uniform(*acting.strength)
    found = []
    for code, share in _SPEECH_UNITS:
        lag = rng.uniform(-0.15, 0.15)
        syllable = np.clip(phase + lag, 0.0, 63.0)
        opened = 0.5 - 0.5 * np.cos(2 * np.pi * syllable)
        curve = opened * loudness[syllable.astype(np.intp)] * _window(seconds, start, phrase)
        if code in ("AU24", "AU20"):
            # Lips close and spread between vowels, in some syllables.
            other = (1.0 - opened) * (loudness[syllable.astype(np.intp)] < 0.6)
            curve = other * _window(seconds, start, phrase)
        found.append(Movement(code, "speech", share * pixels, curve))
    return found


def _swallow(
    rng: np.random.Generator,
    acting: Acting,
    habits: Habits,
    frames: int,
    fps: float,
    others: Sequence[str],
) -> list[Movement]:
    seconds = np.arange(frames) / fps
    length = rng.uniform(*_SWALLOW_SECONDS)
    chance = acting.swallows / 60.0 * (seconds[-1] + length)
    start = rng.uniform(-length, seconds[-1])
    pixels = rng.uniform(*acting.strength)
    if rng.uniform() >= chance:
        return []
    curve = _window(seconds, start, length)
    return [Movement(code, "swallow", share * pixels, curve) for code, share in _SWALLOW_UNITS]


def _leak(
    rng: np.random.Generator,
    acting: Acting,
    habits: Habits,
    frames: int,
    fps: float,
    others: Sequence[str],
) -> list[Movement]:
    if rng.uniform() >= acting.leaks or not others:
        return []
    name = others[int(rng.integers(len(others)))]
    side = ("", "L", "R")[rng.integers(3)] if ACTION_UNITS[name].one_sided else ""
    seconds = np.arange(frames) / fps
    length = rng.uniform(*_LEAK_SECONDS)
    start = rng.uniform(-0.5 * length, seconds[-1] - 0.5 * length)
    pixels = _LEAK_SHARE * rng.uniform(*acting.strength)
    return [Movement(f"AU{side}{name[2:]}", "leak", pixels, _window(seconds, start, length))]


def _window(seconds: AnyFloatArray, start: float, length: float) -> AnyFloatArray:
    """Rises from 0 at `start` to 1 and falls to 0 again, smoothly, in `length` seconds."""
    flank = np.clip(np.minimum(seconds - start, start + length - seconds) / (0.4 * length), 0, 1)
    return np.asarray(flank**2 * (3.0 - 2.0 * flank))
