"""FACS action units as smooth movements of the skin.

Each unit is a sum of bell-shaped pushes at landmarks of the face. Directions and places follow the
descriptions of the Facial Action Coding System; the shapes are ours.

References
----------
Ekman, Friesen and Hager, "Facial Action Coding System", 2002.
"""

from dataclasses import dataclass

import numpy as np

from .geometry import AnyFloatArray, FloatArray
from .identity import Identity
from .texture import bump


@dataclass(frozen=True)
class Push:
    """One bell-shaped movement.

    Attributes
    ----------
    anchor : str
        Landmark on the midline, or one without its `_left` / `_right`, which is pushed on both
        sides of the face.
    offset : tuple of float
        From the landmark to the centre (outward from the midline, down), in face units.
    spread : tuple of float
        Deviations along x and y, in face units.
    direction : tuple of float
        Movement (outward from the midline, down); its length is relative to the unit's other
        pushes.
    parts_lips : int
        1: only what lies below the line between the lips moves; -1: only what lies above; 0: all.
    """

    anchor: str
    offset: tuple[float, float]
    spread: tuple[float, float]
    direction: tuple[float, float]
    parts_lips: int = 0


@dataclass(frozen=True)
class ActionUnit:
    """One action unit.

    Attributes
    ----------
    name : str
        Name in FACS.
    reach : float
        Displacement of the skin where it moves most, in eye distances, in a movement of
        intensity 1 (about the strongest that faces show).
    pushes : tuple of Push
    one_sided : bool
        Whether it can happen on one side only.
    """

    name: str
    reach: float
    pushes: tuple[Push, ...]
    one_sided: bool = True


ACTION_UNITS: dict[str, ActionUnit] = {
    "AU1": ActionUnit(
        "inner brow raiser", 0.20, (Push("brow_inner", (0.03, -0.12), (0.22, 0.24), (0.05, -1.0)),)
    ),
    "AU2": ActionUnit(
        "outer brow raiser", 0.20, (Push("brow_outer", (-0.08, -0.13), (0.27, 0.24), (0.1, -1.0)),)
    ),
    "AU4": ActionUnit(
        "brow lowerer",
        0.16,
        (
            Push("brow_inner", (0.06, -0.04), (0.22, 0.22), (-0.55, 0.75)),
            Push("brow_middle", (0.10, -0.02), (0.24, 0.20), (-0.15, 0.55)),
        ),
    ),
    "AU5": ActionUnit(
        "upper lid raiser", 0.09, (Push("upper_lid", (0.0, 0.0), (0.20, 0.13), (0.0, -1.0)),)
    ),
    "AU6": ActionUnit(
        "cheek raiser",
        0.14,
        (
            Push("cheek", (0.06, -0.12), (0.28, 0.20), (0.1, -1.0)),
            Push("eye_outer", (0.10, 0.05), (0.15, 0.17), (-0.6, -0.1)),
        ),
    ),
    "AU7": ActionUnit(
        "lid tightener",
        0.09,
        (
            Push("lower_lid", (0.0, 0.04), (0.22, 0.13), (-0.15, -1.0)),
            Push("upper_lid", (0.0, -0.05), (0.20, 0.12), (0.0, 0.45)),
        ),
    ),
    "AU9": ActionUnit(
        "nose wrinkler",
        0.14,
        (
            Push("nose_wing", (0.02, -0.06), (0.19, 0.22), (-0.05, -1.0)),
            Push("brow_inner", (-0.06, 0.06), (0.20, 0.18), (-0.15, 0.6)),
        ),
    ),
    "AU10": ActionUnit(
        "upper lip raiser",
        0.14,
        (
            Push("nose_wing", (0.06, 0.10), (0.18, 0.20), (0.1, -0.6)),
            Push("mouth_corner", (-0.18, -0.12), (0.18, 0.17), (0.05, -1.0)),
        ),
    ),
    "AU12": ActionUnit(
        "lip corner puller",
        0.24,
        (
            Push("mouth_corner", (0.05, -0.03), (0.26, 0.25), (0.65, -0.75)),
            Push("cheek", (0.05, 0.05), (0.28, 0.25), (0.15, -0.40)),
        ),
    ),
    "AU14": ActionUnit(
        "dimpler",
        0.13,
        (Push("mouth_corner", (0.05, 0.0), (0.20, 0.20), (-0.75, -0.15)),),
    ),
    "AU15": ActionUnit(
        "lip corner depressor",
        0.16,
        (Push("mouth_corner", (0.02, 0.07), (0.22, 0.22), (0.15, 1.0)),),
    ),
    "AU17": ActionUnit(
        "chin raiser",
        0.15,
        (
            Push("chin", (0.0, -0.12), (0.30, 0.22), (0.0, -1.0)),
            Push("lower_lip", (0.0, 0.03), (0.26, 0.14), (0.0, -0.35)),
        ),
        one_sided=False,
    ),
    "AU20": ActionUnit(
        "lip stretcher",
        0.16,
        (Push("mouth_corner", (0.05, 0.05), (0.25, 0.20), (1.0, 0.1)),),
    ),
    "AU24": ActionUnit(
        "lip pressor",
        0.08,
        (
            Push("upper_lip", (0.0, -0.02), (0.30, 0.13), (0.0, 1.0)),
            Push("lower_lip", (0.0, 0.03), (0.30, 0.13), (0.0, -1.0)),
        ),
        one_sided=False,
    ),
    "AU25": ActionUnit(
        "lips part",
        0.11,
        (
            Push("lower_lip", (0.0, 0.04), (0.28, 0.20), (0.0, 1.0), parts_lips=1),
            Push("upper_lip", (0.0, -0.03), (0.28, 0.18), (0.0, -0.35), parts_lips=-1),
        ),
        one_sided=False,
    ),
    "AU26": ActionUnit(
        "jaw drop",
        0.26,
        (Push("chin", (0.0, -0.05), (0.60, 0.42), (0.0, 1.0), parts_lips=1),),
        one_sided=False,
    ),
}
"""Units that can be rendered, by FACS code."""

