"""Warping with cubic B-splines: value and both derivatives of the moving image at once.

The samples are taken as spline coefficients without the usual prefilter. That evaluates the image
smoothed by [1 4 1]/6 along each axis, which makes the flow far less sensitive to noise; the
reference must be smoothed alike, and is, by the same kernel with a flow of zero.

Flow is smooth, so a block of neighbouring pixels mostly lands on neighbouring pixels: all of them
then share 5x5 taps at fixed distances, and need no gathers. Where the flow spreads a block too
far, its pixels are sampled one by one.
"""

import numba
import numpy as np
import numpy.typing as npt

from .layout import (
    GRADIENT_X,
    GRADIENT_Y,
    INVERSE_SQUARED_GRADIENT,
    MARGIN,
    PLANES,
    RESIDUAL,
    U,
    V,
)
from .vectors import (
    LANES,
    Vector,
    broadcast,
    largest,
    load,
    maximum,
    minimum,
    multiply_add,
    smallest,
    store,
    where_less,
)

Plane = npt.NDArray[np.float32]
Scalar = np.float32
Taps = tuple[Vector, Vector, Vector, Vector, Vector]
Sample = tuple[Vector, Vector, Vector]
ScalarSample = tuple[Scalar, Scalar, Scalar]

_jit = numba.njit(cache=True, nogil=True, error_model="numpy")

PADDING = 8
"""Pixels by which the moving image is padded on each side, its border repeated."""

SMALLEST_SQUARED_GRADIENT = 1e-4
"""Added to squared gradients before dividing by them: (2.55 grey levels per pixel)^2.

Where the image is flatter than that, its gradient is mostly noise, and would turn rounding errors
into movement.
"""

_FLOOR = np.float32(SMALLEST_SQUARED_GRADIENT)
_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_THREE = np.float32(3.0)
_FOUR = np.float32(4.0)
_SIXTH = np.float32(1.0 / 6.0)


@_jit
def _shifted(taps: tuple[Vector, Vector, Vector, Vector], x: Vector) -> Taps:
    """Four taps among five: the first four where ``x < 1``, else the last four."""
    one, zero = broadcast(_ONE), broadcast(_ZERO)
    a, b, c, d = taps
    return (
        where_less(x, one, a, zero),
        where_less(x, one, b, a),
        where_less(x, one, c, b),
        where_less(x, one, d, c),
        where_less(x, one, zero, d),
    )


@_jit
def _fraction(x: Vector) -> Vector:
    one = broadcast(_ONE)
    return where_less(x, one, x, x - one)


@_jit
def _weights(x: Vector) -> Taps:
    """Cubic B-spline weights of the samples at -1, 0, 1, 2, 3 for a point at ``0 <= x < 2``."""
    sixth, half, two_thirds = broadcast(_SIXTH), broadcast(_HALF), broadcast(_FOUR * _SIXTH)
    right = _fraction(x)
    left = broadcast(_ONE) - right
    right_squared, left_squared = right * right, left * left
    taps = (
        sixth * (left_squared * left),
        two_thirds + right_squared * (half * right - broadcast(_ONE)),
        two_thirds + left_squared * (half * left - broadcast(_ONE)),
        sixth * (right_squared * right),
    )
    return _shifted(taps, x)


@_jit
def _slopes(x: Vector) -> Taps:
    """Derivatives of `_weights` with respect to the point's position."""
    half, two = broadcast(_HALF), broadcast(_TWO)
    three_halves = broadcast(_THREE * _HALF)
    right = _fraction(x)
    left = broadcast(_ONE) - right
    taps = (
        broadcast(-_HALF) * (left * left),
        right * (three_halves * right - two),
        left * (two - three_halves * left),
        half * (right * right),
    )
    return _shifted(taps, x)


@_jit
def _blend(plane: Plane, row: int, column: int, taps: Taps) -> Vector:
    total = load(plane, row, column) * taps[0]
    total = multiply_add(load(plane, row, column + 1), taps[1], total)
    total = multiply_add(load(plane, row, column + 2), taps[2], total)
    total = multiply_add(load(plane, row, column + 3), taps[3], total)
    return multiply_add(load(plane, row, column + 4), taps[4], total)


