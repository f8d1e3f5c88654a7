"""Halving an image and doubling a flow field so that both stay centred.

A coarse grid of half as many pixels is laid so that its centre is the centre of the fine grid.
Along an axis of even length a coarse pixel then lies between two fine ones, along an axis of odd
length on every second one. Mirroring the image therefore mirrors the result exactly.
"""

import numba
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]

_jit = numba.njit(
    cache=True,
    nogil=True,
    error_model="numpy",
    fastmath={"nsz", "arcp", "contract", "afn", "reassoc"},
)

_EIGHTH = np.float32(0.125)
_QUARTER = np.float32(0.25)
_HALF = np.float32(0.5)
_THREE = np.float32(3.0)


@_jit
def _halve_rows(image: Plane, out: Plane) -> None:
    """Smooth along the first axis by [1 3 3 1]/8 (even length) or [1 2 1]/4 (odd), and halve it."""
    height, width = image.shape
    for i in range(out.shape[0]):
        above = image[max(2 * i - 1, 0)]
        first = image[2 * i]
        second = image[min(2 * i + 1, height - 1)]
        below = image[min(2 * i + 2, height - 1)]
        if height % 2 == 0:
            for j in range(width):
                out[i, j] = _EIGHTH * (above[j] + below[j] + _THREE * (first[j] + second[j]))
        else:
            for j in range(width):
                out[i, j] = _QUARTER * (above[j] + second[j]) + _HALF * first[j]


@_jit
def halve(image: Plane, scratch: Plane, out: Plane) -> None:
    """Half-size image; `scratch` has the height of `out` and the width of `image`."""
    _halve_rows(image, scratch)
    _halve_rows(scratch.T, out.T)


@_jit
def _double_rows(coarse: Plane, scale: np.float32, out: Plane) -> None:
    """Linear interpolation along the first axis, times `scale`."""
    even = out.shape[0] % 2 == 0
    last = coarse.shape[0] - 1
    for i in range(out.shape[0]):
        near = coarse[i // 2]
        if even:
            far = coarse[max(i // 2 - 1, 0)] if i % 2 == 0 else coarse[min(i // 2 + 1, last)]
            weight = _QUARTER
        else:
            far = near if i % 2 == 0 else coarse[i // 2 + 1]
            weight = _HALF
        for j in range(out.shape[1]):
            out[i, j] = scale * (near[j] + weight * (far[j] - near[j]))


@_jit
def double_flow(coarse: Plane, scratch: Plane, out: Plane) -> None:
    """Flow on the next finer grid, in its pixels.

    `coarse` (2, h, w) is interpolated to `out` (2, H, W) and doubled, as a coarse pixel is two
    fine ones wide; `scratch` is (2, H, w).
    """
    for component in range(2):
        _double_rows(coarse[component], np.float32(2.0), scratch[component])
        _double_rows(scratch[component].T, np.float32(1.0), out[component].T)
