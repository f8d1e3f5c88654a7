"""The TV-L1 solver at one pyramid level: alternate a thresholding step and a dual step.

Follows Zach, Pock, Bischof (2007) and its walk-through by Sánchez, Meinhardt-Llopis and Facciolo
(IPOL 2013, doi:10.5201/ipol.2013.26). Two departures: the auxiliary field v of the papers is never
stored, as it is used only in the sum that gives the next u; and the dual update projects onto the
unit disc (Chambolle 2005) instead of dividing by ``1 + tau/theta |grad u|``.
"""

import numba
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]

# Every loop below touches few enough rows that LLVM can check at run time that they do not overlap;
# with more it would silently not vectorise. That is why the primal step is three short loops.
#
# No `nnan`/`ninf`: those would let LLVM drop comparisons that a NaN must survive.
_jit = numba.njit(
    cache=True,
    nogil=True,
    error_model="numpy",
    fastmath={"nsz", "arcp", "contract", "afn", "reassoc"},
)

_ONE = np.float32(1.0)


@_jit
def _threshold_row(
    u: Plane,
    v: Plane,
    gradient_x: Plane,
    gradient_y: Plane,
    residual: Plane,
    inverse_squared_gradient: Plane,
    limit: np.float32,
    step: Plane,
) -> None:
    """Thresholding step TH (IPOL 2013, equation 11) of one row, in multiples of the gradient.

    The papers' three cases are one clamp: the step that cancels rho, at most `limit` long.
    """
    for j in range(u.size):
        rho = residual[j] + gradient_x[j] * u[j] + gradient_y[j] * v[j]
        cancelling = -rho * inverse_squared_gradient[j]
        cancelling = limit if cancelling > limit else cancelling
        step[j] = -limit if cancelling < -limit else cancelling


@_jit
def _primal_row(
    u: Plane,
    gradient: Plane,
    step: Plane,
    dual_x: Plane,
    dual_y: Plane,
    dual_y_above: Plane,
    tightness: np.float32,
) -> None:
    """``u = (u + TH) + theta div p`` (IPOL 2013, equation 12), one row of one component."""
    for j in range(u.size):
        divergence = (dual_x[j + 1] - dual_x[j]) + (dual_y[j + 1] - dual_y_above[j + 1])
        u[j] += step[j] * gradient[j] + tightness * divergence


@_jit
def _dual_row(
    u: Plane, u_below: Plane, dual_x: Plane, dual_y: Plane, dual_step: np.float32
) -> None:
    """``p = project(p + tau/theta grad u)`` with forward differences, one row of one component."""
    last = u.size - 1
    for j in range(last):
        x = dual_x[j + 1] + dual_step * (u[j + 1] - u[j])
        y = dual_y[j + 1] + dual_step * (u_below[j] - u[j])
        squared = x * x + y * y
        shrink = _ONE / np.sqrt(squared if squared > _ONE else _ONE)
        dual_x[j + 1] = x * shrink
        dual_y[j + 1] = y * shrink
    # Neumann boundary: nothing lies to the right of the last pixel, so dual_x stays zero there.
    y = dual_y[last + 1] + dual_step * (u_below[last] - u[last])
    dual_y[last + 1] = min(max(y, -_ONE), _ONE)


@_jit
def iterate(
    flow: Plane,
    dual: Plane,
    gradient: Plane,
    residual: Plane,
    inverse_squared_gradient: Plane,
    attachment: np.float32,
    tightness: np.float32,
    time_step: np.float32,
    iterations: int,
) -> None:
    """Run a fixed number of iterations, in place on `flow` and `dual`.

    `dual` has shape (4, H + 1, W + 1): its first row and column are the zeros outside the image,
    which saves the divergence its special cases. Each pass over the rows does the primal step of
    row i and the dual step of row i - 1, all of whose inputs are then new: the result is that of
    two separate passes, at half the memory traffic.
    """
    limit = np.float32(attachment * tightness)
    dual_step = np.float32(time_step / tightness)
    u, v = flow[0], flow[1]
    u_dual_x, u_dual_y, v_dual_x, v_dual_y = dual[0], dual[1], dual[2], dual[3]
    height, width = residual.shape
    step = np.empty(width, np.float32)
    for _ in range(iterations):
        for i in range(height + 1):
            if i < height:
                gx, gy = gradient[0, i], gradient[1, i]
                _threshold_row(
                    u[i], v[i], gx, gy, residual[i], inverse_squared_gradient[i], limit, step
                )
                _primal_row(
                    u[i], gx, step, u_dual_x[i + 1], u_dual_y[i + 1], u_dual_y[i], tightness
                )
                _primal_row(
                    v[i], gy, step, v_dual_x[i + 1], v_dual_y[i + 1], v_dual_y[i], tightness
                )
            if i > 0:
                below = min(i, height - 1)
                _dual_row(u[i - 1], u[below], u_dual_x[i], u_dual_y[i], dual_step)
                _dual_row(v[i - 1], v[below], v_dual_x[i], v_dual_y[i], dual_step)
