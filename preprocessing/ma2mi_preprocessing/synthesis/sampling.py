"""Reading a picture between its samples.

`cv2.remap` rounds positions to 1/32 of a sample, as much as the smallest micro-movements change
from frame to frame; ground truth needs exact positions.
"""

import numba as nb
import numpy as np

from .geometry import FloatArray


@nb.njit(cache=True, nogil=True)
def _cubic_weights(fraction: float, weights: FloatArray) -> None:
    """Catmull-Rom weights of the samples at -1, 0, 1 and 2 for a position in 0..1."""
    t = np.float32(fraction)
    half, one = np.float32(0.5), np.float32(1.0)
    three, five = np.float32(3.0), np.float32(5.0)
    weights[0] = half * t * (t * (np.float32(2.0) - t) - one)
    weights[1] = half * (t * t * (three * t - five) + np.float32(2.0))
    weights[2] = half * t * (t * (np.float32(4.0) - three * t) + one)
    weights[3] = half * t * t * (t - one)


@nb.njit(cache=True, nogil=True)
def _sample_cubic(picture: FloatArray, x: FloatArray, y: FloatArray, out: FloatArray) -> None:
    height, width, channels = picture.shape
    across = np.empty(4, np.float32)
    down = np.empty(4, np.float32)
    columns = np.empty(4, np.intp)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            left, top = np.floor(x[i, j]), np.floor(y[i, j])
            _cubic_weights(x[i, j] - left, across)
            _cubic_weights(y[i, j] - top, down)
            for k in range(4):
                columns[k] = min(max(int(left) - 1 + k, 0), width - 1)
            for c in range(channels):
                out[i, j, c] = np.float32(0.0)
            for m in range(4):
                row = min(max(int(top) - 1 + m, 0), height - 1)
                for c in range(channels):
                    out[i, j, c] += down[m] * (
                        across[0] * picture[row, columns[0], c]
                        + across[1] * picture[row, columns[1], c]
                        + across[2] * picture[row, columns[2], c]
                        + across[3] * picture[row, columns[3], c]
                    )


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
    out = np.empty((*x.shape, picture.shape[2]), np.float32)
    _sample_cubic(
        np.ascontiguousarray(picture, np.float32),
        np.ascontiguousarray(x, np.float32),
        np.ascontiguousarray(y, np.float32),
        out,
    )
    return out
