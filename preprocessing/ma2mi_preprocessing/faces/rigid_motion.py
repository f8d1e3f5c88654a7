"""The movement of the head as a whole, told from that of the face, in one flow field."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

# Flow is smooth: one vector in 8 by 8 pixels (of 224) tells as much as all of them.
_POINTS_ACROSS = 28
# Half axes of the ellipse within which an aligned crop shows a face and no background, as
# fractions of its side.
_HALF_WIDTH, _HALF_HEIGHT = 0.36, 0.45

# With so many draws the best pair of points is off the moving parts even where they are 7 tenths.
_DRAWS = 128
_LEAST_APART = 0.18
# Fractions of the side; 0.15, 0.03 and 0.3 pixels of 224. The second is the deviation of TV-L1's
# vectors on still skin: a larger one would take slight expressions for noise and follow them.
_AGREEING = 0.15 / 224
_LARGEST_DEVIATION = 0.03 / 224
_SUPPORTING = 0.3 / 224
_REWEIGHTINGS = 6
_CUT_OFF = 4.685


@dataclass(frozen=True)
class RigidMotion:
    """Rotation, one scale and a shift, as the flow of a square picture.

    Attributes
    ----------
    matrix : ndarray, shape (3, 3), float64
        Takes a point ``(x, y, 1)`` of the reference to its place in the moving picture, pixels.
    length : float
        Mean length of the movement over the face, pixels.
    support : float
        Share of the face, 0..1, that moves so within a third of a pixel (of 224).
    """

    matrix: Floats
    length: float
    support: float


def rigid_motion(flow: NDArray[np.float32]) -> RigidMotion:
    """Find the movement that most of a face agrees on.

    The best of many pairs of points (drawn once, the same for all frames) gives a first estimate
    that a face moving in half of its area cannot pull away; Tukey's biweight refines it.

    Parameters
    ----------
    flow : ndarray, shape (S, S, 2), float32
        Flow of an aligned face, pixels.

    Returns
    -------
    RigidMotion

    References
    ----------
    .. [1] P. H. S. Torr, A. Zisserman, "MLESAC: a new robust estimator with application to
           estimating image geometry", CVIU 78, 2000, DOI 10.1006/cviu.1999.0832.
    """
    side = flow.shape[0]
    rows, columns, points, first, second = _sample_points(side)
    vectors = np.asarray(flow[rows, columns, 0] + 1j * flow[rows, columns, 1], np.complex128)
    slope, shift = _best_pair(points, vectors, first, second, _AGREEING * side)
    for _ in range(_REWEIGHTINGS):
        distance = np.abs(vectors - slope * points - shift)
        deviation = min(float(np.median(distance)) / 1.1774, _LARGEST_DEVIATION * side)
        weights = np.clip(1.0 - (distance / (_CUT_OFF * max(deviation, 1e-4))) ** 2, 0, None) ** 2
        slope, shift = _weighted_fit(points, vectors, weights + 1e-9)
    moved = slope * points + shift
    return RigidMotion(
        matrix=_matrix(slope, shift, (side - 1) / 2),
        length=float(np.abs(moved).mean()),
        support=float((np.abs(vectors - moved) <= _SUPPORTING * side).mean()),
    )


@cache
def _sample_points(
    side: int,
) -> tuple[NDArray[np.intp], NDArray[np.intp], Complex, NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the points, their places from the middle, and pairs far apart."""
    centre = (side - 1) / 2
    step = max(1, side // _POINTS_ACROSS)
    axis = np.arange(step // 2, side, step)
    rows, columns = (grid.ravel() for grid in np.meshgrid(axis, axis, indexing="ij"))
    across, down = (columns - centre) / side, (rows - centre) / side
    inside = (across / _HALF_WIDTH) ** 2 + (down / _HALF_HEIGHT) ** 2 < 1
    rows, columns = rows[inside], columns[inside]
    points = (columns - centre) + 1j * (rows - centre)
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, len(points), (2, 2 * _DRAWS))
    apart = np.flatnonzero(np.abs(points[first] - points[second]) > _LEAST_APART * side)[:_DRAWS]
    return rows, columns, points, first[apart], second[apart]


def _best_pair(
    points: Complex,
    vectors: Complex,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    agreeing: float,
) -> tuple[complex, complex]:
    slopes = (vectors[first] - vectors[second]) / (points[first] - points[second])
    shifts = vectors[first] - slopes * points[first]
    off = vectors[None] - slopes[:, None] * points[None] - shifts[:, None]
    cost = np.minimum(off.real**2 + off.imag**2, agreeing**2).sum(axis=1)
    best = int(np.argmin(cost))
    return complex(slopes[best]), complex(shifts[best])


def _weighted_fit(points: Complex, vectors: Complex, weights: Floats) -> tuple[complex, complex]:
    total = weights.sum()
    middle, mean = (weights @ points) / total, (weights @ vectors) / total
    offsets = points - middle
    slope = (weights * offsets.conj()) @ (vectors - mean) / (weights @ np.abs(offsets) ** 2)
    return complex(slope), complex(mean - slope * middle)


def _matrix(slope: complex, shift: complex, centre: float) -> Floats:
    # z -> z + slope * (z - middle) + shift, with the picture's middle at centre + i centre.
    factor = 1.0 + slope
    middle = complex(centre, centre)
    constant = shift - slope * middle
    return np.array(
        [
            [factor.real, -factor.imag, constant.real],
            [factor.imag, factor.real, constant.imag],
            [0.0, 0.0, 1.0],
        ]
    )
