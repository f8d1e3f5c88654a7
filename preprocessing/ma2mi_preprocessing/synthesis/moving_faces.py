"""What moves in many faces at once: action units, heads, and what is neither."""

from dataclasses import dataclass

import numpy as np

from .crops import Crops
from .geometry import FloatArray
from .push_table import push_table

HEAD_MOTIONS = ("right", "down", "roll", "zoom", "yaw", "pitch")
"""Columns of a head's motion: eye distances, radians, a share, and eye distances at the nose."""


@dataclass(frozen=True)
class Bumps:
    """Movements that belong to no action unit, `B` a face, in face coordinates.

    Attributes
    ----------
    centre, spread, movement : ndarray, shape (N, B, 2), float32
        Place, deviations and displacement, right and down in the picture.
    """

    centre: FloatArray
    spread: FloatArray
    movement: FloatArray

    def mirrored(self) -> "Bumps":
        """The same bumps seen in a mirror."""
        across = np.array([-1.0, 1.0], np.float32)
        return Bumps(self.centre * across, self.spread, self.movement * across)


@dataclass(frozen=True)
class PushVariation:
    """How the skin of `N` faces moves otherwise than the table of pushes says.

    Attributes
    ----------
    offset : ndarray, shape (N, P, 2), float32
        From where a push should be, outward from the midline and down, eye distances.
    spread : ndarray, shape (N, P), float32
        Factor of its deviations.
    turn : ndarray, shape (N, P), float32
        Radians by which its direction is turned downward from outward.
    """

    offset: FloatArray
    spread: FloatArray
    turn: FloatArray

    @classmethod
    def usual(cls, count: int) -> "PushVariation":
        """Those of faces that move as the table says."""
        shape = (count, len(push_table().unit))
        still = np.zeros(shape, np.float32)
        return cls(np.zeros((*shape, 2), np.float32), np.ones(shape, np.float32), still)

    def mirrored(self) -> "PushVariation":
        """The same variation seen in a mirror."""
        twin = push_table().twin
        return PushVariation(self.offset[:, twin], self.spread[:, twin], self.turn[:, twin])


@dataclass(frozen=True)
class MovingFaces:
    """What moves in `N` faces.

    Attributes
    ----------
    crops : Crops
    landmarks : ndarray, shape (N, L, 2), float32
        Of `push_table().landmarks`, face coordinates.
    intensities : ndarray, shape (N, K, 2), float32
        Of each action unit on the person's right and left; 1 moves the skin by about its `reach`.
    head : ndarray, shape (N, 6), float32
        See `HEAD_MOTIONS`.
    others : Bumps
    variation : PushVariation
    """

    crops: Crops
    landmarks: FloatArray
    intensities: FloatArray
    head: FloatArray
    others: Bumps
    variation: PushVariation

    def mirrored(self) -> "MovingFaces":
        """The same faces seen in a mirror."""
        names = push_table().landmarks
        other = {"left": "right", "right": "left"}
        swapped = []
        for name in names:
            stem, _, side = name.rpartition("_")
            twin = f"{stem}_{other[side]}" if side in other else name
            swapped.append(names.index(twin))
        across = np.array([-1.0, 1.0], np.float32)
        signs = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0], np.float32)
        return MovingFaces(
            self.crops.mirrored(),
            self.landmarks[:, swapped] * across,
            self.intensities[..., ::-1],
            self.head * signs,
            self.others.mirrored(),
            self.variation.mirrored(),
        )
