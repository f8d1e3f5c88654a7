"""Kernels that make the bytes of a frame from light and noise, in one pass over the picture."""

from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from ..kernels.compilation import kernel
from .geometry import FloatArray

_LEVELS = 4096
_LEVEL_BITS = np.uint64(_LEVELS - 1)
_BITS_APART = np.uint64(16)
# SplitMix64 (Steele, Lea and Flood 2014): a counter, multiplied and mixed.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))

_ZERO, _ONE, _WHITE = np.float32(0.0), np.float32(1.0), np.float32(255.0)
# A float32 of this size has no bits for fractions: adding it rounds to the nearest, ties to even.
_ROUNDER = np.float32(1.5 * 2**23)


@kernel
def _expose(
    picture: FloatArray,
    factors: FloatArray,
    noise: FloatArray,
    shot_noise: np.float32,
    black_variance: np.float32,
    frame: npt.NDArray[np.uint8],
) -> None:
    """All (H, W * 3) but `factors` (W * 3,); `noise` may have no rows."""
    is_noisy = len(noise) > 0
    for i in range(picture.shape[0]):
        for j in range(picture.shape[1]):
            value = picture[i, j] * factors[j]
            if is_noisy:
                variance = min(max(value, _ZERO), _ONE) * shot_noise + black_variance
                value += np.sqrt(variance) * noise[i, j]
            value = min(max(value * _WHITE, _ZERO), _WHITE)
            frame[i, j] = np.uint8((value + _ROUNDER) - _ROUNDER)


def exposed(
    picture: FloatArray,
    brightness: FloatArray,
    noise: FloatArray | None = None,
    shot_noise: float = 0.0,
    black_variance: float = 0.0,
) -> npt.NDArray[np.uint8]:
    """Light and noise of a picture as a frame.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3), float32
        RGB 0..1; what is beyond is cut off.
    brightness : ndarray, shape (W,), float32
        Factor of each column.
    noise : ndarray, shape (H, W, 3), float32, optional
        Of unit deviation.
    shot_noise, black_variance : float
        Variance of the noise in white, beyond that in black, and in black (of values 0..1).

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
        Rounded to the nearest of 255 steps, ties to even.
    """
    height, width, channels = picture.shape
    frame = np.empty(picture.shape, np.uint8)
    flat = (height, width * channels)
    _expose(
        np.ascontiguousarray(picture, np.float32).reshape(flat),
        np.repeat(brightness.astype(np.float32, copy=False), channels),
        np.empty((0, 0), np.float32) if noise is None else noise.reshape(flat),
        np.float32(shot_noise),
        np.float32(black_variance),
        frame.reshape(flat),
    )
    return frame


@kernel
def _fill_with_noise(out: FloatArray, key: np.uint64, quantiles: FloatArray) -> None:
    for word in range((len(out) + 3) // 4):
        bits = key + np.uint64(word + 1) * _STEP
        bits = (bits ^ (bits >> _SHIFTS[0])) * _MIX_1
        bits = (bits ^ (bits >> _SHIFTS[1])) * _MIX_2
        bits = bits ^ (bits >> _SHIFTS[2])
        for place in range(4 * word, min(4 * word + 4, len(out))):
            out[place] = quantiles[bits & _LEVEL_BITS]
            bits = bits >> _BITS_APART


def quick_noise(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """White Gaussian noise, several times faster than `rng.standard_normal`.

    One draw of `rng` is the key of a counter, whose mixed bits choose among 4096 quantiles: enough
    for noise that is rounded to bytes, with nothing beyond 3.7 deviations.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int

    Returns
    -------
    ndarray, float32
        Of zero mean and unit deviation.
    """
    noise = np.empty(shape, np.float32)
    key = np.uint64(rng.integers(2**64, dtype=np.uint64))
    _fill_with_noise(noise.reshape(-1), key, _quantiles())
    return noise


@cache
def _quantiles() -> FloatArray:
    """Middles of equally likely slices of the normal distribution, of unit deviation together."""
    normal = NormalDist()
    middles = np.array([normal.inv_cdf((level + 0.5) / _LEVELS) for level in range(_LEVELS)])
    return np.asarray(middles / middles.std(), np.float32)
