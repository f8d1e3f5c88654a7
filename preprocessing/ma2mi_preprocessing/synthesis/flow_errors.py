"""Errors like those of estimated flow: noise, staircases, and guesses where there is no texture.

Estimation itself is too slow to train on without end. What it does to true flow is imitated by what
it minimises: total variation, against data that are trusted as far as there is texture.
"""

from dataclasses import dataclass

import numba as nb
import numpy as np

from .crops import Crops
from .geometry import FloatArray

# Primal-dual steps for total variation: their product times 8 must not exceed 1.
_PRIMAL = np.float32(0.25)
_DUAL = np.float32(0.5)
# Where faces have texture: places and deviations in face coordinates, on both sides.
_TEXTURED = np.array(
    [
        (0.5, 0.0, 0.26, 0.14),
        (0.5, -0.36, 0.34, 0.10),
        (0.2, 0.62, 0.16, 0.14),
        (0.25, 1.05, 0.28, 0.12),
    ],
    np.float32,
)


@dataclass(frozen=True)
class Estimation:
    """How an estimate came about; one value for each of `N` flow fields.

    Attributes
    ----------
    noise : ndarray, shape (N, S, S, 2), float32
        Error of the data before smoothing, as a share of the largest movement.
    trust : ndarray, shape (N, 2), float32
        Weight of the data for u and for v beside smoothness where there is texture; large leaves
        flow as it is. Brows, lids and lips are lines that run across: u can be seen less well.
    grain : ndarray, shape (N, S, S), float32
        Factor of that weight, for texture that differs from place to place.
    bare : ndarray, shape (N,), float32
        What of that weight is left where a face has no features, 0..1.
    """

    noise: FloatArray
    trust: FloatArray
    grain: FloatArray
    bare: FloatArray


def estimated(
    flow: FloatArray, crops: Crops, estimation: Estimation, iterations: int = 30
) -> FloatArray:
    """Flow as an estimator might have found it.

    Minimises ``|grad u| + trust / 2 * texture * (u - flow - noise)^2`` for u and v, in units of
    each field's largest movement, by a few steps of the primal-dual algorithm.

    Parameters
    ----------
    flow : ndarray, shape (N, S, S, 2), float32
    crops : Crops
        Where the faces are.
    estimation : Estimation
    iterations : int
        Zero gives the flow back as it is.

    Returns
    -------
    ndarray, shape (N, S, S, 2), float32
        All zero where nothing moves.

    References
    ----------
    .. [1] C. Zach, T. Pock and H. Bischof, "A Duality Based Approach for Realtime TV-L1 Optical
       Flow", DAGM 2007.
    .. [2] A. Chambolle and T. Pock, "A First-Order Primal-Dual Algorithm for Convex Problems with
       Applications to Imaging", JMIV 2011.
    """
    largest = np.abs(flow).max(axis=(1, 2, 3), keepdims=True)
    result = np.asarray(flow / np.where(largest > 0, largest, 1), np.float32)
    if iterations:
        result = np.where(largest > 0, result + estimation.noise, np.float32(0))
        weight = np.empty(flow.shape[:3], np.float32)
        _texture(crops.centre, crops.scale, crops.roll, estimation.bare, weight)
        weight *= estimation.grain
        for component in (0, 1):
            plane = np.ascontiguousarray(result[..., component])
            _denoise(plane, weight * estimation.trust[:, component, None, None], iterations)
            result[..., component] = plane
    return np.asarray(result * largest, np.float32)


@nb.njit(cache=True, nogil=True)
def _texture(
    centre: FloatArray, scale: FloatArray, roll: FloatArray, bare: FloatArray, weight: FloatArray
) -> None:
    """How far the data are trusted, from `bare` to 1, into `weight` (N, S, S)."""
    count, height, width = weight.shape
    for n in range(count):
        cos, sin = np.float32(np.cos(roll[n])), np.float32(np.sin(roll[n]))
        for i in range(height):
            down = (np.float32(i) - centre[n, 1]) / scale[n, 1]
            for j in range(width):
                across = (np.float32(j) - centre[n, 0]) / scale[n, 0]
                x, y = abs(cos * across + sin * down), cos * down - sin * across
                texture = np.float32(0.0)
                for k in range(_TEXTURED.shape[0]):
                    a = (x - _TEXTURED[k, 0]) / _TEXTURED[k, 2]
                    b = (y - _TEXTURED[k, 1]) / _TEXTURED[k, 3]
                    squared = a * a + b * b
                    if squared < np.float32(9.0):
                        texture += np.exp(np.float32(-0.5) * squared)
                share = min(texture, np.float32(1.0))
                weight[n, i, j] = bare[n] + (np.float32(1.0) - bare[n]) * share


@nb.njit(cache=True, nogil=True)
def _denoise(planes: FloatArray, weight: FloatArray, iterations: int) -> None:
    """Total-variation denoising of each of `planes` (N, S, S) in place."""
    count, height, width = planes.shape
    value = np.empty((height, width), np.float32)
    ahead = np.empty_like(value)
    across, down = np.empty_like(value), np.empty_like(value)
    zero, one, two = np.float32(0.0), np.float32(1.0), np.float32(2.0)
    for n in range(count):
        data = planes[n]
        value[:], ahead[:] = data, data
        across[:], down[:] = zero, zero
        for _ in range(iterations):
            for i in range(height):
                for j in range(width):
                    here = ahead[i, j]
                    right = ahead[i, j + 1] - here if j + 1 < width else zero
                    below = ahead[i + 1, j] - here if i + 1 < height else zero
                    p = across[i, j] + _DUAL * right
                    q = down[i, j] + _DUAL * below
                    length = np.sqrt(p * p + q * q)
                    shrink = one / length if length > one else one
                    across[i, j], down[i, j] = p * shrink, q * shrink
            for i in range(height):
                for j in range(width):
                    divergence = across[i, j] + down[i, j]
                    if j > 0:
                        divergence -= across[i, j - 1]
                    if i > 0:
                        divergence -= down[i - 1, j]
                    pull = _PRIMAL * weight[n, i, j]
                    old = value[i, j]
                    new = (old + _PRIMAL * divergence + pull * data[i, j]) / (one + pull)
                    value[i, j] = new
                    ahead[i, j] = two * new - old
        data[:] = value
