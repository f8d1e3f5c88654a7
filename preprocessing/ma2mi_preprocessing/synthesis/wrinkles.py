"""Wrinkles that come and go with action units.

Where each appears follows the changes of appearance that the Facial Action Coding System describes;
how deep they get is ours.

References
----------
Ekman, Friesen and Hager, "Facial Action Coding System", 2002.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numba as nb
import numpy as np

from .action_units import split_side
from .furrows import (
    Furrow,
    crows_feet,
    dig,
    forehead_line,
    frown_line,
    marionette,
    nasolabial,
    under_eye,
)
from .geometry import FloatArray
from .identity import Identity
from .relief import Lighting
from .texture import bump

# Depth of the deepest wrinkle, in face units, and how much darker it is in light from everywhere.
_DEEPEST = 0.012
_HOLLOW = 0.24
# Strengths beyond this are not drawn any deeper; the skin has no more to fold.
_DEEPEST_INTENSITY = 1.2
# Share of its brightness that the skin keeps in the darkest crease.
_DARKEST = 0.3


def _brow_lines(identity: Identity, start: float, end: float) -> tuple[Furrow, ...]:
    return tuple(
        forehead_line(identity, rise, start, end, depth)
        for rise, depth in ((0.20, 0.9), (0.33, 1.0), (0.46, 0.7))
    )


def _nose_wrinkles(identity: Identity) -> tuple[Furrow, ...]:
    across = tuple(
        (((-0.02, y), (0.06, y - 0.01), (0.13, y - 0.03)), 0.016, 0.8) for y in (0.0, 0.09, 0.18)
    )
    return (
        *across,
        (((0.10, 0.22), (0.17, 0.15), (0.24, 0.12)), 0.018, 0.9),
        (((0.10, 0.32), (0.19, 0.24), (0.27, 0.20)), 0.018, 0.7),
        nasolabial(identity, 0.030, 0.7),
    )


def _dimple(identity: Identity) -> tuple[Furrow, ...]:
    x, y = identity.mouth_half_width + 0.09, identity.mouth_y
    return ((((x - 0.01, y - 0.10), (x + 0.03, y), (x - 0.01, y + 0.10)), 0.032, 0.8),)


def _chin_lines(identity: Identity) -> tuple[Furrow, ...]:
    y = identity.mouth_y + identity.lower_lip + 0.10
    return ((((-0.02, y), (0.12, y + 0.01), (0.24, y + 0.06)), 0.026, 1.0),)


def _stretch_lines(identity: Identity) -> tuple[Furrow, ...]:
    x, y = identity.mouth_half_width + 0.14, identity.mouth_y
    return ((((x, y - 0.12), (x + 0.05, y + 0.02), (x, y + 0.16)), 0.024, 0.7),)


_FURROWS: dict[str, Callable[[Identity], tuple[Furrow, ...]]] = {
    "AU1": lambda person: _brow_lines(person, -0.02, 0.46),
    "AU2": lambda person: _brow_lines(person, 0.30, 0.92),
    "AU4": lambda person: (
        frown_line(person, 1.0),
        (((-0.02, -0.10), (0.05, -0.105), (0.12, -0.13)), 0.017, 0.7),
    ),
    "AU6": lambda person: (*crows_feet(person, 1.0), under_eye(person, 0.8)),
    "AU7": lambda person: (under_eye(person, 0.6),),
    "AU9": _nose_wrinkles,
    "AU10": lambda person: (nasolabial(person, 0.034, 0.9),),
    "AU12": lambda person: (nasolabial(person, 0.036, 1.1), *_dimple(person)),
    "AU14": _dimple,
    "AU15": lambda person: (marionette(person, 1.0),),
    "AU17": _chin_lines,
    "AU20": _stretch_lines,
}


@dataclass(frozen=True)
class Wrinkles:
    """How each unit's wrinkles change the picture of a face.

    Attributes
    ----------
    units : tuple of int
        Places in a clip's list of action units of those that wrinkle the skin.
    shades : ndarray, shape (len(units), H, W), float32
        Change of brightness at intensity 1, relative to that of the skin.
    """

    units: tuple[int, ...]
    shades: FloatArray

    def laid_on(self, picture: FloatArray, intensities: FloatArray) -> FloatArray:
        """The picture (H, W, 3) with wrinkles as deep as `intensities` (K,) say."""
        strengths = np.clip(intensities[list(self.units)], 0.0, _DEEPEST_INTENSITY)
        if not strengths.any():
            return picture
        out = np.empty_like(picture)
        _shaded(picture, self.shades, strengths.astype(np.float32), out)
        return out


@nb.njit(cache=True, nogil=True)
def _shaded(
    picture: FloatArray, shades: FloatArray, strengths: FloatArray, out: FloatArray
) -> None:
    """The picture times one plus the shades, each as strong as that; never below _DARKEST."""
    darkest = np.float32(_DARKEST)
    for i in range(picture.shape[0]):
        for j in range(picture.shape[1]):
            factor = np.float32(1.0)
            for k in range(len(strengths)):
                factor += strengths[k] * shades[k, i, j]
            factor = max(factor, darkest)
            for c in range(3):
                out[i, j, c] = picture[i, j, c] * factor


def wrinkles_of(
    codes: Sequence[str],
    identity: Identity,
    light: Lighting,
    x: FloatArray,
    y: FloatArray,
    skin: FloatArray,
    sides: Sequence[tuple[float, float]] | None = None,
) -> Wrinkles:
    """Shade the wrinkles of action units as a light falls on them.

    Parameters
    ----------
    codes : sequence of str
        Action units such as ``"AU12"`` or ``"AUL12"``; those without wrinkles are passed over.
    identity : Identity
        Whose age and features decide about depth and place.
    light : Lighting
    x, y : ndarray, shape (H, W), float32
        Face coordinates of the samples, as `Identity.grid` gives them.
    skin : ndarray, shape (H, W), float32
        Share of each sample that shows skin; hair does not wrinkle.
    sides : sequence of (float, float), optional
        Strength of each unit on the person's left and right; both 1 by default.

    Returns
    -------
    Wrinkles
    """
    age = identity.appearance.skin.age if identity.appearance else 0.5
    depth = np.float32(_DEEPEST * (0.55 + 0.7 * age))
    units, shades = [], []
    for place, (code, strengths) in enumerate(
        zip(codes, sides or [(1.0, 1.0)] * len(codes), strict=True)
    ):
        unit, side = split_side(code)
        if unit in _FURROWS:
            relief = _depth_of(unit, side, identity, x, y)
            units.append(place)
            shade = _shade(relief, depth, light, x, y)
            shades.append(shade * skin * _of_side(strengths, x))
    shape = (len(units), *x.shape)
    return Wrinkles(tuple(units), np.array(shades, np.float32).reshape(shape))


def _of_side(sides: tuple[float, float], x: FloatArray) -> FloatArray:
    """Strength at each sample, smooth across the midline; the person's left is on the right."""
    left, right = sides
    share = np.clip(x / np.float32(0.2) + np.float32(0.5), 0.0, 1.0)
    return np.asarray(right + (left - right) * share, np.float32)


