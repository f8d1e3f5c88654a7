"""What a person does in one clip: action units over time, and a slightly moving head."""

import numpy as np

from .action_units import movement_field
from .deformation import Deformation
from .geometry import AnyFloatArray, FacePose, FloatArray
from .identity import Identity
from .profile import Tempo, Timeline, rise_and_fall
from .relief import head_radius

_PEAK_PICTURE = 224.0
# The map from frame to face turns back on itself where the skin is compressed to nothing; well
# before that the picture stops looking like skin and the inverse map is slow to find.
_STEEPEST = 0.9
# Intensity above which a single action unit looks painful.
_STRONGEST = 1.1


def sample_performance(
    rng: np.random.Generator,
    tempo: Tempo,
    units: tuple[str, ...],
    identity: Identity,
    pose: FacePose,
    timeline: Timeline,
    fps: float,
) -> Deformation:
    """Draw strengths, timing and head motion, and bind them to a face.

    Parameters
    ----------
    rng : numpy.random.Generator
    tempo : Tempo
        Its `peak` is the range of the largest displacement at the apex.
    units : tuple of str
        Action units that act together.
    identity : Identity
    pose : FacePose
    timeline : Timeline
    fps : float

    Returns
    -------
    Deformation
    """
    x, y = identity.grid(pose)
    fields = np.stack(
        [pose.vectors_to_pixels(movement_field(unit, identity, x, y)) for unit in units]
    )
    shares = rng.uniform(0.65, 1.0, len(units))
    pixel = pose.size / _PEAK_PICTURE
    strengths = _scaled(fields, shares, (tempo.peak[0] * pixel, tempo.peak[1] * pixel), rng)
    hold = rng.uniform(0.0, 0.2)
    curves = [
        strength * rise_and_fall(timeline, rng.uniform(0.85, 1.3), rng.uniform(0.85, 1.3), hold)
        for strength in strengths
    ]
    return Deformation(
        fields=fields,
        intensities=np.stack(curves, axis=1).astype(np.float32),
        head=sample_head_motion(rng, pose, timeline.frames, fps),
        head_mask=head_mask(identity, pose),
        pivot=neck(pose),
    )


def head_mask(identity: Identity, pose: FacePose) -> FloatArray:
    """1 where the picture moves with the head, falling to 0 in the background, (H, W)."""
    mask = np.clip((2.0 - head_radius(identity, *identity.grid(pose))) / 0.8, 0.0, 1.0)
    return np.asarray(mask * mask * (3.0 - 2.0 * mask), np.float32)


def neck(pose: FacePose) -> tuple[float, float]:
    """Where a head turns about: the neck rather than the nose; (x, y) in pixels."""
    return pose.centre[0], pose.centre[1] + 2.0 * pose.inter_ocular


def _scaled(
    fields: FloatArray,
    shares: AnyFloatArray,
    peak: tuple[float, float],
    rng: np.random.Generator,
) -> AnyFloatArray:
    """Strength of each unit so that together they move the skin by a `peak` of so many pixels."""
    largest, natural = movement_range(fields, shares, _STEEPEST)
    low, high = peak
    return shares * (rng.uniform(low, max(low, min(high, natural))) / largest)


def movement_range(
    fields: FloatArray, shares: AnyFloatArray, steepest: float
) -> tuple[float, float]:
    """Largest displacement by units with these shares, and the largest that looks like skin.

    Both in pixels; `steepest` is the steepest slope of a displacement that is allowed.
    """
    together = np.tensordot(shares.astype(np.float32), fields, axes=1)
    largest = float(np.sqrt((together**2).sum(axis=-1)).max())
    return largest, largest * min(_STRONGEST / shares.max(), steepest / slope(together))


def slope(displacement: FloatArray) -> float:
    """Steepest slope of a displacement (H, W, 2)."""
    slopes = [np.gradient(displacement[..., part], axis=axis) for part in (0, 1) for axis in (0, 1)]
    return float(np.sqrt(np.sum(np.square(slopes), axis=0)).max())


def largest_movement(deformation: Deformation, frame: int, units: int | None = None) -> float:
    """Largest displacement of the skin in a frame, head motion aside, in pixels.

    `units` counts the columns of the deformation, from the first, that belong to the expression;
    by default all of them do.
    """
    strengths = deformation.intensities[frame, :units]
    moved = np.tensordot(strengths, deformation.fields[:units], axes=1)
    return float(np.sqrt((moved**2).sum(axis=-1)).max())


def sample_head_motion(
    rng: np.random.Generator, pose: FacePose, frames: int, fps: float
) -> FloatArray:
    """Slow sway: (frames, 3), pixels right and down, radians clockwise."""
    seconds = np.arange(frames) / fps
    pixel = pose.size / _PEAK_PICTURE
    sway = np.zeros((frames, 3), np.float32)
    for column, depth in enumerate((0.6 * pixel, 0.6 * pixel, np.deg2rad(0.15))):
        for rate in (rng.uniform(0.15, 0.5), rng.uniform(0.5, 1.5)):
            phase = rng.uniform(0, 2 * np.pi)
            sway[:, column] += (
                depth * rng.uniform(0.2, 0.7) * np.sin(2 * np.pi * rate * seconds + phase)
            )
    return sway
