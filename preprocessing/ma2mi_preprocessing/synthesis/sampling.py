"""Reading a picture between its samples.

`cv2.remap` rounds positions to 1/32 of a sample, as much as the smallest micro-movements change
from frame to frame; ground truth needs exact positions.
"""

import numpy as np

from ..kernels.compilation import kernel
from .geometry import FloatArray
from .pixel_vectors import LANES, added, load_pixel, store_pixel, weighted

Weights = tuple[np.float32, np.float32, np.float32, np.float32]

_HALF, _ONE, _TWO = np.float32(0.5), np.float32(1.0), np.float32(2.0)
_THREE, _FOUR, _FIVE = np.float32(3.0), np.float32(4.0), np.float32(5.0)


@kernel
def cubic_weights(t: np.float32) -> Weights:
    """Catmull-Rom weights of the samples at -1, 0, 1 and 2 for a position in 0..1."""
    return (
        _HALF * t * (t * (_TWO - t) - _ONE),
        _HALF * (t * t * (_THREE * t - _FIVE) + _TWO),
        _HALF * t * (t * (_FOUR - _THREE * t) + _ONE),
        _HALF * t * t * (t - _ONE),
    )


@kernel
def _row(picture: FloatArray, i: int, j: int, across: Weights) -> FloatArray:
    """Four neighbours of a row, weighted: all channels at once."""
    return added(
        added(
            added(
                weighted(load_pixel(picture, i, j), across[0]),
                weighted(load_pixel(picture, i, j + 1), across[1]),
            ),
            weighted(load_pixel(picture, i, j + 2), across[2]),
        ),
        weighted(load_pixel(picture, i, j + 3), across[3]),
    )


@kernel
def _inside(picture: FloatArray, top: int, left: int, across: Weights, down: Weights) -> FloatArray:
    """All channels of a position whose neighbours, and one pixel more, are in the picture."""
    value = weighted(_row(picture, top, left, across), down[0])
    value = added(value, weighted(_row(picture, top + 1, left, across), down[1]))
    value = added(value, weighted(_row(picture, top + 2, left, across), down[2]))
    return added(value, weighted(_row(picture, top + 3, left, across), down[3]))


@kernel
def _anywhere(
    picture: FloatArray, c: int, top: int, left: int, across: Weights, down: Weights
) -> np.float32:
    """One channel of any position: beyond the edges the outermost samples go on."""
    height, width, _ = picture.shape
    value = np.float32(0.0)
    for m in range(4):
        row = min(max(top + m, 0), height - 1)
        value += down[m] * (
            across[0] * picture[row, min(max(left, 0), width - 1), c]
            + across[1] * picture[row, min(max(left + 1, 0), width - 1), c]
            + across[2] * picture[row, min(max(left + 2, 0), width - 1), c]
            + across[3] * picture[row, min(max(left + 3, 0), width - 1), c]
        )
    return value


@kernel
def _sample_cubic(picture: FloatArray, x: FloatArray, y: FloatArray, out: FloatArray) -> None:
    """`out` (M, N, C) is followed by `LANES` floats more, which get anything."""
    height, width, channels = picture.shape
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            across = cubic_weights(x[i, j] - np.floor(x[i, j]))
            down = cubic_weights(y[i, j] - np.floor(y[i, j]))
            left, top = int(np.floor(x[i, j])) - 1, int(np.floor(y[i, j])) - 1
            # A vector reaches into the next pixel, of what is read and of what is written; the
            # next pixel written mends that.
            if 0 <= left < width - 4 and 0 <= top < height - 3 and channels <= LANES:
                store_pixel(out, i, j, _inside(picture, top, left, across, down))
            else:
                for c in range(channels):
                    out[i, j, c] = _anywhere(picture, c, top, left, across, down)


def sample_cubic(picture: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Cubic (Catmull-Rom) interpolation.

    Parameters
    ----------
    picture : ndarray, shape (H, W, C), float32
    x, y : ndarray, shape (M, N), float32
        Positions in samples of `picture`; beyond the edges its outermost samples go on.

    Returns
    -------
    ndarray, shape (M, N, C), float32
    """
    shape = (*x.shape, picture.shape[2])
    count = shape[0] * shape[1] * shape[2]
    out = np.empty(count + LANES, np.float32)[:count].reshape(shape)
    _sample_cubic(
        np.ascontiguousarray(picture, np.float32),
        np.ascontiguousarray(x, np.float32),
        np.ascontiguousarray(y, np.float32),
        out,
    )
    return out