def _depth_of(unit: str, side: str, identity: Identity, x: FloatArray, y: FloatArray) -> FloatArray:
    relief = np.zeros(x.shape, np.float32)
    # The person's left is on the right of the picture.
    dig(relief, x, y, _FURROWS[unit](identity), {"": (-1.0, 1.0), "L": (1.0,), "R": (-1.0,)}[side])
    if unit == "AU17":
        # The chin puckers like the skin of an orange.
        pits = np.cos(x * 47.0 + 1.5 * np.sin(31.0 * y)) * np.cos(y * 53.0 + 1.5 * np.sin(29.0 * x))
        chin = bump(x, y, (0.0, identity.chin_y - 0.22), (0.17, 0.11))
        relief += 0.55 * chin * np.clip(pits, 0.0, 1.0).astype(np.float32)
    return relief


def _shade(
    relief: FloatArray, depth: np.float32, light: Lighting, x: FloatArray, y: FloatArray
) -> FloatArray:
    """Relative change of brightness by a slight relief: its slopes turn to the light or away."""
    step = np.hypot(x[0, 1] - x[0, 0], y[0, 1] - y[0, 0])
    slope_y, slope_x = np.gradient(relief * -depth, np.float32(step))
    towards_x, towards_y, towards_z = (np.float32(part) for part in light.direction)
    turned = -(slope_x * towards_x + slope_y * towards_y) * light.diffuse
    lit = light.ambient + light.diffuse * towards_z
    # As in the shading of the face: display values go with a power of light.
    slopes = np.clip(np.float32(0.6) * turned / lit, -0.5, 0.35)
    return np.asarray(slopes - np.float32(_HOLLOW) * relief, np.float32)
