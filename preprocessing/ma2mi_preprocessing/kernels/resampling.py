"""Halving an image and doubling a field so that both stay centred.

A coarse grid of half as many pixels is laid so that its centre is the centre of the fine grid.
Along an axis of even length a coarse pixel then lies between two fine ones, along an axis of odd
length on every second one. Mirroring the image therefore mirrors the result exactly.
"""

import numba
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
Line = npt.NDArray[np.float32]

_jit = numba.njit(cache=True, nogil=True, error_model="numpy")

_EIGHTH = np.float32(0.125)
_QUARTER = np.float32(0.25)
_HALF = np.float32(0.5)
_THREE = np.float32(3.0)


@_jit
def _average_rows(image: Plane, i: int, line: Line) -> None:
    """Row i of the half-size image, still at full width.

    Weights [1 3 3 1]/8 of four rows where the height is even, [1 2 1]/4 of three where it is odd.
    """
    height, width = image.shape
    above = image[max(2 * i - 1, 0)]
    first = image[2 * i]
    second = image[min(2 * i + 1, height - 1)]
    below = image[min(2 * i + 2, height - 1)]
    if height % 2 == 0:
        for j in range(width):
            line[j] = _EIGHTH * ((above[j] + below[j]) + _THREE * (first[j] + second[j]))
    else:
        for j in range(width):
            line[j] = _QUARTER * (above[j] + second[j]) + _HALF * first[j]


@_jit
def _average_columns(line: Line, out: Line) -> None:
    width = line.size
    if width % 2 == 0:
        for j in range(1, out.size - 1):
            outer = line[2 * j - 1] + line[2 * j + 2]
            out[j] = _EIGHTH * (outer + _THREE * (line[2 * j] + line[2 * j + 1]))
        for j in (0, out.size - 1):
            outer = line[max(2 * j - 1, 0)] + line[min(2 * j + 2, width - 1)]
            out[j] = _EIGHTH * (outer + _THREE * (line[2 * j] + line[2 * j + 1]))
    else:
        for j in range(1, out.size - 1):
            out[j] = _QUARTER * (line[2 * j - 1] + line[2 * j + 1]) + _HALF * line[2 * j]
        for j in (0, out.size - 1):
            outer = line[max(2 * j - 1, 0)] + line[min(2 * j + 1, width - 1)]
            out[j] = _QUARTER * outer + _HALF * line[2 * j]


@_jit
def halve(planes: Plane, out: Plane) -> None:
    """Smooth and halve each plane of (N, H, W) to (N, (H + 1) // 2, (W + 1) // 2)."""
    line = np.empty(planes.shape[2], np.float32)
    for n in range(planes.shape[0]):
        for i in range(out.shape[1]):
            _average_rows(planes[n], i, line)
            _average_columns(line, out[n, i])


@_jit
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


@_jit
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


@_jit
def double(coarse: Plane, scale: np.float32, out: Plane) -> None:
    """Interpolate each plane of (N, h, w) linearly to (N, H, W), times `scale`."""
    line = np.empty(coarse.shape[2], np.float32)
    for n in range(coarse.shape[0]):
        for i in range(out.shape[1]):
            _interpolate_rows(coarse[n], i, out.shape[1], scale, line)
            _interpolate_columns(line, out[n, i])
