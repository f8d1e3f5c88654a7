"""Copies between plain planes and the solver's own layouts."""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .layout import BLOCK, U, V
from .vectors import LANES, load, store

Plane = npt.NDArray[np.float32]


@kernel
def pad(image: Plane, border: int, padded: Plane) -> None:
    """Place an (H, W) image `border` pixels from the top and left, repeating its edges outwards."""
    height, width = image.shape
    for i in range(padded.shape[0]):
        line = image[min(max(i - border, 0), height - 1)]
        for j in range(width):
            padded[i, border + j] = line[j]
        for j in range(border):
            padded[i, j] = line[0]
        for j in range(border + width, padded.shape[1]):
            padded[i, j] = line[width - 1]


@kernel
def _write_plane(values: Plane, plane: int, state: Plane) -> None:
    height, width = values.shape
    whole = width - width % LANES
    for i in range(height):
        for j in range(0, whole, LANES):
            store(state, i, BLOCK * (j // LANES) + plane, load(values, i, j))
        for j in range(whole, width):
            state[i, BLOCK * (whole // LANES) + plane + j - whole] = values[i, j]


@kernel
def write_flow(flow: Plane, state: Plane) -> None:
    """Set u and v of `state` from a (2, H, W) flow."""
    _write_plane(flow[0], U, state)
    _write_plane(flow[1], V, state)


@kernel
def _read_plane(state: Plane, plane: int, values: Plane) -> None:
    height, width = values.shape
    whole = width - width % LANES
    for i in range(height):
        for j in range(0, whole, LANES):
            store(values, i, j, load(state, i, BLOCK * (j // LANES) + plane))
        for j in range(whole, width):
            values[i, j] = state[i, BLOCK * (whole // LANES) + plane + j - whole]


@kernel
def read_flow(state: Plane, flow: Plane) -> None:
    """Copy u and v of `state` to a (2, H, W) flow."""
    _read_plane(state, U, flow[0])
    _read_plane(state, V, flow[1])
