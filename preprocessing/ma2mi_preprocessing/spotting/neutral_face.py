"""What a face looks like when nothing moves, though it slowly changes."""

import numpy as np
import numpy.typing as npt

from .displacements import Vectors

_KNOT_SECONDS = 0.5
# An expression takes up less than half of twice this, so that most frames show a still face.
_REACH_SECONDS = 5.0
# Frames this near to each other, in deviations of the noise, show the same face.
_SAME_FACE = 2.0
_APART = 3


def neutral_face(vectors: Vectors, rate: float) -> Vectors:
    """The state near which the face stays longest, followed over time.

    The mode of the frames within five seconds on either side, found twice a second: unlike a mean
    or a median it is not drawn towards an expression, whichever way that goes.

    Parameters
    ----------
    vectors : ndarray, shape (T, R, 2), float32
    rate : float
        Frames a second.

    Returns
    -------
    ndarray, shape (T, R, 2), float32
    """
    count = len(vectors)
    flat = vectors.reshape(count, -1).astype(np.float64)
    squares = (flat**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares[None, :] - 2 * flat @ flat.T, 0.0)
    width = _SAME_FACE**2 * _noise_squared(distance)
    knots = np.unique(np.linspace(0, count - 1, 1 + round(count / (_KNOT_SECONDS * rate))))
    reach = round(_REACH_SECONDS * rate)
    modes = []
    for knot in knots.astype(int):
        near = np.s_[max(0, knot - reach) : knot + reach + 1]
        alike = np.exp(-0.5 * distance[near, near] / width)
        weight = alike[int(alike.sum(axis=1).argmax())]
        modes.append(weight @ flat[near] / weight.sum())
    return _interpolated(knots, np.stack(modes), count).reshape(vectors.shape)


def _noise_squared(distance: npt.NDArray[np.float64]) -> float:
    """Squared distance of frames in a quiet phase."""
    apart = min(_APART, len(distance) - 1)
    if apart < 1:
        return 1e-12
    return max(float(np.quantile(np.diag(distance, apart), 0.25)), 1e-12)


def _interpolated(
    knots: npt.NDArray[np.float64], values: npt.NDArray[np.float64], count: int
) -> Vectors:
    place = np.interp(np.arange(count), knots, np.arange(len(knots)))
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(knots) - 1)
    share = (place - low)[:, None]
    return np.asarray((1 - share) * values[low] + share * values[high], np.float32)
