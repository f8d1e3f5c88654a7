"""Left and right of a face are not quite alike: a person's face is a symmetrical one, bent."""

from dataclasses import dataclass

import numpy as np

from .geometry import AnyFloatArray, FloatArray, Point
from .texture import bump

# Steeper bends than these come from no draw, so that a few steps invert them.
_STEPS = 12


@dataclass(frozen=True)
class Bend:
    """A bell-shaped displacement: what is at p shows what a symmetrical face has at p + shift."""

    centre: Point
    spread: Point
    shift: Point


def symmetrical(
    bends: tuple[Bend, ...], x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Where on the symmetrical face the places (x, y) of the bent one come from, (H, W) each."""
    if not bends:
        return x, y
    across, down = _shifts(bends, x, y)
    return x + across, y + down


def bent_points(bends: tuple[Bend, ...], points: AnyFloatArray) -> AnyFloatArray:
    """Where points (L, 2) of the symmetrical face lie on the bent one, (L, 2)."""
    found = points
    for _ in range(_STEPS if bends else 0):
        found = points - np.stack(_shifts(bends, found[..., 0], found[..., 1]), axis=-1)
    return found


def _shifts(
    bends: tuple[Bend, ...], x: AnyFloatArray, y: AnyFloatArray
) -> tuple[FloatArray, FloatArray]:
    across, down = np.zeros(x.shape, np.float32), np.zeros(x.shape, np.float32)
    for bend in bends:
        weight = bump(x, y, bend.centre, bend.spread)
        across += np.float32(bend.shift[0]) * weight
        down += np.float32(bend.shift[1]) * weight
    return across, down


def sample_bends(rng: np.random.Generator) -> tuple[Bend, ...]:
    """Draw how left and right differ: up to some three per cent of the distance of the eyes.

    The bends at the sides are drawn for each side; those on the midline move it sideways.
    """
    places: tuple[tuple[Point, Point, float], ...] = (
        ((0.52, -0.36), (0.35, 0.20), 0.026),
        ((0.52, 0.0), (0.26, 0.20), 0.016),
        ((0.42, 1.05), (0.26, 0.25), 0.020),
        ((1.0, 0.9), (0.45, 0.6), 0.045),
        ((0.9, -0.8), (0.6, 0.5), 0.040),
    )
    midline: tuple[tuple[Point, Point, float], ...] = (
        ((0.0, 0.62), (0.25, 0.30), 0.022),
        ((0.0, 1.75), (0.50, 0.40), 0.035),
    )
    bends = []
    for (x, y), spread, reach in places:
        for side in (-x, x):
            right, down = np.clip(rng.normal(0.0, 0.5, 2), -1.0, 1.0) * reach
            bends.append(Bend((side, y), spread, (float(right), float(down))))
    for centre, spread, reach in midline:
        right = float(np.clip(rng.normal(0.0, 0.5), -1.0, 1.0)) * reach
        bends.append(Bend(centre, spread, (right, 0.0)))
    return tuple(bends)
