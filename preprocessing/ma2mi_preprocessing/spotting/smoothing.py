"""Smoothing over time."""

import numpy as np
import numpy.typing as npt


def smoothed_over_time(values: npt.ArrayLike, deviation: float) -> npt.NDArray[np.float64]:
    """Gaussian mean along the first axis; the ends count on beyond.

    Parameters
    ----------
    values : array_like, shape (T, ...)
    deviation : float
        In frames.
    """
    array = np.asarray(values, np.float64)
    reach = min(int(3 * deviation + 0.5), len(array) - 1)
    if reach < 1:
        return array
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    padded = np.pad(array, [(reach, reach)] + [(0, 0)] * (array.ndim - 1), mode="edge")
    count = len(array)
    smooth = np.zeros_like(array)
    for place, weight in enumerate(weights / weights.sum()):
        smooth += weight * padded[place : place + count]
    return smooth
