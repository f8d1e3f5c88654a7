"""Spotting as simple published code does it, to compare with."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..motion import to_gray
from ..spotting.smoothing import smoothed_over_time

Interval = tuple[int, int, str]
Values = npt.NDArray[np.float64]

# Half of the average duration of the expressions that are rendered, which published code takes
# from the training set.
HALF_SECONDS = {"micro": 0.15, "macro": 0.8}

# Share of the way from the mean to the maximum of the curve that a peak must reach. The best of
# 0.05, 0.1, ... 0.6 on the recordings that ours was tuned on, for each kind.
_PEAK_SHARE = {"micro": 0.2, "macro": 0.3}


def difference_to_first(
    frames: npt.NDArray[np.uint8], fps: float, kind: str
) -> tuple[int, int, int]:
    """Onset, apex and offset of a clip: the frame that differs most from the first is the apex.

    Onset and offset are half an average duration of the `kind` away, which this method is told.

    Parameters
    ----------
    frames : ndarray, shape (T, S, S, 3), uint8
    fps : float
    kind : {"micro", "macro"}
    """
    gray = _unit_gray(frames)
    apex = int(np.abs(gray - gray[:1]).mean(axis=(1, 2)).argmax())
    half = round(HALF_SECONDS[kind] * fps)
    return max(0, apex - half), apex, min(len(gray) - 1, apex + half)


def feature_differences(frames: npt.NDArray[np.uint8], fps: float) -> list[Interval]:
    """Intervals of a recording, by the difference of each frame to those before and after.

    Each frame is compared with the mean of the two that are half an average duration before and
    after; peaks of the contrasted curve above a share of its maximum are spotted, with an interval
    of the average duration. Once for each kind; grey levels take the place of the texture features
    of the original.

    Parameters
    ----------
    frames : ndarray, shape (T, S, S, 3), uint8
    fps : float

    Returns
    -------
    list of (int, int, str)
        First frame, last frame, kind.

    References
    ----------
    Moilanen, Zhao and Pietikäinen, "Spotting rapid facial movements from videos using
    appearance-based feature difference analysis", ICPR 2014.
    """
    gray = _unit_gray(frames)
    found: list[Interval] = []
    for kind in HALF_SECONDS:
        curve, half = contrasted(gray, fps, kind)
        found += [
            (max(0, peak - half), min(len(gray) - 1, peak + half), kind)
            for peak in peaks(curve, half, _PEAK_SHARE[kind])
        ]
    return sorted(found)


def contrasted(gray: Values, fps: float, kind: str) -> tuple[Values, int]:
    """The curve whose peaks are taken, (T,), and half the duration in frames."""
    half = max(1, round(HALF_SECONDS[kind] * fps))
    count = len(gray)
    before, after = np.arange(count) - half, np.arange(count) + half
    before, after = np.maximum(before, 0), np.minimum(after, count - 1)
    difference = np.array(
        [
            np.abs(gray[place] - 0.5 * (gray[first] + gray[second])).mean()
            for place, (first, second) in enumerate(zip(before, after, strict=True))
        ]
    )
    curve = difference - 0.5 * (difference[before] + difference[after])
    return smoothed_over_time(np.maximum(curve, 0.0), 0.2 * half), half


def peaks(curve: Values, apart: int, share: float) -> Sequence[int]:
    """Highest places above the threshold, at least `apart` frames from each other."""
    threshold = curve.mean() + share * (curve.max() - curve.mean())
    left = curve.copy()
    found = []
    while left.max() > threshold:
        place = int(left.argmax())
        found.append(place)
        left[max(0, place - apart) : place + apart + 1] = -np.inf
    return sorted(found)


def _unit_gray(frames: npt.NDArray[np.uint8]) -> Values:
    return np.stack([np.asarray(to_gray(frame), np.float32) / 255.0 for frame in frames])