@_jit
def _sample_block(padded: Plane, row: int, column: int, x: Vector, y: Vector) -> Sample:
    """Value, d/dx and d/dy at ``0 <= x, y < 2`` from where the five taps' second sample lies.

    (row, column) in `padded` is the first tap of the block's first pixel.
    """
    weights_x, slopes_x, weights_y, slopes_y = _weights(x), _slopes(x), _weights(y), _slopes(y)
    value = slope_x = slope_y = broadcast(_ZERO)
    # Written out, as a tuple cannot be indexed by a variable.
    along = _blend(padded, row, column, weights_x)
    value = along * weights_y[0]
    slope_y = along * slopes_y[0]
    slope_x = _blend(padded, row, column, slopes_x) * weights_y[0]
    along = _blend(padded, row + 1, column, weights_x)
    value = multiply_add(along, weights_y[1], value)
    slope_y = multiply_add(along, slopes_y[1], slope_y)
    slope_x = multiply_add(_blend(padded, row + 1, column, slopes_x), weights_y[1], slope_x)
    along = _blend(padded, row + 2, column, weights_x)
    value = multiply_add(along, weights_y[2], value)
    slope_y = multiply_add(along, slopes_y[2], slope_y)
    slope_x = multiply_add(_blend(padded, row + 2, column, slopes_x), weights_y[2], slope_x)
    along = _blend(padded, row + 3, column, weights_x)
    value = multiply_add(along, weights_y[3], value)
    slope_y = multiply_add(along, slopes_y[3], slope_y)
    slope_x = multiply_add(_blend(padded, row + 3, column, slopes_x), weights_y[3], slope_x)
    along = _blend(padded, row + 4, column, weights_x)
    value = multiply_add(along, weights_y[4], value)
    slope_y = multiply_add(along, slopes_y[4], slope_y)
    slope_x = multiply_add(_blend(padded, row + 4, column, slopes_x), weights_y[4], slope_x)
    return value, slope_x, slope_y


@_jit
def _weight(distance: Scalar) -> Scalar:
    """Cubic B-spline at a signed distance: ((2 - |d|)+^3 - 4 (1 - |d|)+^3) / 6."""
    size = abs(distance)
    far = _TWO - size if size < _TWO else _ZERO
    near = _ONE - size if size < _ONE else _ZERO
    return _SIXTH * (far * far * far - _FOUR * near * near * near)


@_jit
def _slope(distance: Scalar) -> Scalar:
    """Derivative of the cubic B-spline."""
    size = abs(distance)
    far = _TWO - size if size < _TWO else _ZERO
    near = _ONE - size if size < _ONE else _ZERO
    falling = _TWO * near * near - _HALF * far * far
    return falling if distance > _ZERO else -falling


@_jit
def _sample_pixel(padded: Plane, x: Scalar, y: Scalar) -> ScalarSample:
    """Value, d/dx and d/dy at one point, at most one pixel outside the image."""
    column = int(np.floor(x))
    row = int(np.floor(y))
    value, slope_x, slope_y = _ZERO, _ZERO, _ZERO
    for k in range(-1, 3):
        along_row, slope_along_row = _ZERO, _ZERO
        for m in range(-1, 3):
            sample = padded[PADDING + row + k, PADDING + column + m]
            distance = x - np.float32(column + m)
            along_row += _weight(distance) * sample
            slope_along_row += _slope(distance) * sample
        distance = y - np.float32(row + k)
        value += _weight(distance) * along_row
        slope_y += _slope(distance) * along_row
        slope_x += _weight(distance) * slope_along_row
    return value, slope_x, slope_y


@_jit
def _overlap(position: Vector, last: Scalar) -> Vector:
    """1 inside the image (0 to `last`), falling to 0 one pixel outside."""
    one, zero = broadcast(_ONE), broadcast(_ZERO)
    inside = minimum(position + one, broadcast(last + _ONE) - position)
    return maximum(minimum(inside, one), zero)


@_jit
def _overlap_of_pixel(position: Scalar, last: Scalar) -> Scalar:
    return max(min(position + _ONE, last + _ONE - position, _ONE), _ZERO)


