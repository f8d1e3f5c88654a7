"""Median filter over 3x3 neighbourhoods: removes the outliers of a flow field after each warp."""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .layout import BLOCK, U, V, blocks_of
from .vectors import LANES, Vector, load, maximum, minimum, store

Plane = npt.NDArray[np.float32]


@kernel
def _median3(a: Vector, b: Vector, c: Vector) -> Vector:
    return maximum(minimum(a, b), minimum(maximum(a, b), c))


@kernel
def _median9(
    a: Vector,
    b: Vector,
    c: Vector,
    d: Vector,
    e: Vector,
    f: Vector,
    g: Vector,
    h: Vector,
    i: Vector,
) -> Vector:
    """Median of nine without branches: sort three columns, then median of max, median and min."""
    largest_low = maximum(
        maximum(minimum(minimum(a, b), c), minimum(minimum(d, e), f)), minimum(minimum(g, h), i)
    )
    smallest_high = minimum(
        minimum(maximum(maximum(a, b), c), maximum(maximum(d, e), f)), maximum(maximum(g, h), i)
    )
    middle = _median3(_median3(a, b, c), _median3(d, e, f), _median3(g, h, i))
    return _median3(largest_low, middle, smallest_high)


@kernel
def _read_row(state: Plane, i: int, plane: int, width: int, lines: Plane, line: int) -> None:
    """Copy a row to `lines`, from column `LANES` on, repeating its first and last pixel."""
    for k in range(blocks_of(width)):
        store(lines, line, LANES * (k + 1), load(state, i, BLOCK * k + plane))
    lines[line, LANES - 1] = lines[line, LANES]
    lines[line, LANES + width] = lines[line, LANES + width - 1]


@kernel
def _filter_plane(state: Plane, plane: int, height: int, width: int, lines: Plane) -> None:
    """In place: the three rows a result needs are kept aside."""
    above, here, below = 0, 1, 2
    _read_row(state, 0, plane, width, lines, above)
    _read_row(state, 0, plane, width, lines, here)
    for i in range(height):
        _read_row(state, min(i + 1, height - 1), plane, width, lines, below)
        for k in range(blocks_of(width)):
            j = LANES * (k + 1)
            median = _median9(
                load(lines, above, j - 1),
                load(lines, here, j - 1),
                load(lines, below, j - 1),
                load(lines, above, j),
                load(lines, here, j),
                load(lines, below, j),
                load(lines, above, j + 1),
                load(lines, here, j + 1),
                load(lines, below, j + 1),
            )
            store(state, i, BLOCK * k + plane, median)
        above, here, below = here, below, above


@kernel
def median_filter(state: Plane, height: int, width: int) -> None:
    """Filter u and v of `state`, in place; pixels outside repeat the border."""
    blocks = blocks_of(width)
    lines = np.zeros((3, LANES * (blocks + 2)), np.float32)
    _filter_plane(state, U, height, width, lines)
    _filter_plane(state, V, height, width, lines)
