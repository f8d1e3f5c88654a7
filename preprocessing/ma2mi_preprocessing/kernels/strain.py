"""Optical strain of a flow field."""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .layout import blocks_of
from .vectors import (
    LANES,
    Vector,
    broadcast,
    even_lanes,
    load,
    multiply_add,
    odd_lanes,
    square_root,
    store,
)

Plane = npt.NDArray[np.float32]

_HALF = np.float32(0.5)
_TWO = np.float32(2.0)
_U, _V = 0, 1


@kernel
def _read_row(flow: Plane, i: int, width: int, lines: Plane, first: int) -> None:
    """Split row i of interleaved flow (H, 2 W) into two lines, from column `LANES` on.

    One pixel more on each side continues the line straight on, so that the central difference at
    the border is the one-sided one.
    """
    whole = width - width % LANES
    for j in range(0, whole, LANES):
        left, right = load(flow, i, 2 * j), load(flow, i, 2 * j + LANES)
        store(lines, first + _U, LANES + j, even_lanes(left, right))
        store(lines, first + _V, LANES + j, odd_lanes(left, right))
    for j in range(whole, width):
        lines[first + _U, LANES + j] = flow[i, 2 * j]
        lines[first + _V, LANES + j] = flow[i, 2 * j + 1]
    for line in (first + _U, first + _V):
        end = LANES + width
        lines[line, LANES - 1] = _TWO * lines[line, LANES] - lines[line, LANES + 1]
        lines[line, end] = _TWO * lines[line, end - 1] - lines[line, end - 2]


@kernel
def _continue_straight(lines: Plane, outside: int, border: int, inside: int) -> None:
    """The row beyond the border, so that the difference there is the one-sided one."""
    for component in (_U, _V):
        for j in range(lines.shape[1]):
            lines[outside + component, j] = (
                _TWO * lines[border + component, j] - lines[inside + component, j]
            )


@kernel
def _central_difference(lines: Plane, before: int, after: int, j: int, k: int) -> Vector:
    return broadcast(_HALF) * (load(lines, after, k) - load(lines, before, j))


@kernel
def _strain_row(lines: Plane, above: int, here: int, below: int, width: int, out: Plane) -> None:
    """Strain of a row, `LANES` pixels at a time; `out` (1, whole blocks)."""
    half, two = broadcast(_HALF), broadcast(_TWO)
    for j in range(LANES, LANES + width, LANES):
        e_xx = _central_difference(lines, here + _U, here + _U, j - 1, j + 1)
        e_yy = _central_difference(lines, above + _V, below + _V, j, j)
        u_y = _central_difference(lines, above + _U, below + _U, j, j)
        v_x = _central_difference(lines, here + _V, here + _V, j - 1, j + 1)
        e_xy = half * (u_y + v_x)
        squared = multiply_add(e_xx, e_xx, multiply_add(e_yy, e_yy, two * (e_xy * e_xy)))
        store(out, 0, j - LANES, square_root(squared))


@kernel
def strain_magnitude(flow: Plane, out: Plane) -> None:
    r"""Strain of interleaved flow (H, 2 W) to (H, W), by central differences, one-sided at borders.

    .. math:: \sqrt{e_{xx}^2 + e_{yy}^2 + 2 e_{xy}^2}
    """
    height, width = out.shape
    columns = LANES * blocks_of(width)
    lines = np.zeros((6, columns + 2 * LANES), np.float32)
    row = np.empty((1, columns), np.float32)
    above, here, below = 0, 2, 4
    _read_row(flow, 0, width, lines, here)
    _read_row(flow, 1, width, lines, below)
    _continue_straight(lines, above, here, below)
    for i in range(height):
        _strain_row(lines, above, here, below, width, row)
        for j in range(width):
            out[i, j] = row[0, j]
        above, here, below = here, below, above
        if i + 2 < height:
            _read_row(flow, i + 2, width, lines, below)
        else:
            _continue_straight(lines, below, here, above)
