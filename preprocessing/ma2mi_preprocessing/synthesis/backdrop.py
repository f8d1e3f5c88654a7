"""What stands behind a person: a wall, a curtain, a room out of focus."""

from dataclasses import dataclass

import cv2
import numpy as np

from .geometry import Colour, FloatArray
from .texture import coverage, paint, value_noise

KINDS = ("wall", "curtain", "room", "blotches")


@dataclass(frozen=True)
class Backdrop:
    """A background.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    colour, second : tuple of float
    light : tuple of float
        Fall of the light along x and y over one unit.
    blur : float
        Deviation in face units.
    seed : int
        Of what stands in it.
    """

    kind: str
    colour: Colour
    second: Colour
    light: tuple[float, float]
    blur: float
    seed: int


def sample_backdrop(rng: np.random.Generator) -> Backdrop:
    """Draw a background; the plainest, a lit wall, is the most frequent, as in recordings."""

    def colour() -> Colour:
        red, green, blue = rng.uniform(0.15, 0.85) + rng.uniform(-0.10, 0.10, 3)
        return float(red), float(green), float(blue)

    return Backdrop(
        kind=str(rng.choice(KINDS, p=(0.4, 0.15, 0.3, 0.15))),
        colour=colour(),
        second=colour(),
        light=(float(rng.uniform(-0.08, 0.08)), float(rng.uniform(-0.02, 0.08))),
        blur=float(rng.uniform(0.02, 0.16)),
        seed=int(rng.integers(2**31)),
    )


def paint_backdrop(backdrop: Backdrop, x: FloatArray, y: FloatArray, step: float) -> FloatArray:
    """The background at face coordinates (x, y), `step` apart: (H, W, 3) float32, RGB 0..1."""
    rng = np.random.default_rng(backdrop.seed)
    picture = np.empty((*x.shape, 3), np.float32)
    picture[:] = backdrop.colour
    second = np.asarray(backdrop.second, np.float32)
    if backdrop.kind == "curtain":
        waves = np.sin(x * rng.uniform(5.0, 11.0) + value_noise(rng, x, y, 0.5, 0.3))
        picture *= (1.0 + 0.16 * waves)[..., None].astype(np.float32)
    elif backdrop.kind == "room":
        _furnish(picture, second, x, y, rng)
    elif backdrop.kind == "blotches":
        blotches = value_noise(rng, x, y, 1.1, 1.1) + 0.6 * value_noise(rng, x, y, 2.7, 2.7)
        paint(picture, second, 0.8 * coverage(-blotches, 1.2))
    grain = 1.0 + 0.02 * value_noise(rng, x, y, 7.0, 7.0) + 0.03 * value_noise(rng, x, y, 0.6, 0.6)
    fall = 1.0 - backdrop.light[0] * x - backdrop.light[1] * y
    picture *= (grain * fall)[..., None].astype(np.float32)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(0.3, backdrop.blur / step)))


def _furnish(
    picture: FloatArray,
    second: FloatArray,
    x: FloatArray,
    y: FloatArray,
    rng: np.random.Generator,
) -> None:
    """Upright and lying boxes: a door frame, shelves, pictures, a window."""
    for _ in range(int(rng.integers(4, 9))):
        centre = rng.uniform((-2.4, -2.0), (2.4, 2.2))
        half = rng.uniform(0.08, 0.7, 2) * rng.choice([0.5, 1.0, 2.0], 2)
        shade = second * rng.uniform(0.4, 1.5) + rng.uniform(-0.06, 0.06, 3)
        box = np.maximum(np.abs(x - centre[0]) - half[0], np.abs(y - centre[1]) - half[1])
        paint(picture, np.clip(shade, 0.03, 1.0).astype(np.float32), coverage(box, 0.04))
