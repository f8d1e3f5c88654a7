"""Halving an image and doubling a field so that both stay centred.

A coarse grid of half as many pixels is laid so that its centre is the centre of the fine grid.
Along an axis of even length a coarse pixel then lies between two fine ones, along an axis of odd
length on every second one. Mirroring the image therefore mirrors the result exactly.
"""

import numpy as np
import numpy.typing as npt

from .compilation import kernel

Plane = npt.NDArray[np.float32]
Line = npt.NDArray[np.float32]

_QUARTER = np.float32(0.25)
_HALF = np.float32(0.5)
_FOUR = np.float32(4.0)
_FIVE = np.float32(5.0)
_SIX = np.float32(6.0)
_TEN = np.float32(10.0)
_SIXTEENTH = np.float32(1.0 / 16.0)
_THIRTY_SECOND = np.float32(1.0 / 32.0)


@kernel
def _average_rows(image: Plane, i: int, line: Line) -> None:
    """Row i of the half-size image, still at full width.

    Weights [1 5 10 10 5 1]/32 of six rows where the height is even, [1 4 6 4 1]/16 of five where
    it is odd; shorter ones let stripes through that the coarse grid is too coarse for.
    """
    height, width = image.shape
    last = height - 1
    a, b, c = image[max(2 * i - 2, 0)], image[max(2 * i - 1, 0)], image[2 * i]
    d, e, f = image[min(2 * i + 1, last)], image[min(2 * i + 2, last)], image[min(2 * i + 3, last)]
    if height % 2 == 0:
        for j in range(width):
            outer = (a[j] + f[j]) + _FIVE * (b[j] + e[j])
            line[j] = _THIRTY_SECOND * (outer + _TEN * (c[j] + d[j]))
    else:
        for j in range(width):
            outer = (a[j] + e[j]) + _FOUR * (b[j] + d[j])
            line[j] = _SIXTEENTH * (outer + _SIX * c[j])


@kernel
def _average_columns(line: Line, width: int, out: Line) -> None:
    """The same along a row; `line` is padded by two pixels before and three after the image."""
    if width % 2 == 0:
        for j in range(out.size):
            k = 2 * j
            outer = (line[k] + line[k + 5]) + _FIVE * (line[k + 1] + line[k + 4])
            out[j] = _THIRTY_SECOND * (outer + _TEN * (line[k + 2] + line[k + 3]))
    else:
        for j in range(out.size):
            k = 2 * j
            outer = (line[k] + line[k + 4]) + _FOUR * (line[k + 1] + line[k + 3])
            out[j] = _SIXTEENTH * (outer + _SIX * line[k + 2])


@kernel
def halve(image: Plane, out: Plane) -> None:
    """Smooth and halve (H, W) to ((H + 1) // 2, (W + 1) // 2); borders are repeated outwards."""
    width = image.shape[1]
    padded = np.empty(width + 5, np.float32)
    line = padded[2 : 2 + width]
    for i in range(out.shape[0]):
        _average_rows(image, i, line)
        padded[:2] = line[0]
        padded[2 + width :] = line[width - 1]
        _average_columns(padded, width, out[i])


@kernel
def _interpolate_rows(coarse: Plane, i: int, rows: int, scale: np.float32, line: Line) -> None:
    """Row i of the finer grid of so many rows, still at coarse width, times `scale`."""
    last = coarse.shape[0] - 1
    near = coarse[i // 2]
    if rows % 2 == 0:
        far = coarse[max(i // 2 - 1, 0)] if i % 2 == 0 else coarse[min(i // 2 + 1, last)]
        weight = _QUARTER
    else:
        far = near if i % 2 == 0 else coarse[i // 2 + 1]
        weight = _HALF
    for j in range(line.size):
        line[j] = scale * (near[j] + weight * (far[j] - near[j]))


@kernel
def _interpolate_columns(line: Line, out: Line) -> None:
    last = line.size - 1
    if out.size % 2 == 0:
        for j in range(1, last):
            out[2 * j] = line[j] + _QUARTER * (line[j - 1] - line[j])
            out[2 * j + 1] = line[j] + _QUARTER * (line[j + 1] - line[j])
        for j in (0, last):
            out[2 * j] = line[j] + _QUARTER * (line[max(j - 1, 0)] - line[j])
            out[2 * j + 1] = line[j] + _QUARTER * (line[min(j + 1, last)] - line[j])
    else:
        for j in range(last):
            out[2 * j] = line[j]
            out[2 * j + 1] = line[j] + _HALF * (line[j + 1] - line[j])
        out[2 * last] = line[last]


@kernel
def double(coarse: Plane, scale: np.float32, out: Plane) -> None:
    """Interpolate each plane of (N, h, w) linearly to (N, H, W), times `scale`."""
    line = np.empty(coarse.shape[2], np.float32)
    for n in range(coarse.shape[0]):
        for i in range(out.shape[1]):
            _interpolate_rows(coarse[n], i, out.shape[1], scale, line)
            _interpolate_columns(line, out[n, i])
