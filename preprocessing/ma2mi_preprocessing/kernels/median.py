"""Median filter over 3x3 neighbourhoods: removes the outliers of a flow field after each warp."""

import numba
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
Scalar = np.float32

_jit = numba.njit(cache=True, nogil=True, error_model="numpy")


@_jit
def _low(a: Scalar, b: Scalar) -> Scalar:
    return a if a < b else b


@_jit
def _high(a: Scalar, b: Scalar) -> Scalar:
    return b if a < b else a


@_jit
def _median3(a: Scalar, b: Scalar, c: Scalar) -> Scalar:
    return _high(_low(a, b), _low(_high(a, b), c))


@_jit
def _median9(
    a: Scalar,
    b: Scalar,
    c: Scalar,
    d: Scalar,
    e: Scalar,
    f: Scalar,
    g: Scalar,
    h: Scalar,
    i: Scalar,
) -> Scalar:
    """Median of nine without branches: sort three columns, then median of max, median and min."""
    low1, high1 = _low(_low(a, b), c), _high(_high(a, b), c)
    low2, high2 = _low(_low(d, e), f), _high(_high(d, e), f)
    low3, high3 = _low(_low(g, h), i), _high(_high(g, h), i)
    largest_low = _high(_high(low1, low2), low3)
    smallest_high = _low(_low(high1, high2), high3)
    middle = _median3(_median3(a, b, c), _median3(d, e, f), _median3(g, h, i))
    return _median3(largest_low, middle, smallest_high)


@_jit
def _median_row(above: Plane, row: Plane, below: Plane, out: Plane) -> None:
    last = row.size - 1
    for j in range(1, last):
        out[j] = _median9(
            above[j - 1],
            row[j - 1],
            below[j - 1],
            above[j],
            row[j],
            below[j],
            above[j + 1],
            row[j + 1],
            below[j + 1],
        )
    for j, inner in ((0, 1), (last, last - 1)):
        out[j] = _median9(
            above[j],
            row[j],
            below[j],
            above[j],
            row[j],
            below[j],
            above[inner],
            row[inner],
            below[inner],
        )


@_jit
def median_filter(planes: Plane, out: Plane) -> None:
    """Filter each plane of a (N, H, W) stack; pixels outside repeat the border."""
    height = planes.shape[1]
    for n in range(planes.shape[0]):
        for i in range(height):
            above = planes[n, max(i - 1, 0)]
            below = planes[n, min(i + 1, height - 1)]
            _median_row(above, planes[n, i], below, out[n, i])
