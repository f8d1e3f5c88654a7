"""Warping with cubic B-splines: value and both derivatives of the moving image at once.

The samples are taken as spline coefficients without the usual prefilter. That evaluates the image
smoothed by [1 4 1]/6 along each axis, which makes the flow far less sensitive to noise; the
reference must be smoothed alike, and is, by the same kernel with a flow of zero.

Flow is smooth, so a block of neighbouring pixels mostly lands on neighbouring pixels: all of them
then share 5x5 taps at fixed distances, and the loop over the block needs no gathers. Where the
flow spreads a block too far, its pixels are sampled one by one.
"""

import numba
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
Scalar = np.float32
Taps = tuple[Scalar, Scalar, Scalar, Scalar, Scalar]

# No `nnan`/`ninf`: those would let LLVM drop comparisons that a NaN must survive.
_jit = numba.njit(
    cache=True,
    nogil=True,
    error_model="numpy",
    fastmath={"nsz", "arcp", "contract", "afn", "reassoc"},
)

PADDING = 8
"""Pixels by which the moving image is padded on each side, its border repeated."""

_BLOCK = 32
_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_THREE = np.float32(3.0)
_FOUR = np.float32(4.0)
_SIXTH = np.float32(1.0 / 6.0)
# Keeps the division of the thresholding step finite where the image is flat (intensities 0..1).
_SMALLEST_SQUARED_GRADIENT = np.float32(1e-7)


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
def _weights5(distance: Scalar) -> Taps:
    """Weights of five taps in a row, the first at `distance` before the point."""
    return (
        _weight(distance),
        _weight(distance - _ONE),
        _weight(distance - _TWO),
        _weight(distance - _THREE),
        _weight(distance - _FOUR),
    )


@_jit
def _slopes5(distance: Scalar) -> Taps:
    """Derivatives of `_weights5` with respect to the point's position."""
    return (
        _slope(distance),
        _slope(distance - _ONE),
        _slope(distance - _TWO),
        _slope(distance - _THREE),
        _slope(distance - _FOUR),
    )


@_jit
def _dot(a: Taps, b: Taps) -> Scalar:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] + a[4] * b[4]


@_jit
def _blend(line: Plane, j: int, taps: Taps) -> Scalar:
    a, b, c, d, e = taps
    return a * line[j] + b * line[j + 1] + c * line[j + 2] + d * line[j + 3] + e * line[j + 4]


@_jit
def _sample_block(
    line0: Plane,
    line1: Plane,
    line2: Plane,
    line3: Plane,
    line4: Plane,
    u: Plane,
    v: Plane,
    first_u: Scalar,
    first_v: Scalar,
    out: Plane,
) -> None:
    """Sample one block whose flow lies within [first, first + 2) along each axis.

    The lines are the five rows of the image that the block needs, from the first tap on. `out`
    takes value, d/dx and d/dy of each pixel side by side, because LLVM vectorises only with few
    checks for overlapping memory, and three outputs would need three times as many. For the same
    reason the lines are five arguments: in a loop over a tuple it does not vectorise at all.
    """
    for j in range(u.size):
        x = u[j] - first_u + _ONE
        y = v[j] - first_v + _ONE
        weights = _weights5(x)
        slopes = _slopes5(x)
        along_rows = (
            _blend(line0, j, weights),
            _blend(line1, j, weights),
            _blend(line2, j, weights),
            _blend(line3, j, weights),
            _blend(line4, j, weights),
        )
        slopes_along_rows = (
            _blend(line0, j, slopes),
            _blend(line1, j, slopes),
            _blend(line2, j, slopes),
            _blend(line3, j, slopes),
            _blend(line4, j, slopes),
        )
        weights = _weights5(y)
        out[3 * j] = _dot(weights, along_rows)
        out[3 * j + 1] = _dot(weights, slopes_along_rows)
        out[3 * j + 2] = _dot(_slopes5(y), along_rows)


@_jit
def _sample_pixel(padded: Plane, x: Scalar, y: Scalar, out: Plane) -> None:
    """Sample one point inside the image."""
    column = int(x)
    row = int(y)
    value, slope_x, slope_y = _ZERO, _ZERO, _ZERO
    for k in range(-1, 3):
        line = padded[PADDING + row + k]
        along_row, slope_along_row = _ZERO, _ZERO
        for m in range(-1, 3):
            distance = x - np.float32(column + m)
            along_row += _weight(distance) * line[PADDING + column + m]
            slope_along_row += _slope(distance) * line[PADDING + column + m]
        distance = y - np.float32(row + k)
        value += _weight(distance) * along_row
        slope_y += _slope(distance) * along_row
        slope_x += _weight(distance) * slope_along_row
    out[0] = value
    out[1] = slope_x
    out[2] = slope_y


