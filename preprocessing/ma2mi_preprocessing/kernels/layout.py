"""Where the solver's planes lie in memory.

All planes of one pyramid level share one array, row by row: first row 0 of each plane, then row 1
of each, and so on. The solver walks down all planes at once, so what it needs next is always close,
and, as a row is an odd number of cache lines long, no two planes compete for the same lines. Kept
as planes of their own, whose sizes are often multiples of the page size, they would, at twice the
time.

Numba's cache does not see edits of this file: after one, delete the `__pycache__` beside it.
"""

import numpy as np
import numpy.typing as npt

from .vectors import LANES

Plane = npt.NDArray[np.float32]

U, V = 0, 1
GRADIENT_X, GRADIENT_Y = 2, 3
RESIDUAL = 4
INVERSE_SQUARED_GRADIENT = 5
DUAL_U_X, DUAL_U_Y, DUAL_V_X, DUAL_V_Y = 6, 7, 8, 9
PLANES = 10

MARGIN = LANES
"""Columns before the first pixel; at least one vector more follows after the last pixel."""

_CACHE_LINE = 16
"""Floats in a cache line of 64 bytes."""


def allocate_state(height: int, width: int) -> Plane:
    """Zeros for all planes of a level: row ``PLANES * i + U`` holds u of pixel row i.

    The dual planes lie one row lower, ``PLANES * (i + 1) + DUAL_U_X`` for pixel row i: row 0 is the
    zeros above the image, as column ``MARGIN - 1`` is those to its left. That saves the divergence
    its special cases.
    """
    columns = MARGIN + -(-width // LANES) * LANES + LANES
    if columns // _CACHE_LINE % 2 == 0:
        columns += _CACHE_LINE
    rows = PLANES * (height + 1)
    block = np.zeros(rows * columns + _CACHE_LINE, np.float32)
    start = -(block.ctypes.data // block.itemsize) % _CACHE_LINE
    return block[start : start + rows * columns].reshape(rows, columns)
