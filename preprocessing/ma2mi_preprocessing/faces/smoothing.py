"""Eye positions over time without the detector's jitter.

A detector places eyes within about a twentieth of their distance, anew in each frame: ten times as
much as a micro-expression moves the skin. Aligning each frame by itself would bury it.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# An eye this far (in distances between the eyes) from where its neighbours say is a misfit, unless
# the whole stretch is as noisy as that.
_OUTLIER_DISTANCE = 0.15
_OUTLIER_DEVIATIONS = 4.0
_REACH_SIGMAS = 1.5


def smooth_positions(
    times: Floats, positions: Floats, weights: Floats, at: Floats, sigma: float
) -> Floats:
    """Smooth and interpolate positions by Gaussian-weighted local straight lines.

    A local line, unlike a local mean, does not lag behind a moving head and does not bend at the
    first and last frame.

    Parameters
    ----------
    times : ndarray, shape (N,)
        Seconds at which positions are known, ascending.
    positions : ndarray, shape (N, D)
        Known positions.
    weights : ndarray, shape (N,)
        Trust in each, positive.
    at : ndarray, shape (T,)
        Seconds at which positions are wanted.
    sigma : float
        Standard deviation of the Gaussian in seconds.

    Returns
    -------
    ndarray, shape (T, D)
    """
    smoothed = np.empty((len(at), positions.shape[1]))
    for row, time in enumerate(at):
        distance = times - time
        # The nearest known position always counts, however long the gap around it is.
        gap = np.abs(distance).min()
        kernel = weights * np.exp(-0.5 * (distance**2 - gap**2) / sigma**2)
        smoothed[row] = _line_at_zero(distance, positions, kernel / kernel.sum())
    return smoothed


def _line_at_zero(distance: Floats, positions: Floats, kernel: Floats) -> Floats:
    centre = kernel @ distance
    mean = kernel @ positions
    offsets = distance - centre
    spread = kernel @ offsets**2
    if spread < 1e-9:
        return np.asarray(mean)
    slope = (kernel * offsets) @ (positions - mean) / spread
    return np.asarray(mean - slope * centre)


def inliers(times: Floats, eyes: Floats, sigma: float) -> NDArray[np.bool_]:
    """Tell which detections agree with their neighbours in time.

    Parameters
    ----------
    times : ndarray, shape (N,)
        Seconds.
    eyes : ndarray, shape (N, 4)
        ``left_x, left_y, right_x, right_y``.
    sigma : float
        Seconds; neighbours are those within 1.5 times this.

    Returns
    -------
    ndarray of bool, shape (N,)
        At least half are true.
    """
    reach = _REACH_SIGMAS * sigma
    expected = np.stack([_robust_line(times, eyes, time, reach) for time in times])
    distance = np.hypot(eyes[:, 2] - eyes[:, 0], eyes[:, 3] - eyes[:, 1])
    residual = np.abs(eyes - expected).max(axis=1) / np.median(distance)
    limit = max(_OUTLIER_DISTANCE, _OUTLIER_DEVIATIONS * float(np.median(residual)))
    return np.asarray(residual <= limit)


def _robust_line(times: Floats, eyes: Floats, time: float, reach: float) -> Floats:
    """Theil-Sen line through the neighbours of a moment, taken at that moment."""
    near = np.abs(times - time) <= reach
    offsets, values = times[near] - time, eyes[near]
    first, second = np.triu_indices(len(offsets), k=1)
    if not len(first):
        return np.asarray(values[0])
    apart = (offsets[second] - offsets[first])[:, None]
    slope = np.median((values[second] - values[first]) / apart, axis=0)
    return np.asarray(np.median(values - offsets[:, None] * slope, axis=0))
