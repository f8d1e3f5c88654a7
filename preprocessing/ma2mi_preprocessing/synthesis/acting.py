"""What a person does in one clip of a lifelike style: the expression, and all that distracts."""

from dataclasses import dataclass, replace

import numpy as np

from .action_units import movement_field, split_side
from .deformation import Deformation
from .distractors import Movement, movement_fields, sample_movements
from .eye_course import sample_eyes
from .eyelids import EyeMotion
from .geometry import AnyFloatArray, FacePose, FloatArray
from .habits import Habits
from .head_motion import sample_tremor, sample_turns, turn_fields
from .identity import Identity
from .performance import head_mask, movement_range, neck, sample_head_motion, slope
from .profile import LifelikeTempo, Timeline, rise_and_fall
from .restless import EyeCourse
from .style import Acting

_PEAK_PICTURE = 224.0
# Slopes of the expression, and of all movements together: see `performance`.
_STEEPEST_EXPRESSION, _STEEPEST = 0.8, 0.9
# How sharply the peaks of one person gather around their mean place in the range.
_GATHERING = 3.0
_LATEST = 0.3


@dataclass(frozen=True)
class Act:
    """What happens in a clip.

    Attributes
    ----------
    deformation : Deformation
        Its columns are the expression's units, then the distractors, then turning and nodding.
    sides : tuple of (float, float)
        Strength of each unit of the expression on the person's left and right, the larger being 1.
    distractors : tuple of Movement
    eyes : EyeCourse
    """

    deformation: Deformation
    sides: tuple[tuple[float, float], ...]
    distractors: tuple[Movement, ...]
    eyes: EyeCourse


def sample_act(
    expression: np.random.Generator,
    distraction: np.random.Generator,
    acting: Acting,
    habits: Habits,
    tempo: LifelikeTempo,
    units: tuple[str, ...],
    identity: Identity,
    pose: FacePose,
    timeline: Timeline,
    fps: float,
) -> Act:
    """Draw a clip's movements and bind them to a face.

    `expression` and `distraction` are separate streams, so that a clip without distractors shows
    the very same expression. The other arguments are as for `performance.sample_performance`.
    """
    frames = timeline.frames
    sides = tuple(_sides(expression, unit, acting, habits) for unit in units)
    fields, curves = _expression(expression, habits, tempo, units, sides, identity, pose, timeline)
    mask = head_mask(identity, pose)
    head = sample_head_motion(expression, pose, frames, fps)
    movements = sample_movements(distraction, acting, habits, units, frames, fps)
    course = sample_eyes(distraction, acting, habits, frames, fps)
    head += sample_tremor(distraction, pose, frames, fps, acting.tremor)
    turns = sample_turns(distraction, frames, fps, acting.turns)
    if movements:
        movements, others, distracted = _bounded(movements, identity, pose, fields, curves)
        fields, curves = np.concatenate([fields, others]), np.hstack([curves, distracted])
    fields = np.concatenate([fields, turn_fields(identity, pose, mask)])
    deformation = Deformation(
        fields=fields,
        intensities=np.hstack([curves, turns]),
        head=head,
        head_mask=mask,
        pivot=neck(pose),
        eyes=EyeMotion(identity, pose, course) if course.moves else None,
        turns=turns.shape[1],
    )
    return Act(deformation, sides, tuple(movements), course)


def _sides(
    rng: np.random.Generator, unit: str, acting: Acting, habits: Habits
) -> tuple[float, float]:
    """Strength of a unit on the person's left and right."""
    lean = habits.leaning + acting.asymmetry * rng.standard_normal()
    side = split_side(unit)[1]
    if side:
        return (1.0, 0.0) if side == "L" else (0.0, 1.0)
    return float(min(1.0, np.exp(lean))), float(min(1.0, np.exp(-lean)))


def _expression(
    rng: np.random.Generator,
    habits: Habits,
    tempo: LifelikeTempo,
    units: tuple[str, ...],
    sides: tuple[tuple[float, float], ...],
    identity: Identity,
    pose: FacePose,
    timeline: Timeline,
) -> tuple[FloatArray, FloatArray]:
    """Fields (K, H, W, 2) in pixels and intensities (T, K) of the expression."""
    x, y = identity.grid(pose)
    fields = np.stack(
        [
            pose.vectors_to_pixels(movement_field(unit, identity, x, y, both))
            for unit, both in zip(units, sides, strict=True)
        ]
    )
    shares = rng.uniform(0.55, 1.0, len(units))
    largest, natural = movement_range(fields, shares, _STEEPEST_EXPRESSION)
    low, high = (peak * pose.size / _PEAK_PICTURE for peak in tempo.peak)
    place = rng.beta(_GATHERING * habits.vigour, _GATHERING * (1.0 - habits.vigour))
    # Small movements are commoner than large ones: even on a scale of logarithms.
    peak = max(low, min(natural, low * (high / low) ** place))
    strengths = shares * (peak / largest)
    hold = rng.uniform(0.0, 0.2)
    late, soon = (_lags(rng, len(units)) for _ in range(2))
    curves = [
        strength
        * rise_and_fall(timeline, rng.uniform(0.85, 1.3), rng.uniform(0.85, 1.3), hold, start, end)
        for strength, start, end in zip(strengths, late, soon, strict=True)
    ]
    return fields, np.stack(curves, axis=1).astype(np.float32)


def _lags(rng: np.random.Generator, count: int) -> AnyFloatArray:
    """Share of a flank that each unit misses; the first misses nothing."""
    lags = rng.uniform(0.0, _LATEST, count)
    lags[rng.integers(count)] = 0.0
    return lags


def _bounded(
    movements: list[Movement],
    identity: Identity,
    pose: FacePose,
    fields: FloatArray,
    curves: FloatArray,
) -> tuple[list[Movement], FloatArray, FloatArray]:
    """Distractors, no stronger than the skin bears on top of the expression."""
    others, distracted = movement_fields(movements, identity, pose)
    expression = np.tensordot(curves.max(axis=0), fields, axes=1)
    together = expression + np.tensordot(distracted.max(axis=0), others, axes=1)
    excess = slope(together) - _STEEPEST
    if excess > 0:
        # Slopes add at most: what is over goes from the distractors alone.
        own = slope(np.tensordot(distracted.max(axis=0), others, axes=1))
        share = float(np.clip(1.0 - excess / own, 0.0, 1.0))
        movements = [replace(each, pixels=each.pixels * share) for each in movements]
        distracted = distracted * np.float32(share)
    return movements, others, distracted