@_jit
def _range(values: Plane) -> tuple[Scalar, Scalar]:
    low, high = values[0], values[0]
    for j in range(1, values.size):
        low = values[j] if values[j] < low else low
        high = values[j] if values[j] > high else high
    return low, high


@_jit
def _sample_row(padded: Plane, i: int, u: Plane, v: Plane, out: Plane) -> None:
    """Sample the image at ``(j + u[j], i + v[j])`` for a row; `out` as in `_sample_block`.

    What `out` holds for points outside the image is unspecified.
    """
    width = u.size
    right = np.float32(padded.shape[1] - 2 * PADDING - 1)
    bottom = np.float32(padded.shape[0] - 2 * PADDING - 1)
    for start in range(0, width, _BLOCK):
        stop = min(start + _BLOCK, width)
        low_u, high_u = _range(u[start:stop])
        low_v, high_v = _range(v[start:stop])
        first_u, first_v = np.floor(low_u), np.floor(low_v)
        column = start + int(first_u) + PADDING - 1
        row = i + int(first_v) + PADDING - 1
        fits = column >= 0 and column + (stop - start) + 4 <= padded.shape[1]
        fits = fits and row >= 0 and row + 5 <= padded.shape[0]
        if fits and high_u < first_u + _TWO and high_v < first_v + _TWO:
            end = column + (stop - start) + 4
            _sample_block(
                padded[row][column:end],
                padded[row + 1][column:end],
                padded[row + 2][column:end],
                padded[row + 3][column:end],
                padded[row + 4][column:end],
                u[start:stop],
                v[start:stop],
                first_u,
                first_v,
                out[3 * start :],
            )
            continue
        for j in range(start, stop):
            x, y = np.float32(j) + u[j], np.float32(i) + v[j]
            if x >= _ZERO and x <= right and y >= _ZERO and y <= bottom:
                _sample_pixel(padded, x, y, out[3 * j :])


@_jit
def smooth(padded: Plane, out: Plane) -> None:
    """The spline of an unmoved image: the same smoothing that `linearise` gives the moving one."""
    height, width = out.shape
    still = np.zeros(width, np.float32)
    samples = np.empty(3 * width, np.float32)
    for i in range(height):
        _sample_row(padded, i, still, still, samples)
        for j in range(width):
            out[i, j] = samples[3 * j]


@_jit
def _mask_row(samples: Plane, reference: Plane, i: int, u: Plane, v: Plane, bottom: Scalar) -> None:
    """Outside the image, take away the data term: no brightness difference, no gradient."""
    right = np.float32(u.size - 1)
    for j in range(u.size):
        x, y = np.float32(j) + u[j], np.float32(i) + v[j]
        if not (x >= _ZERO and x <= right and y >= _ZERO and y <= bottom):
            samples[3 * j] = reference[j]
            samples[3 * j + 1] = _ZERO
            samples[3 * j + 2] = _ZERO


@_jit
def linearise(
    reference: Plane,
    padded_moving: Plane,
    flow: Plane,
    gradient: Plane,
    residual: Plane,
    inverse_squared_gradient: Plane,
) -> None:
    """Linearise ``moving(x + u) - reference(x)`` around `flow` (IPOL 2013, equation 9).

    Afterwards ``residual + gradient . u`` is the brightness difference for a flow u near `flow`.
    Pixels that the flow sends outside the image get no data term: the regulariser fills them in.
    """
    height, width = reference.shape
    samples = np.empty(3 * width, np.float32)
    for i in range(height):
        u, v = flow[0, i], flow[1, i]
        _sample_row(padded_moving, i, u, v, samples)
        _mask_row(samples, reference[i], i, u, v, np.float32(height - 1))
        gradient_x, gradient_y = gradient[0, i], gradient[1, i]
        for j in range(width):
            gradient_x[j] = samples[3 * j + 1]
        for j in range(width):
            gradient_y[j] = samples[3 * j + 2]
        for j in range(width):
            moved = samples[3 * j + 1] * u[j] + samples[3 * j + 2] * v[j]
            residual[i, j] = samples[3 * j] - reference[i, j] - moved
        for j in range(width):
            gx, gy = gradient_x[j], gradient_y[j]
            inverse_squared_gradient[i, j] = _ONE / (gx * gx + gy * gy + _SMALLEST_SQUARED_GRADIENT)
