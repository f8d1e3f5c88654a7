"""Complex steerable pyramid: an image as bands of one scale and one direction each."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Spectrum = NDArray[np.complex64]

ORIENTATIONS = 4
_COARSEST_SIDE = 4
_SMALLEST = 1e-9


@dataclass(frozen=True)
class _Band:
    """One band: where its part of the spectrum lies, and its weights there."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class SteerablePyramid:
    """Bands an octave wide, in four directions, each at the resolution that it needs.

    The squares of all weights add up to one, so that the same weights take an image apart and put
    it together again without loss. Each band is complex; its phase moves with what it shows.

    Attributes
    ----------
    shape : tuple of int
        Height and width of the images, multiples of `multiple_of`.
    bands : tuple
        Finest first.
    rest : ndarray, shape (H, W), float32
        Weights of what is coarser than all bands.

    References
    ----------
    .. [1] J. Portilla and E. Simoncelli, "A parametric texture model based on joint statistics of
       complex wavelet coefficients", IJCV 40(1), 2000, section 2. :doi:`10.1023/A:1026553619983`
    """

    shape: tuple[int, int]
    bands: tuple[_Band, ...]
    rest: NDArray[np.float32]

    @staticmethod
    @lru_cache(maxsize=4)
    def of_shape(height: int, width: int) -> "SteerablePyramid":
        """Build the weights for images of one shape; it is kept for the next image."""
        levels = level_count(min(height, width))
        vertical, horizontal = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
        # 0 at half a cycle a pixel, -1 an octave below.
        octave = np.log2(np.maximum(2 * np.hypot(vertical, horizontal), 1e-9))
        directions = _directions(np.arctan2(vertical, horizontal))
        bands = []
        finer = np.ones((height, width))
        for level in range(levels):
            coarser = np.cos(np.pi / 2 * np.clip(octave + level + 1, 0, 1)) ** 2
            ring = np.sqrt(np.maximum(finer - coarser, 0))
            rows, columns = (_kept(side, level) for side in (height, width))
            bands += [
                _Band(rows, columns, (ring * direction)[rows[:, None], columns].astype(np.float32))
                for direction in directions
            ]
            finer = coarser
        return SteerablePyramid((height, width), tuple(bands), finer.astype(np.float32))

    def analyse(self, image: NDArray[np.floating]) -> tuple[list[Spectrum], Spectrum]:
        """Take an image apart.

        Returns
        -------
        bands : list of ndarray, shape (h, w), complex64
            Coarse bands are smaller images.
        rest : ndarray, shape (H, W), complex64
            Spectrum of what is left.
        """
        spectrum = np.fft.fft2(np.asarray(image, np.float32))
        bands = [
            _single(np.fft.ifft2(spectrum[band.rows[:, None], band.columns] * band.weights))
            for band in self.bands
        ]
        return bands, _single(spectrum * self.rest)

    def compose(self, bands: list[Spectrum], rest: Spectrum) -> NDArray[np.float32]:
        """Put an image together; the inverse of `analyse`."""
        # Bands hold half of the plane, the rest all of it.
        spectrum = rest / 2
        for band, values in zip(self.bands, bands, strict=True):
            spectrum[band.rows[:, None], band.columns] += np.fft.fft2(values) * band.weights
        return np.asarray(2 * np.fft.ifft2(spectrum).real, np.float32)


def _single(values: NDArray[Any]) -> Spectrum:
    # Older releases of NumPy compute transforms of float32 in double precision.
    return np.asarray(values, np.complex64)


def level_count(side: int) -> int:
    """Number of octaves until what is left is no larger than a few waves across the image."""
    return max(1, int(math.log2(side / _COARSEST_SIDE)))


def padded_side(side: int) -> int:
    """Smallest side with a margin of an eighth whose coarse bands have whole sizes."""
    wanted = side + max(2, side // 8)
    step = 2 ** max(1, level_count(wanted))
    return -(-wanted // step) * step


def _directions(angle: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Weights of half of the plane for each direction; with the other half they add up to one."""
    lobes = []
    for index in range(ORIENTATIONS):
        off = np.angle(np.exp(1j * (angle - np.pi * index / ORIENTATIONS)))
        lobe = np.where(np.abs(off) < np.pi / 2, np.cos(off), 0) ** (ORIENTATIONS - 1)
        lobes.append(lobe)
    # Half a cycle a pixel straight down is its own opposite, at the very edge of all lobes.
    lobes[0][_energy(lobes) < _SMALLEST] = 1
    total = _energy(lobes)
    return [lobe / np.sqrt(total) for lobe in lobes]


def _energy(lobes: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    opposite = [np.roll(lobe[::-1, ::-1], (1, 1), (0, 1)) for lobe in lobes]
    return np.sum(np.square([*lobes, *opposite]), axis=0)


def _kept(side: int, level: int) -> NDArray[np.intp]:
    """Rows of the spectrum in which a level is not zero: it needs no more pixels than those."""
    kept = side // 2 ** max(0, level - 1)
    return np.concatenate([np.arange(kept // 2), np.arange(side - kept // 2, side)])