# Between two parted lips a band of the picture is filled by the dark line that separated them. It
# is wide enough for the map from frame to neutral face never to turn back: this is its slope there
# at intensity 1.
_LIP_SLOPE = 0.8
_LIP_LINE_HALF = 0.015
# How much of a push that is not one of the lids' own reaches the eyeball.
_EYE_SHARE = 0.15
_LIDS = ("upper_lid", "lower_lid")


def split_side(code: str) -> tuple[str, str]:
    """Take the side out of a code: ``"AUL12"`` is ``("AU12", "L")``, ``"AU12"`` ``("AU12", "")``.

    `L` and `R` are the person's own left and right, as in FACS. Raises ``ValueError`` for an
    unknown unit or a side of a unit that has none.
    """
    side = code[2:3] if code[2:3] in ("L", "R") else ""
    unit = "AU" + code[2 + len(side) :]
    if not code.startswith("AU") or unit not in ACTION_UNITS:
        raise ValueError(f"`code` must be one of {', '.join(ACTION_UNITS)}. Received: code={code}")
    if side and not ACTION_UNITS[unit].one_sided:
        raise ValueError(f"`code` must not name a side of {unit}. Received: code={code}")
    return unit, side


def movement_field(
    code: str,
    identity: Identity,
    x: FloatArray,
    y: FloatArray,
    sides: tuple[float, float] = (1.0, 1.0),
) -> FloatArray:
    """Displacement of the skin by one action unit at intensity 1.

    Parameters
    ----------
    code : str
        ``"AU12"``, or one side of it, ``"AUL12"``.
    identity : Identity
        Whose landmarks the movement is tied to.
    x, y : ndarray, shape (H, W), float32
        Face coordinates.
    sides : tuple of float
        Strength on the person's left and right, the larger being 1. What a code with a side does
        not move stays still.

    Returns
    -------
    ndarray, shape (H, W, 2), float32
        Right and down in the picture, in eye distances; its largest length on the face is the
        unit's `reach`.
    """
    name, side = split_side(code)
    unit = ACTION_UNITS[name]
    # The person's left is on the right of the picture.
    signs = {"": (-1.0, 1.0), "L": (1.0,), "R": (-1.0,)}[side]
    left, right = np.float32(sides[0]), np.float32(sides[1])
    field = np.zeros((*x.shape, 2), np.float32)
    eyeballs = bump(x, y, (-0.5, 0.0), (0.24, 0.11)) + bump(x, y, (0.5, 0.0), (0.24, 0.11))
    for push in unit.pushes:
        own = 1.0 if push.anchor in _LIDS else 1.0 - (1.0 - _EYE_SHARE) * eyeballs
        for sign in signs:
            weight, direction = _push(push, sign, unit.reach, identity, x, y)
            strength = left if sign > 0 else right
            field += (weight * own)[..., None] * (strength * direction)
    strongest = float(np.sqrt((field**2).sum(axis=-1)).max())
    return field * np.float32(unit.reach / strongest)


def _push(
    push: Push, sign: float, reach: float, identity: Identity, x: FloatArray, y: FloatArray
) -> tuple[AnyFloatArray, FloatArray]:
    """Weight (H, W) and direction (2,) of a push on one side of the face, or on the midline."""
    landmarks = identity.landmarks()
    midline = push.anchor in landmarks
    across, down = landmarks[push.anchor if midline else f"{push.anchor}_right"]
    centre = (sign * (across + push.offset[0]), down + push.offset[1])
    direction = np.array([sign * push.direction[0], push.direction[1]], np.float32)
    weight: AnyFloatArray = bump(x, y, centre, push.spread)
    if push.parts_lips:
        distance = push.parts_lips * (y - identity.mouth_y) + _LIP_LINE_HALF
        weight = weight * _ramp(distance / (abs(push.direction[1]) * reach / _LIP_SLOPE))
    # A push on the midline is drawn once for each side.
    return (0.5 * weight if midline else weight), direction


def _ramp(position: AnyFloatArray) -> AnyFloatArray:
    """From 0 at 0 to 1 at 1, straight but for rounded ends."""
    rounding = 0.15

    def ascent(start: AnyFloatArray) -> AnyFloatArray:
        return np.clip(start, 0.0, rounding) ** 2 / (2 * rounding) + np.clip(
            start - rounding, 0.0, None
        )

    return (ascent(position) - ascent(position - 1.0 + rounding)) / (1.0 - rounding)
