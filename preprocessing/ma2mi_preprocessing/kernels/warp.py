"""Warping with cubic B-splines: value and both derivatives of the moving image at once.

The samples are taken as spline coefficients without the usual prefilter. That evaluates the image
smoothed by [1 4 1]/6 along each axis, which makes the flow far less sensitive to noise; the
reference must be smoothed alike, and is, by the same kernel with a flow of zero.

Flow is smooth, so a block of neighbouring pixels mostly lands on neighbouring pixels: all of them
then share 5x5 taps at fixed distances, and need no gathers. Where the flow spreads a block too
far, its pixels are sampled one by one.
"""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .layout import (
    BLOCK,
    GRADIENT_X,
    GRADIENT_Y,
    INVERSE_SQUARED_GRADIENT,
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

PADDING = 8
"""Pixels by which the moving image is padded on each side, its border repeated."""

SMALLEST_SQUARED_GRADIENT = 1e-4
"""Added to squared gradients before dividing by them: (2.55 grey levels per pixel)^2.

Where the image is flatter than that, its gradient is mostly noise, and would turn rounding errors
into movement.
"""

_FLOOR = np.float32(SMALLEST_SQUARED_GRADIENT)
# Position of the lanes beyond the last pixel: outside of every image, whatever their flow.
_FAR = np.float32(1e9)
_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_THREE = np.float32(3.0)
_FOUR = np.float32(4.0)
_SIXTH = np.float32(1.0 / 6.0)


@kernel
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


@kernel
def _fraction(x: Vector) -> Vector:
    one = broadcast(_ONE)
    return where_less(x, one, x, x - one)


@kernel
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


@kernel
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


@kernel
def _blend(plane: Plane, row: int, column: int, taps: Taps, narrow: bool) -> Vector:
    total = load(plane, row, column) * taps[0]
    total = multiply_add(load(plane, row, column + 1), taps[1], total)
    total = multiply_add(load(plane, row, column + 2), taps[2], total)
    total = multiply_add(load(plane, row, column + 3), taps[3], total)
    return total if narrow else multiply_add(load(plane, row, column + 4), taps[4], total)


@kernel
def _add_row(
    sample: Sample,
    padded: Plane,
    row: int,
    column: int,
    weights_x: Taps,
    slopes_x: Taps,
    weight_y: Vector,
    slope_y: Vector,
    narrow: bool,
) -> Sample:
    along = _blend(padded, row, column, weights_x, narrow)
    slope_along = _blend(padded, row, column, slopes_x, narrow)
    return (
        multiply_add(along, weight_y, sample[0]),
        multiply_add(slope_along, weight_y, sample[1]),
        multiply_add(along, slope_y, sample[2]),
    )


@kernel
def _sample_block(
    padded: Plane, row: int, column: int, x: Vector, y: Vector, narrow: bool
) -> Sample:
    """Value, d/dx and d/dy at ``0 <= x, y < 2`` from where the five taps' second sample lies.

    (row, column) in `padded` is the first tap of the block's first pixel. `narrow` promises that
    ``x, y < 1``: the fifth taps, whose weights are then zero, are left out.
    """
    wx, sx, wy, sy = _weights(x), _slopes(x), _weights(y), _slopes(y)
    zero = broadcast(_ZERO)
    # Written out, as a tuple cannot be indexed by a variable.
    sample = (zero, zero, zero)
    sample = _add_row(sample, padded, row, column, wx, sx, wy[0], sy[0], narrow)
    sample = _add_row(sample, padded, row + 1, column, wx, sx, wy[1], sy[1], narrow)
    sample = _add_row(sample, padded, row + 2, column, wx, sx, wy[2], sy[2], narrow)
    sample = _add_row(sample, padded, row + 3, column, wx, sx, wy[3], sy[3], narrow)
    if narrow:
        return sample
    return _add_row(sample, padded, row + 4, column, wx, sx, wy[4], sy[4], narrow)


@kernel
def _weight(distance: Scalar) -> Scalar:
    """Cubic B-spline at a signed distance: ((2 - |d|)+^3 - 4 (1 - |d|)+^3) / 6."""
    size = abs(distance)
    far = _TWO - size if size < _TWO else _ZERO
    near = _ONE - size if size < _ONE else _ZERO
    return _SIXTH * (far * far * far - _FOUR * near * near * near)


@kernel
def _slope(distance: Scalar) -> Scalar:
    """Derivative of the cubic B-spline."""
    size = abs(distance)
    far = _TWO - size if size < _TWO else _ZERO
    near = _ONE - size if size < _ONE else _ZERO
    falling = _TWO * near * near - _HALF * far * far
    return falling if distance > _ZERO else -falling


@kernel
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


@kernel
def _overlap(position: Vector, last: Scalar) -> Vector:
    """1 inside the image (0 to `last`), falling to 0 one pixel outside."""
    one, zero = broadcast(_ONE), broadcast(_ZERO)
    inside = minimum(position + one, broadcast(last + _ONE) - position)
    return maximum(minimum(inside, one), zero)


@kernel
def _overlap_of_pixel(position: Scalar, last: Scalar) -> Scalar:
    return max(min(position + _ONE, last + _ONE - position, _ONE), _ZERO)


@kernel
def _linearise_pixel(
    state: Plane,
    i: int,
    j: int,
    right: Scalar,
    bottom: Scalar,
    reference: Plane,
    padded_moving: Plane,
) -> None:
    """Sample one pixel and store its linear model: what a block does for all of its own."""
    at = BLOCK * (j // LANES) + j % LANES
    u, v = state[i, at + U], state[i, at + V]
    x, y = np.float32(j) + u, np.float32(i) + v
    overlap = _overlap_of_pixel(x, right) * _overlap_of_pixel(y, bottom)
    gradient_x, gradient_y, difference = _ZERO, _ZERO, _ZERO
    if overlap > _ZERO:
        value, slope_x, slope_y = _sample_pixel(padded_moving, x, y)
        gradient_x, gradient_y = overlap * slope_x, overlap * slope_y
        difference = overlap * (value - reference[i, j])
    squared = gradient_x * gradient_x + gradient_y * gradient_y
    state[i, at + GRADIENT_X] = gradient_x
    state[i, at + GRADIENT_Y] = gradient_y
    state[i, at + RESIDUAL] = difference - (gradient_x * u + gradient_y * v)
    state[i, at + INVERSE_SQUARED_GRADIENT] = _ONE / (squared + _FLOOR)


@kernel
def _store_model(
    state: Plane, i: int, at: int, sample: Sample, reference: Vector, overlap: Vector
) -> None:
    """Store the linear model of ``moving(x + u) - reference(x)`` for a block."""
    value, slope_x, slope_y = sample
    gradient_x, gradient_y = overlap * slope_x, overlap * slope_y
    u, v = load(state, i, at + U), load(state, i, at + V)
    moved = multiply_add(gradient_x, u, gradient_y * v)
    squared = multiply_add(gradient_x, gradient_x, gradient_y * gradient_y)
    inverse = broadcast(_ONE) / (squared + broadcast(_FLOOR))
    store(state, i, at + GRADIENT_X, gradient_x)
    store(state, i, at + GRADIENT_Y, gradient_y)
    store(state, i, at + RESIDUAL, overlap * (value - reference) - moved)
    store(state, i, at + INVERSE_SQUARED_GRADIENT, inverse)


@kernel
def smooth(padded: Plane, out: Plane) -> None:
    """The spline of an unmoved image: the same smoothing that `linearise` gives the moving one.

    `out` has as many rows as the image and whole blocks of columns: those beyond the image repeat
    its border, nearly.
    """
    still = broadcast(_ZERO)
    for i in range(out.shape[0]):
        for j in range(0, out.shape[1], LANES):
            row, column = i + PADDING - 1, j + PADDING - 1
            value, _, _ = _sample_block(padded, row, column, still, still, True)
            store(out, i, j, value)


@kernel
def _complete_last_block(state: Plane, i: int, width: int) -> None:
    """Let the lanes beyond the image move like the last pixel, so that they spread no block."""
    at = BLOCK * ((width - 1) // LANES)
    last = (width - 1) % LANES
    for lane in range(last + 1, LANES):
        state[i, at + U + lane] = state[i, at + U + last]
        state[i, at + V + lane] = state[i, at + V + last]


@kernel
def _linearise_row(
    state: Plane, i: int, width: int, reference: Plane, padded_moving: Plane, positions: Plane
) -> None:
    rows, columns = padded_moving.shape
    right, bottom = np.float32(width - 1), np.float32(reference.shape[0] - 1)
    for j in range(0, width, LANES):
        at = BLOCK * (j // LANES)
        u, v = load(state, i, at + U), load(state, i, at + V)
        first_u, first_v = np.floor(smallest(u)), np.floor(smallest(v))
        spread = max(largest(u) - first_u, largest(v) - first_v)
        column = j + int(first_u) + PADDING - 1
        row = i + int(first_v) + PADDING - 1
        fits = column >= 0 and column + LANES + 4 <= columns and row >= 0 and row + 5 <= rows
        if not fits or spread >= _TWO:
            for m in range(j, min(j + LANES, width)):
                _linearise_pixel(state, i, m, right, bottom, reference, padded_moving)
            continue
        x, y = u - broadcast(first_u), v - broadcast(first_v)
        if spread < _ONE:
            sample = _sample_block(padded_moving, row, column, x, y, True)
        else:
            sample = _sample_block(padded_moving, row, column, x, y, False)
        overlap = _overlap(load(positions, 0, j) + u, right)
        overlap = overlap * _overlap(broadcast(np.float32(i)) + v, bottom)
        _store_model(state, i, at, sample, load(reference, i, j), overlap)


@kernel
def linearise(state: Plane, width: int, smooth_reference: Plane, padded_moving: Plane) -> None:
    """Linearise ``moving(x + u) - reference(x)`` around the flow (IPOL 2013, equation 9).

    Reads u and v of `state`, writes gradient, residual and inverse squared gradient. Afterwards
    ``residual + gradient . u`` is the brightness difference for a flow u near the present one.
    Pixels that the flow sends outside the image have no data term, and up to one pixel outside a
    fading one: the regulariser fills them in.
    """
    positions = np.full((1, smooth_reference.shape[1]), _FAR, np.float32)
    positions[0, :width] = np.arange(width)
    for i in range(smooth_reference.shape[0]):
        _complete_last_block(state, i, width)
        _linearise_row(state, i, width, smooth_reference, padded_moving, positions)
