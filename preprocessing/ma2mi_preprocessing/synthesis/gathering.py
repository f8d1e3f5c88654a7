"""Skin that is gathered towards a line, as a lid's is when it opens: where it was before.

Skin at `s` is drawn by ``amount * eased((s - rest) / (stiff - rest))``: not at all up to the line
`rest`, by all of `amount` from the line `stiff` on, and evenly but for rounded ends between them.
"""

import numpy as np

from ..kernels.compilation import kernel
from .geometry import AnyFloatArray

ROUNDING = 0.15
"""Share of the way from rest to stiff that either rounded end takes."""

_MOST_STEPS = 12
_TOLERANCE = 1e-7
_LEAST_SLOPE = 0.15


@kernel
def _eased(position: float) -> tuple[float, float]:
    """From 0 at 0 to 1 at 1, straight but for rounded ends; and how steep it is there."""
    scale = 1.0 / (1.0 - ROUNDING)
    if position <= 0.0:
        return 0.0, 0.0
    if position >= 1.0:
        return 1.0, 0.0
    if position < ROUNDING:
        return scale * position * position / (2.0 * ROUNDING), scale * position / ROUNDING
    left = 1.0 - position
    if left < ROUNDING:
        return 1.0 - scale * left * left / (2.0 * ROUNDING), scale * left / ROUNDING
    return scale * (position - 0.5 * ROUNDING), scale


@kernel
def _undo(
    place: AnyFloatArray,
    rest: AnyFloatArray,
    stiff: AnyFloatArray,
    amount: AnyFloatArray,
    skin: AnyFloatArray,
) -> None:
    for i in range(len(place)):
        found, span = place[i], stiff[i] - rest[i]
        for _ in range(_MOST_STEPS):
            share, slope = _eased((found - rest[i]) / span)
            # Newton's steps, on a function that rises everywhere.
            step = (found + amount[i] * share - place[i]) / max(
                1.0 + amount[i] * slope / span, _LEAST_SLOPE
            )
            found -= step
            if abs(step) < _TOLERANCE:
                break
        skin[i] = found


def eased(position: AnyFloatArray) -> AnyFloatArray:
    """From 0 at 0 to 1 at 1, straight but for rounded ends; any shape."""
    start = np.clip(position, 0.0, 1.0)
    low = np.minimum(start, ROUNDING) ** 2 / (2 * ROUNDING)
    middle = np.clip(start - ROUNDING, 0.0, 1.0 - 2 * ROUNDING)
    high = np.clip(start - (1.0 - ROUNDING), 0.0, None)
    end = high - high**2 / (2 * ROUNDING)
    return np.asarray((low + middle + end) / (1.0 - ROUNDING))


def before_gathering(
    place: AnyFloatArray, rest: AnyFloatArray, stiff: AnyFloatArray, amount: AnyFloatArray
) -> AnyFloatArray:
    """Where skin was that is now at `place`; all arguments have the same shape, any.

    Returns
    -------
    ndarray, float64
        `s` with ``s + amount * eased((s - rest) / (stiff - rest)) == place``.
    """
    skin = np.empty(place.shape)
    _undo(_flat(place), _flat(rest), _flat(stiff), _flat(amount), skin.reshape(-1))
    return skin


def _flat(values: AnyFloatArray) -> AnyFloatArray:
    return np.ascontiguousarray(values, np.float64).reshape(-1)
