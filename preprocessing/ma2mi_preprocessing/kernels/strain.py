"""Optical strain of a flow field."""

import numba
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]

# No `nnan`/`ninf`: those would let LLVM drop comparisons that a NaN must survive.
_jit = numba.njit(
    cache=True,
    nogil=True,
    error_model="numpy",
    fastmath={"nsz", "arcp", "contract", "afn", "reassoc"},
)

_HALF = np.float32(0.5)
_ONE = np.float32(1.0)


@_jit
def _strain_at(
    flow: Plane, above: int, below: int, left: int, right: int, i: int, j: int
) -> np.float32:
    """Magnitude at pixel (i, j) by differences between the four pixels named."""
    per_row = _HALF if below - above == 2 else _ONE
    per_column = _HALF if right - left == 2 else _ONE
    e_xx = per_column * (flow[i, right, 0] - flow[i, left, 0])
    e_yy = per_row * (flow[below, j, 1] - flow[above, j, 1])
    u_y = per_row * (flow[below, j, 0] - flow[above, j, 0])
    v_x = per_column * (flow[i, right, 1] - flow[i, left, 1])
    e_xy = _HALF * (u_y + v_x)
    return np.sqrt(e_xx * e_xx + e_yy * e_yy + np.float32(2.0) * e_xy * e_xy)


@_jit
def strain_magnitude(flow: Plane, out: Plane) -> None:
    r"""Strain of a (H, W, 2) flow, by central differences, one-sided at the border.

    .. math:: \sqrt{e_{xx}^2 + e_{yy}^2 + 2 e_{xy}^2}
    """
    height, width = out.shape
    last = width - 1
    for i in range(height):
        above = max(i - 1, 0)
        below = min(i + 1, height - 1)
        out[i, 0] = _strain_at(flow, above, below, 0, 1, i, 0)
        for j in range(1, last):
            out[i, j] = _strain_at(flow, above, below, j - 1, j + 1, i, j)
        out[i, last] = _strain_at(flow, above, below, last - 1, last, i, last)
