"""Copies between plain planes and the solver's own layouts."""

import numba
import numpy as np
import numpy.typing as npt

from .layout import MARGIN, PLANES, U, V

Plane = npt.NDArray[np.float32]

_jit = numba.njit(cache=True, nogil=True, error_model="numpy")


@_jit
def pad(image: Plane, padded: Plane) -> None:
    """Centre an (H, W) image in `padded`, repeating its border."""
    height, width = image.shape
    border = (padded.shape[0] - height) // 2
    for i in range(padded.shape[0]):
        line = image[min(max(i - border, 0), height - 1)]
        for j in range(width):
            padded[i, border + j] = line[j]
        for j in range(border):
            padded[i, j] = line[0]
            padded[i, border + width + j] = line[width - 1]


@_jit
def write_flow(flow: Plane, state: Plane) -> None:
    """Set u and v of `state` from a (2, H, W) flow."""
    _, height, width = flow.shape
    for i in range(height):
        for j in range(width):
            state[PLANES * i + U, MARGIN + j] = flow[0, i, j]
        for j in range(width):
            state[PLANES * i + V, MARGIN + j] = flow[1, i, j]


@_jit
def read_flow(state: Plane, flow: Plane) -> None:
    """Copy u and v of `state` to a (2, H, W) flow."""
    _, height, width = flow.shape
    for i in range(height):
        for j in range(width):
            flow[0, i, j] = state[PLANES * i + U, MARGIN + j]
        for j in range(width):
            flow[1, i, j] = state[PLANES * i + V, MARGIN + j]
