"""Lines in the skin: where they run, and the lines that age leaves."""

from collections.abc import Iterable

import numpy as np

from .geometry import AnyFloatArray, FloatArray, Point
from .identity import Identity

# A line in the right half of the picture, (x, y) from end to end, with its width and depth.
Furrow = tuple[tuple[Point, ...], float, float]
_REACH = 3.2


def dig(
    depth: FloatArray,
    x: FloatArray,
    y: FloatArray,
    furrows: Iterable[Furrow],
    sides: tuple[float, ...] = (-1.0, 1.0),
) -> None:
    """Add the depth of furrows to `depth` (H, W) in place; `sides` -1 mirrors to the left.

    A furrow is deepest in its middle and runs out at its ends. Where two overlap, the deeper counts
    more than their sum would, as folds do not add up.
    """
    for points, width, deepest in furrows:
        for side in sides:
            placed = np.array(points) * (side, 1.0)
            rows, columns = _near(x, y, placed, _REACH * width)
            if rows.stop <= rows.start or columns.stop <= columns.start:
                continue
            part = np.s_[rows, columns]
            np.maximum(
                depth[part],
                np.float32(deepest) * _groove(x[part], y[part], placed, width),
                out=depth[part],
            )


def _near(
    x: FloatArray, y: FloatArray, points: AnyFloatArray, margin: float
) -> tuple[slice, slice]:
    (left, top), (right, bottom) = points.min(axis=0) - margin, points.max(axis=0) + margin
    near = (x > left) & (x < right) & (y > top) & (y < bottom)
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    if rows.size == 0:
        return slice(0, 0), slice(0, 0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _groove(x: FloatArray, y: FloatArray, points: AnyFloatArray, width: float) -> FloatArray:
    """One in the middle of the line, falling to zero beside it and towards its ends."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    starts = np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum()
    nearest = np.full(x.shape, np.inf, np.float32)
    along = np.zeros(x.shape, np.float32)
    for index, length in enumerate(lengths):
        (x0, y0), (x1, y1) = points[index].astype(np.float32), points[index + 1].astype(np.float32)
        share = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / np.float32(length**2)
        share = np.clip(share, 0.0, 1.0)
        distance = (x - x0 - share * (x1 - x0)) ** 2 + (y - y0 - share * (y1 - y0)) ** 2
        closer = distance < nearest
        nearest = np.where(closer, distance, nearest)
        position = starts[index] + share * (starts[index + 1] - starts[index])
        along = np.where(closer, position, along)
    taper = np.sin(np.pi * (0.06 + 0.88 * along)) ** np.float32(0.7)
    across = np.exp(nearest * np.float32(-0.5 / width**2))
    return np.asarray(across * taper, np.float32)


def nasolabial(identity: Identity, width: float = 0.028, depth: float = 1.0) -> Furrow:
    """The fold from the wing of the nose to beside the corner of the mouth."""
    wing, tip = identity.nose_half_width, identity.nose_tip_y
    corner, mouth = identity.mouth_half_width, identity.mouth_y
    return (
        (
            (wing + 0.02, tip - 0.06),
            (wing + 0.12, tip + 0.07),
            (0.5 * (wing + corner) + 0.13, 0.5 * (tip + mouth) + 0.05),
            (corner + 0.15, mouth - 0.02),
            (corner + 0.14, mouth + 0.12),
        ),
        width,
        depth,
    )


def forehead_line(
    identity: Identity, rise: float, start: float, end: float, depth: float
) -> Furrow:
    """A line `rise` above the brows, from `start` to `end` along x."""
    xs = np.linspace(start, end, 5)
    arch = 0.06 * np.sin(np.pi * np.clip((xs - 0.1) / 0.95, 0.0, 1.0)) - 0.03
    points = [
        (float(x), float(identity.brow_y - rise - bow)) for x, bow in zip(xs, arch, strict=True)
    ]
    return tuple(points), 0.018, depth


def crows_feet(identity: Identity, depth: float) -> tuple[Furrow, ...]:
    """Three rays from the outer corner of the eye."""
    x, y = 0.5 + identity.eye_half_width + 0.05, 0.02 - identity.eye_tilt
    ends = ((0.17, -0.09), (0.20, 0.01), (0.17, 0.11))
    return tuple(
        (((x, y + 0.3 * dy), (x + 0.6 * dx, y + 0.75 * dy), (x + dx, y + dy)), 0.019, 0.85 * depth)
        for dx, dy in ends
    )


def under_eye(identity: Identity, depth: float) -> Furrow:
    """The line under the lower lid, from the inner corner outward and down."""
    half, y = identity.eye_half_width, 0.4 * identity.eye_opening
    return (
        (
            (0.5 - 1.05 * half, y + 0.03),
            (0.5 - 0.5 * half, y + 0.12),
            (0.5 + 0.2 * half, y + 0.15),
            (0.5 + 0.8 * half, y + 0.11),
        ),
        0.020,
        depth,
    )


def frown_line(identity: Identity, depth: float) -> Furrow:
    """The upright line beside the midline between the brows."""
    y = identity.brow_y
    return ((0.085, y - 0.16), (0.105, y - 0.02), (0.095, y + 0.10)), 0.020, depth


def marionette(identity: Identity, depth: float) -> Furrow:
    """The line down from the corner of the mouth."""
    x, y = identity.mouth_half_width, identity.mouth_y
    return ((x + 0.02, y + 0.03), (x + 0.07, y + 0.14), (x + 0.06, y + 0.28)), 0.030, depth


def age_lines(identity: Identity, age: float, rng: np.random.Generator) -> list[Furrow]:
    """The lines in a person's face at rest; how deep each is differs between people of one age."""

    def depth(onset: float) -> float:
        return float(np.clip((age - onset) * 1.6, 0.0, 1.0) * rng.uniform(0.35, 1.0))

    lines = [nasolabial(identity, 0.032, max(0.16 * rng.uniform(), depth(0.1)))]
    for rise in (0.20, 0.34, 0.48):
        shift = rng.uniform(-0.025, 0.025)
        end = rng.uniform(0.5, 0.85)
        lines.append(forehead_line(identity, rise + shift, -0.02, end, 0.7 * depth(0.35)))
    lines.extend(crows_feet(identity, 0.8 * depth(0.3)))
    lines.append(under_eye(identity, max(0.12 * rng.uniform(), depth(0.15))))
    lines.append(frown_line(identity, 0.8 * depth(0.35)))
    lines.append(marionette(identity, 0.8 * depth(0.45)))
    return [line for line in lines if line[2] > 0.02]
