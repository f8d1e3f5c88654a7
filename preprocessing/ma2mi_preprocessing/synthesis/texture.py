"""Masks and noise that are defined in face coordinates, so that size does not change a person."""

import cv2
import numpy as np

from .geometry import AnyFloatArray, FloatArray

_CELLS = 128


def value_noise(
    rng: np.random.Generator, x: AnyFloatArray, y: AnyFloatArray, across: float, down: float
) -> FloatArray:
    """Smooth noise of zero mean and about unit deviation.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the lattice; one draw, of the same length for every picture size.
    x, y : ndarray, shape (H, W), float32
        Face coordinates of the samples.
    across, down : float
        Lattice cells in one unit of x and of y; unequal values make streaks.

    Returns
    -------
    ndarray, shape (H, W), float32
    """
    lattice = rng.standard_normal((_CELLS, _CELLS), dtype=np.float32)
    map_x = ((x + 3.0) * across).astype(np.float32)
    map_y = ((y + 3.0) * down).astype(np.float32)
    return np.asarray(cv2.remap(lattice, map_x, map_y, cv2.INTER_CUBIC, None, cv2.BORDER_WRAP))


def bump(
    x: AnyFloatArray, y: AnyFloatArray, centre: tuple[float, float], spread: tuple[float, float]
) -> FloatArray:
    """Gaussian hill of height one, shape (H, W) float32, with deviations `spread` along x and y."""
    across = (x - np.float32(centre[0])) / np.float32(spread[0])
    down = (y - np.float32(centre[1])) / np.float32(spread[1])
    return np.exp(np.float32(-0.5) * (across * across + down * down)).astype(np.float32, copy=False)


def coverage(distance: AnyFloatArray, softness: float) -> FloatArray:
    """Share of each sample inside a shape: 1 where `distance` < 0, 0 outside, soft at the edge."""
    ramp = np.clip(0.5 - distance.astype(np.float32, copy=False) / np.float32(softness), 0.0, 1.0)
    return np.asarray(ramp * ramp * (3.0 - 2.0 * ramp), np.float32)


def paint(canvas: FloatArray, colour: AnyFloatArray, mask: AnyFloatArray) -> None:
    """Lay `colour`, (3,) or (H, W, 3), over `canvas` (H, W, 3) in place, `mask` being opacity."""
    canvas += ((colour - canvas) * mask[..., None]).astype(np.float32, copy=False)
