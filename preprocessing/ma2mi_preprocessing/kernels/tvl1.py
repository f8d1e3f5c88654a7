"""The TV-L1 solver at one pyramid level: alternate a thresholding step and a dual step.

Follows Zach, Pock, Bischof (2007) and its walk-through by Sánchez, Meinhardt-Llopis and Facciolo
(IPOL 2013, doi:10.5201/ipol.2013.26). Three departures: the auxiliary field v of the papers is
never stored, as it is used only in the sum that gives the next u; the dual update projects onto
the constraint (Chambolle 2005) instead of dividing by ``1 + tau/theta |grad u|``; and the total
variation is the sum ``|u_x| + |u_y|``, so that each component of the dual field is clamped by
itself. The papers' ``sqrt(u_x^2 + u_y^2)`` pairs each forward difference in x with one in y, which
favours one diagonal: with it a mirrored image does not give the mirrored flow.
"""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .layout import (
    BLOCK,
    DUAL_U_X,
    DUAL_U_Y,
    DUAL_V_X,
    DUAL_V_Y,
    GRADIENT_X,
    GRADIENT_Y,
    INVERSE_SQUARED_GRADIENT,
    RESIDUAL,
    U,
    V,
    blocks_of,
)
from .vectors import (
    LANES,
    Vector,
    broadcast,
    load,
    maximum,
    minimum,
    multiply_add,
    one_to_the_left,
    one_to_the_right,
    store,
)

Plane = npt.NDArray[np.float32]

_IN_FLIGHT = 20
"""Iterations that pass over the image together, each one row behind the one before it."""


@kernel
def _clamp(value: Vector, limit: Vector, negative_limit: Vector) -> Vector:
    return maximum(minimum(value, limit), negative_limit)


@kernel
def _threshold(
    rho: Vector, inverse_squared_gradient: Vector, limit: Vector, negative_limit: Vector
) -> Vector:
    """Thresholding step TH (IPOL 2013, equation 11), in multiples of the gradient.

    The papers' three cases are one clamp: the step that cancels rho, at most `limit` long.
    """
    cancelling = broadcast(np.float32(-1.0)) * rho * inverse_squared_gradient
    return _clamp(cancelling, limit, negative_limit)


@kernel
def _ascend(
    dual: Vector, step: Vector, difference: Vector, one: Vector, minus_one: Vector
) -> Vector:
    """``p = clamp(p + tau/theta grad u)``, one component."""
    return _clamp(multiply_add(step, difference, dual), one, minus_one)


@kernel
def _sweep_row(
    state: Plane,
    i: int,
    blocks: int,
    limit: Vector,
    tightness: Vector,
    step_x: Plane,
    step_y: Vector,
    is_first: bool,
    is_last: bool,
) -> None:
    """Primal step of pixel row i, then dual step of row i - 1, all of whose inputs are then new.

    Primal: ``u = u + TH + theta div p`` (IPOL 2013, equation 12). Neighbours to the left and right
    are taken out of registers: loads that straddle cache lines are slower.
    Before row 0 there is no dual step (`is_first`), after the last row no primal one (`is_last`).
    """
    zero, one, minus_one = (
        broadcast(np.float32(0.0)),
        broadcast(np.float32(1.0)),
        broadcast(np.float32(-1.0)),
    )
    negative_limit = zero - limit
    left_u_x = left_v_x = u_above = v_above = zero
    if not is_first:
        u_above, v_above = load(state, i - 1, U), load(state, i - 1, V)
    for k in range(blocks):
        at = BLOCK * k
        # The dual planes lie one row lower: these belong to pixel row i - 1.
        u_y_above, v_y_above = load(state, i, at + DUAL_U_Y), load(state, i, at + DUAL_V_Y)
        if is_last:
            # Neumann boundary: nothing lies below the last row, so the difference is zero.
            u, v = u_above, v_above
        else:
            u, v = load(state, i, at + U), load(state, i, at + V)
            gradient_x = load(state, i, at + GRADIENT_X)
            gradient_y = load(state, i, at + GRADIENT_Y)
            rho = multiply_add(gradient_x, u, load(state, i, at + RESIDUAL))
            rho = multiply_add(gradient_y, v, rho)
            inverse = load(state, i, at + INVERSE_SQUARED_GRADIENT)
            step = _threshold(rho, inverse, limit, negative_limit)
            u_x, v_x = load(state, i + 1, at + DUAL_U_X), load(state, i + 1, at + DUAL_V_X)
            u_divergence = (u_x - one_to_the_left(left_u_x, u_x)) + (
                load(state, i + 1, at + DUAL_U_Y) - u_y_above
            )
            v_divergence = (v_x - one_to_the_left(left_v_x, v_x)) + (
                load(state, i + 1, at + DUAL_V_Y) - v_y_above
            )
            left_u_x, left_v_x = u_x, v_x
            u = multiply_add(step, gradient_x, multiply_add(tightness, u_divergence, u))
            v = multiply_add(step, gradient_y, multiply_add(tightness, v_divergence, v))
            store(state, i, at + U, u)
            store(state, i, at + V, v)
        if not is_first:
            u_next, v_next = load(state, i - 1, at + BLOCK + U), load(state, i - 1, at + BLOCK + V)
            along = load(step_x, 0, LANES * k)
            u_right = one_to_the_right(u_above, u_next) - u_above
            v_right = one_to_the_right(v_above, v_next) - v_above
            u_x, v_x = load(state, i, at + DUAL_U_X), load(state, i, at + DUAL_V_X)
            store(state, i, at + DUAL_U_X, _ascend(u_x, along, u_right, one, minus_one))
            store(state, i, at + DUAL_V_X, _ascend(v_x, along, v_right, one, minus_one))
            u_below, v_below = u - u_above, v - v_above
            store(state, i, at + DUAL_U_Y, _ascend(u_y_above, step_y, u_below, one, minus_one))
            store(state, i, at + DUAL_V_Y, _ascend(v_y_above, step_y, v_below, one, minus_one))
            u_above, v_above = u_next, v_next


@kernel
def iterate(
    state: Plane,
    height: int,
    width: int,
    attachment: np.float32,
    tightness: np.float32,
    time_step: np.float32,
    iterations: int,
) -> None:
    """Run a fixed number of iterations, in place on u, v and the dual planes of `state`.

    An iteration walks down the rows; the next one may do a row as soon as this one is two rows
    further. The result is that of finishing one before the other, but the rows in flight stay in
    the cache.
    """
    blocks = blocks_of(width)
    limit, theta = broadcast(np.float32(attachment * tightness)), broadcast(np.float32(tightness))
    dual_step = np.float32(time_step / tightness)
    # Neumann boundary: nothing lies to the right of the last pixel, so dual_x stays zero there.
    step_x, step_y = np.zeros((1, LANES * blocks), np.float32), broadcast(dual_step)
    step_x[0, : width - 1] = dual_step
    for done in range(0, iterations, _IN_FLIGHT):
        in_flight = min(_IN_FLIGHT, iterations - done)
        for front in range(height + in_flight):
            for behind in range(max(0, front - height), min(in_flight, front + 1)):
                i = front - behind
                # Written three times so that the compiler drops the branches inside the loop.
                if i == 0:
                    _sweep_row(state, i, blocks, limit, theta, step_x, step_y, True, False)
                elif i == height:
                    _sweep_row(state, i, blocks, limit, theta, step_x, step_y, False, True)
                else:
                    _sweep_row(state, i, blocks, limit, theta, step_x, step_y, False, False)
