"""Face coordinates: where the parts of a face lie, whatever the size of the picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
# What drawing computes with on the way; numpy's types lose the precision of mixed expressions.
AnyFloatArray = npt.NDArray[np.floating[Any]]
Point = tuple[float, float]
# Red, green and blue as displayed, 0 to 1.
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class FacePose:
    """Where a face stands in a square picture.

    Face coordinates have their origin midway between the eyes, x to the right of the picture, y
    down, and the distance between the eyes as their unit.

    Attributes
    ----------
    size : int
        Width and height of the picture, in pixels.
    inter_ocular : float
        Distance between the eyes, in pixels.
    centre : tuple of float
        (x, y) of the point midway between the eyes, in pixels.
    roll : float
        Rotation in the picture plane, in radians, clockwise as seen.
    """

    size: int
    inter_ocular: float
    centre: Point
    roll: float

    def to_pixels(self, points: npt.ArrayLike) -> FloatArray:
        """Face coordinates (..., 2) to pixel coordinates (..., 2), float32."""
        points = np.asarray(points, np.float64)
        x, y = points[..., 0], points[..., 1]
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        rotated = np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
        return (rotated * self.inter_ocular + np.asarray(self.centre)).astype(np.float32)

    def vectors_to_pixels(self, vectors: FloatArray) -> FloatArray:
        """Directions (..., 2) in face coordinates to pixels, rotated but not moved, float32."""
        x, y = vectors[..., 0], vectors[..., 1]
        cos = np.float32(np.cos(self.roll) * self.inter_ocular)
        sin = np.float32(np.sin(self.roll) * self.inter_ocular)
        return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)

    def grid(self, oversampling: int = 1) -> tuple[FloatArray, FloatArray]:
        """Face coordinates x and y, each (size * oversampling,) * 2 float32, of every sample."""
        steps = (np.arange(self.size * oversampling) + 0.5) / oversampling - 0.5
        across = (steps[None, :] - self.centre[0]) / self.inter_ocular
        down = (steps[:, None] - self.centre[1]) / self.inter_ocular
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        x = cos * across + sin * down
        y = cos * down - sin * across
        return x.astype(np.float32), y.astype(np.float32)


def sample_pose(rng: np.random.Generator, size: int) -> FacePose:
    """Draw a pose with some background left around the head, as a face detector expects it."""
    return FacePose(
        size=size,
        inter_ocular=size * rng.uniform(0.225, 0.255),
        centre=(size * rng.uniform(0.48, 0.52), size * rng.uniform(0.42, 0.46)),
        roll=float(np.deg2rad(rng.uniform(-3.0, 3.0))),
    )


def mirrored(name: str, point: Point) -> Mapping[str, Point]:
    """Both copies of a point given for the right half of the picture (x > 0)."""
    x, y = point
    return {f"{name}_left": (-x, y), f"{name}_right": (x, y)}
