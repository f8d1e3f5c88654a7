"""Where the solver's planes lie in memory.

All planes of one pyramid level share one array of rows. A row is cut into blocks of `LANES` pixels,
and a block holds those pixels of the first plane, then of the second, and so on. Walking along a
row, the solver then reads one stream of memory instead of ten, at distances that are known when it
is compiled, which saves it most of its arithmetic on addresses.
"""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .vectors import LANES

Plane = npt.NDArray[np.float32]

U = 0 * LANES
V = 1 * LANES
GRADIENT_X = 2 * LANES
GRADIENT_Y = 3 * LANES
RESIDUAL = 4 * LANES
INVERSE_SQUARED_GRADIENT = 5 * LANES
DUAL_U_X = 6 * LANES
DUAL_U_Y = 7 * LANES
DUAL_V_X = 8 * LANES
DUAL_V_Y = 9 * LANES
BLOCK = 10 * LANES
"""Floats in a block: `LANES` pixels of ten planes."""

_CACHE_LINE = 16
"""Floats in a cache line of 64 bytes."""


@kernel
def blocks_of(width: int) -> int:
    """Number of blocks that so many pixels fill, the last one perhaps in part."""
    return (width + LANES - 1) // LANES


@kernel
def allocate_state(height: int, width: int) -> Plane:
    """Zeros for all planes of a level: ``[i, BLOCK * k + U]`` is u of pixel ``LANES * k`` of row i.

    The dual planes lie one row lower: that of pixel row i in row i + 1. Row 0 is then the zeros
    above the image, which saves the divergence a special case. One more block follows each row, so
    that the block to the right can always be read.
    """
    rows, columns = height + 1, (blocks_of(width) + 1) * BLOCK
    memory = np.zeros(rows * columns + _CACHE_LINE, np.float32)
    # Floats up to the next cache line.
    start = -(memory.ctypes.data // 4) % _CACHE_LINE
    return memory[start : start + rows * columns].reshape(rows, columns)
