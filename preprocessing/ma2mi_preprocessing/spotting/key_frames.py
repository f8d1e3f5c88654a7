"""Onset, apex and offset in a motion curve."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .smoothing import smoothed_over_time

_SMOOTHING_SECONDS = 0.02
_FLANK = 0.15
# An apex is looked for in the curve smoothed by this share of the expression's duration: where it
# is flat, noise would put it anywhere.
_APEX_SMOOTHING = 0.1

_Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class KeyFrames:
    """Key frames of one expression, 0-based.

    Attributes
    ----------
    onset, apex, offset : int
        Last frame before the movement, strongest frame, first frame after it.
    strength : float
        How far the curve rises at the apex above what surrounds the expression, in pixels.
    contrast : float
        The same in deviations of the curve's noise; a still face gets up to about 10 by chance. Of
        an `ExpressionEvent`, in levels of a still face.
    """

    onset: int
    apex: int
    offset: int
    strength: float
    contrast: float


def find_key_frames(curve: npt.ArrayLike, fps: float, *, longest_seconds: float = 4.0) -> KeyFrames:
    """Find the strongest expression in a curve of distances from a still face.

    Parameters
    ----------
    curve : array_like, shape (T,)
        From `motion_curve` with a `reference` (or neither option), or of `measure_movement`.
    fps : float
        Frames a second.
    longest_seconds : float, optional
        Whatever lasts longer than this is a change of the whole scene or pose, not an expression.

    Returns
    -------
    KeyFrames

    Raises
    ------
    ValueError
        An empty curve, or `fps` or `longest_seconds` not positive.
    """
    values = np.asarray(curve, np.float64)
    if values.ndim != 1 or len(values) == 0 or not np.isfinite(values).all():
        raise ValueError(
            f"`curve` must be a finite vector with at least one value. Received: shape="
            f"{values.shape}"
        )
    for name, value in (("fps", fps), ("longest_seconds", longest_seconds)):
        if not value > 0:
            raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
    longest = max(2, round(longest_seconds * fps))
    smooth = smoothed_over_time(values, _SMOOTHING_SECONDS * fps)
    rise = smooth - _surroundings(smooth, longest)
    peak = int(rise.argmax())
    onset, offset = flanks(rise, peak, _FLANK * rise[peak])
    onset, offset = max(onset, peak - longest), min(offset, peak + longest)
    noise = float(np.median(np.abs(np.diff(values)))) if len(values) > 1 else 0.0
    return KeyFrames(
        onset=onset,
        apex=apex_between(rise, onset, offset),
        offset=offset,
        strength=float(rise[peak]),
        # Median of |difference of two normal values|: 0.954 deviations.
        contrast=float(rise[peak] / max(noise / 0.954, 1e-6)),
    )


def flanks(curve: _Values, peak: int, level: float) -> tuple[int, int]:
    """Last frame before `peak` and first one after it at which the curve is not above `level`."""
    low = curve <= level
    before, after = np.flatnonzero(low[:peak]), np.flatnonzero(low[peak + 1 :])
    onset = int(before[-1]) if len(before) else 0
    offset = peak + 1 + int(after[0]) if len(after) else len(curve) - 1
    return onset, offset


def apex_between(curve: _Values, onset: int, offset: int) -> int:
    """Strongest frame of an expression, of the curve smoothed in proportion to its duration."""
    deviation = _APEX_SMOOTHING * (offset - onset)
    part = smoothed_over_time(curve[onset : offset + 1], deviation)
    return onset + int(part.argmax())


def _surroundings(curve: _Values, longest: int) -> _Values:
    """The curve without its hills shorter than `longest`: a running minimum, then maximum."""
    reach = longest // 2
    windows = np.lib.stride_tricks.sliding_window_view
    low = windows(np.pad(curve, reach, constant_values=np.inf), 2 * reach + 1).min(axis=-1)
    return windows(np.pad(low, reach, constant_values=-np.inf), 2 * reach + 1).max(axis=-1)
