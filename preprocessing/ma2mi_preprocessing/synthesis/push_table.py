"""All pushes of all action units in one table, so that many faces can be moved at once."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from .action_units import ACTION_UNITS, Push
from .geometry import FloatArray
from .identity import Identity, sample_identity

SIDES = ("R", "L")
"""The person's right, which is on the left of the picture, and left."""

_SIGNS = (-1.0, 1.0)
_LIDS = ("upper_lid", "lower_lid")


@dataclass(frozen=True)
class PushTable:
    """One row for each push of each unit on each side of the face.

    Attributes
    ----------
    units : tuple of str
        Names of the action units.
    one_sided : ndarray, shape (K,), bool
        Whether a unit can act on one side only.
    landmarks : tuple of str
        Names of the points that pushes are tied to.
    unit, side, landmark : ndarray, shape (P,), int64
        Which unit, side of the face and landmark a push belongs to.
    offset, spread, direction : ndarray, shape (P, 2), float32
        As in `action_units.Push`, right and down in the picture; a push on the midline, which is
        drawn once for each side, has half its length.
    lids : ndarray, shape (P,), bool
        Whether the eyeball under the skin is moved too.
    outward : ndarray, shape (P,), float32
        1 where the picture's right is outward from the midline, else -1.
    twin : ndarray, shape (P,), int64
        Row of the same push on the other side.
    lips : ndarray, shape (P,), float32
        1 where only what is below the line between the lips moves, -1 above it, 0 all.
    """

    units: tuple[str, ...]
    one_sided: npt.NDArray[np.bool_]
    landmarks: tuple[str, ...]
    unit: npt.NDArray[np.int64]
    side: npt.NDArray[np.int64]
    landmark: npt.NDArray[np.int64]
    offset: FloatArray
    spread: FloatArray
    direction: FloatArray
    lids: npt.NDArray[np.bool_]
    outward: FloatArray
    twin: npt.NDArray[np.int64]
    lips: FloatArray

    def landmarks_of(self, identity: Identity) -> FloatArray:
        """The named points of a neutral face, (L, 2) float32, face coordinates."""
        points = identity.landmarks()
        return np.array([points[name] for name in self.landmarks], np.float32)


@cache
def push_table() -> PushTable:
    """The table of `ACTION_UNITS`."""
    rows = [
        (unit, side, push)
        for unit, action in enumerate(ACTION_UNITS.values())
        for push in action.pushes
        for side in range(len(SIDES))
    ]
    points = sample_identity(np.random.default_rng(0)).landmarks()
    midline = {name for name, (across, _) in points.items() if across == 0.0}
    names = [_landmark(push, side, midline) for _, side, push in rows]
    landmarks = tuple(dict.fromkeys(names))
    signs = np.array([_SIGNS[side] for _, side, _ in rows], np.float32)
    halves = np.array([0.5 if push.anchor in midline else 1.0 for *_, push in rows], np.float32)
    directions = np.array([push.direction for *_, push in rows], np.float32)
    offsets = np.array([push.offset for *_, push in rows], np.float32)
    to_picture = np.stack([signs, np.ones_like(signs)], axis=1)
    return PushTable(
        units=tuple(ACTION_UNITS),
        one_sided=np.array([action.one_sided for action in ACTION_UNITS.values()]),
        landmarks=landmarks,
        unit=np.array([unit for unit, *_ in rows]),
        side=np.array([side for _, side, _ in rows]),
        landmark=np.array([landmarks.index(name) for name in names]),
        offset=offsets * to_picture,
        spread=np.array([push.spread for *_, push in rows], np.float32),
        direction=directions * to_picture * halves[:, None],
        lids=np.array([push.anchor in _LIDS for *_, push in rows]),
        outward=signs,
        # The two sides of a push are neighbours.
        twin=np.arange(len(rows)) ^ 1,
        lips=np.array([push.parts_lips for *_, push in rows], np.float32),
    )


def _landmark(push: Push, side: int, midline: set[str]) -> str:
    if push.anchor in midline:
        return push.anchor
    return f"{push.anchor}_{('left', 'right')[side]}"