@_jit
def _linearise_pixel(
    state: Plane,
    row: int,
    i: int,
    j: int,
    smooth_reference: Plane,
    padded_moving: Plane,
    right: Scalar,
    bottom: Scalar,
) -> None:
    """What `_linearise_block` does, for one pixel."""
    u, v = state[row + U, MARGIN + j], state[row + V, MARGIN + j]
    x, y = np.float32(j) + u, np.float32(i) + v
    overlap = _overlap_of_pixel(x, right) * _overlap_of_pixel(y, bottom)
    gradient_x, gradient_y, difference = _ZERO, _ZERO, _ZERO
    if overlap > _ZERO:
        value, slope_x, slope_y = _sample_pixel(padded_moving, x, y)
        gradient_x, gradient_y = overlap * slope_x, overlap * slope_y
        difference = overlap * (value - smooth_reference[i, j])
    squared = gradient_x * gradient_x + gradient_y * gradient_y
    state[row + GRADIENT_X, MARGIN + j] = gradient_x
    state[row + GRADIENT_Y, MARGIN + j] = gradient_y
    state[row + RESIDUAL, MARGIN + j] = difference - (gradient_x * u + gradient_y * v)
    state[row + INVERSE_SQUARED_GRADIENT, MARGIN + j] = _ONE / (squared + _FLOOR)


@_jit
def _linearise_block(
    state: Plane,
    row: int,
    j: int,
    difference: Vector,
    overlap: Vector,
    slope_x: Vector,
    slope_y: Vector,
) -> None:
    """Store the linear model of ``moving(x + u) - reference(x)`` for a block."""
    gradient_x, gradient_y = overlap * slope_x, overlap * slope_y
    u, v = load(state, row + U, MARGIN + j), load(state, row + V, MARGIN + j)
    moved = multiply_add(gradient_x, u, gradient_y * v)
    squared = multiply_add(gradient_x, gradient_x, gradient_y * gradient_y)
    store(state, row + GRADIENT_X, MARGIN + j, gradient_x)
    store(state, row + GRADIENT_Y, MARGIN + j, gradient_y)
    store(state, row + RESIDUAL, MARGIN + j, overlap * difference - moved)
    inverse = broadcast(_ONE) / (squared + broadcast(_FLOOR))
    store(state, row + INVERSE_SQUARED_GRADIENT, MARGIN + j, inverse)


@_jit
def smooth(padded: Plane, out: Plane) -> None:
    """The spline of an unmoved image: the same smoothing that `linearise` gives the moving one."""
    height, width = out.shape
    still = broadcast(_ZERO)
    for i in range(height):
        for start in range(0, width, LANES):
            # The last block overlaps the one before instead of reaching outside.
            j = min(start, width - LANES)
            row, column = i + PADDING - 1, j + PADDING - 1
            value, _, _ = _sample_block(padded, row, column, still, still)
            store(out, i, j, value)


@_jit
def linearise(state: Plane, smooth_reference: Plane, padded_moving: Plane) -> None:
    """Linearise ``moving(x + u) - reference(x)`` around the flow (IPOL 2013, equation 9).

    Reads u and v of `state`, writes gradient, residual and inverse squared gradient. Afterwards
    ``residual + gradient . u`` is the brightness difference for a flow u near the present one.
    Pixels that the flow sends outside the image have no data term, and up to one pixel outside a
    fading one: the regulariser fills them in.
    """
    height, width = smooth_reference.shape
    rows, columns = padded_moving.shape
    right, bottom = np.float32(width - 1), np.float32(height - 1)
    positions = np.arange(width).astype(np.float32).reshape(1, width)
    for i in range(height):
        plane_row = PLANES * i
        for start in range(0, width, LANES):
            j = min(start, width - LANES)
            u, v = load(state, plane_row + U, MARGIN + j), load(state, plane_row + V, MARGIN + j)
            first_u, first_v = np.floor(smallest(u)), np.floor(smallest(v))
            column = j + int(first_u) + PADDING - 1
            row = i + int(first_v) + PADDING - 1
            fits = column >= 0 and column + LANES + 4 <= columns
            fits = fits and row >= 0 and row + 5 <= rows
            fits = fits and largest(u) < first_u + _TWO and largest(v) < first_v + _TWO
            if not fits:
                for k in range(j, j + LANES):
                    _linearise_pixel(
                        state, plane_row, i, k, smooth_reference, padded_moving, right, bottom
                    )
                continue
            value, slope_x, slope_y = _sample_block(
                padded_moving, row, column, u - broadcast(first_u), v - broadcast(first_v)
            )
            overlap = _overlap(load(positions, 0, j) + u, right) * _overlap(
                broadcast(np.float32(i)) + v, bottom
            )
            difference = value - load(smooth_reference, i, j)
            _linearise_block(state, plane_row, j, difference, overlap, slope_x, slope_y)
