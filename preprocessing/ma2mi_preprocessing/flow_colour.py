"""Flow as a colour picture: the direction gives the hue, the length the saturation."""

from functools import cache

import numpy as np
import numpy.typing as npt

from . import checks

# How many steps the wheel takes from one primary or secondary colour to the next (Baker et al.):
# more where the eye tells colours apart better.
_WHEEL = (
    ((255, 0, 0), 15),
    ((255, 255, 0), 6),
    ((0, 255, 0), 4),
    ((0, 255, 255), 11),
    ((0, 0, 255), 13),
    ((255, 0, 255), 6),
)

# Movements beyond the range are darkened, so that they cannot be taken for the longest in it.
_BEYOND_RANGE = 0.75


@cache
def _colour_wheel() -> npt.NDArray[np.float64]:
    """55 colours around the circle, 0..1, from red over yellow, green and blue."""
    arcs = []
    for index, (colour, steps) in enumerate(_WHEEL):
        following = _WHEEL[(index + 1) % len(_WHEEL)][0]
        share = np.arange(steps)[:, None] / steps
        arcs.append((1 - share) * np.array(colour) + share * np.array(following))
    return np.concatenate(arcs) / 255


def flow_to_colour(flow: npt.ArrayLike, *, max_flow: float | None = None) -> npt.NDArray[np.uint8]:
    """Paint a flow field with the colour wheel of the Middlebury benchmark.

    Parameters
    ----------
    flow : array_like, shape (..., H, W, 2)
        Flow (u, v) in pixels, floating point.
    max_flow : float, optional
        Length that gets full saturation, in pixels. By default the longest of all flow given, so
        give it where several pictures shall be compared.

    Returns
    -------
    ndarray of uint8, shape (..., H, W, 3)
        RGB. No movement is white, to the right red, downwards yellow, to the left cyan, upwards
        violet; movements longer than `max_flow` are darker.

    Raises
    ------
    ValueError
        Where the array is no flow field or holds NaN or infinity, or `max_flow` is not positive.

    References
    ----------
    .. [1] S. Baker et al., "A database and evaluation methodology for optical flow", IJCV 92,
       2011. :doi:`10.1007/s11263-010-0390-2`
    """
    flow = np.asarray(flow)
    checks.check_flow(flow)
    checks.check_finite("flow", flow)
    u, v = flow[..., 0].astype(np.float64), flow[..., 1].astype(np.float64)
    length = np.hypot(u, v)
    if max_flow is None:
        max_flow = float(length.max()) or 1.0
    checks.check_positive("max_flow", max_flow)
    saturation = (length / max_flow)[..., None]
    hue = _hue(u, v)
    colour = np.where(saturation <= 1, 1 - saturation * (1 - hue), _BEYOND_RANGE * hue)
    return np.rint(255 * colour).astype(np.uint8)


def _hue(u: npt.NDArray[np.float64], v: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Fully saturated colour of each direction, blended between neighbours on the wheel."""
    wheel = _colour_wheel()
    position = (np.arctan2(v, u) / (2 * np.pi)) % 1.0 * len(wheel)
    before = np.floor(position).astype(np.intp)
    share = (position - before)[..., None]
    before %= len(wheel)
    return (1 - share) * wheel[before] + share * wheel[(before + 1) % len(wheel)]
