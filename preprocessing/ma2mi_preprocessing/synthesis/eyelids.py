"""Where lids and eyeballs are in every frame: the skin of a lid slides over a turning eyeball.

The skin of the lids is that of shut eyes. An open eye is a shut one whose lids are drawn back, as
cloth is gathered, so that every point of the skin is seen at all times and its movement is known;
only the eyeball is covered and uncovered.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .asymmetry import symmetrical
from .gathering import before_gathering, eased
from .geometry import AnyFloatArray, FacePose, FloatArray
from .identity import Identity
from .restless import EyeCourse

# Lids meet below the middle of the eye: the upper one does most of the way.
_MEETING = 0.26
_UPPER, _LOWER, _CENTRE = -0.62, 0.40, 0.015
# How far open the eyes are in the picture whose skin the lids have; quite shut eyes have no edges.
SHUT = 0.04
# The skin moves along with the edge of its lid from this far away, and rests beyond these lines.
_STIFF = 0.03
_UPPER_REST, _LOWER_REST = -0.26, 0.24
_LASHES = 0.009
# Half width and half height, in face units, of the part of the picture that lids can change.
WINDOW = (0.30, 0.31)


@dataclass(frozen=True)
class EyeState:
    """`closure` 0 open, 1 shut; `gaze` is the shift of the irises in face units."""

    closure: float
    gaze: tuple[float, float]


@dataclass(frozen=True)
class EyeMotion:
    """Lids and eyeballs over time, on the neutral face.

    Attributes
    ----------
    identity : Identity
    pose : FacePose
    course : EyeCourse
    """

    identity: Identity
    pose: FacePose
    course: EyeCourse

    def state(self, frame: int) -> EyeState:
        """Of one frame."""
        return EyeState(self.course.closure[frame], self.course.gaze[frame])

    def shift(
        self, reference: int, moving: int, x: FloatArray, y: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """How far what is seen on the neutral face moves between two frames.

        Parameters
        ----------
        reference, moving : int
            Frames.
        x, y : ndarray, shape (H, W), float32
            Places on the neutral face, in pixels.

        Returns
        -------
        shift : ndarray, shape (H, W, 2), float32
            Right and down, in pixels.
        seen : ndarray, shape (H, W), float32
            1 where it is still seen in the moving frame, 0 where a lid has covered it.
        """
        shift = np.zeros((*x.shape, 2), np.float32)
        seen = np.ones(x.shape, np.float32)
        before, after = self.state(reference), self.state(moving)
        if before == after:
            return shift, seen
        across, down = symmetrical(self.identity.bends, *face_coordinates(self.pose, x, y))
        for side in (-1.0, 1.0):
            near = (np.abs(across - 0.5 * side) < WINDOW[0]) & (np.abs(down) < WINDOW[1])
            eye = Eye.at(self.identity, side, across[near], down[near])
            moved = np.where(
                eye.inside(before), after.gaze[1] - before.gaze[1], eye.lid_shift(before, after)
            )
            sideways = np.where(eye.inside(before), after.gaze[0] - before.gaze[0], 0.0)
            in_face = np.stack([sideways, moved], axis=-1).astype(np.float32)
            shift[near] = self.pose.vectors_to_pixels(in_face)
            target = Eye.at(self.identity, side, across[near] + sideways, down[near] + moved)
            seen[near] = ~eye.inside(before) | target.inside(after)
        return shift, seen

    def landmark_shifts(self, names: tuple[str, ...], frame: int) -> FloatArray:
        """How far each landmark is from its place on the neutral face, (L, 2) float32 pixels."""
        shifts = np.zeros((len(names), 2), np.float32)
        eye = Eye.at(self.identity, 1.0, np.array([0.5]), np.array([0.0]))
        edges = eye.edges(self.state(frame).closure), eye.edges(0.0)
        for index, name in enumerate(names):
            if name.rpartition("_")[0] not in ("upper_lid", "lower_lid"):
                continue
            part = 0 if name.startswith("upper") else 1
            shifts[index, 1] = (edges[0][part] - edges[1][part])[0]
        return self.pose.vectors_to_pixels(shifts)


@dataclass(frozen=True)
class Eye:
    """Places around one eye, in the eye's own coordinates.

    Attributes
    ----------
    half_width, opening : float
    across, down : ndarray, shape (N,) or (H, W)
        From the middle of the eye, towards the temple and across the line of the lids.
    """

    half_width: float
    opening: float
    across: AnyFloatArray
    down: AnyFloatArray

    @classmethod
    def at(cls, identity: Identity, side: float, x: AnyFloatArray, y: AnyFloatArray) -> "Eye":
        """Around the eye at the left (-1) or right (1) of the picture; face coordinates x, y."""
        across = (x - 0.5 * side) * side
        down = y + identity.eye_tilt * across / identity.eye_half_width
        return cls(identity.eye_half_width, identity.eye_opening, across, down)

    def edges(self, closure: float) -> tuple[AnyFloatArray, AnyFloatArray]:
        """`down` of the ends of the upper lid's lashes and of the edge of the lower lid."""
        open_upper, open_lower, reach = self._open_edges()
        meeting = _CENTRE + _MEETING * self.opening * reach**0.8
        return (
            open_upper + closure * (meeting - open_upper),
            open_lower + closure * (meeting - open_lower),
        )

    def inside(self, state: EyeState) -> npt.NDArray[np.bool_]:
        """Whether the eyeball is seen, bool."""
        return np.asarray(self.distance(state) < 0)

    def distance(self, state: EyeState) -> AnyFloatArray:
        """Below 0 where the eyeball is seen, above where skin is; in face units."""
        upper, lower = self.edges(state.closure)
        beyond_corner = np.abs(self.across) - self.half_width
        return np.maximum(np.maximum(upper - self.down, self.down - lower), beyond_corner)

    def lid_shift(self, before: EyeState, after: EyeState) -> AnyFloatArray:
        """How far the skin that is here in one state moves down to the other."""
        of_upper = self._of_upper_lid(before.closure)
        skin = self.skin(before.closure)
        return skin + self._drawn(skin, of_upper, after.closure) - self.down

    def skin(self, closure: float) -> AnyFloatArray:
        """`down`, in the picture of shut eyes, of the skin that is here in a state."""
        rest, stiff, amount = self._gathering(self._of_upper_lid(closure), closure)
        return before_gathering(self.down, rest, stiff, amount)

    def _of_upper_lid(self, closure: float) -> npt.NDArray[np.bool_]:
        upper, lower = self.edges(closure)
        return np.asarray(self.down <= 0.5 * (upper + lower))

    def _open_edges(self) -> tuple[AnyFloatArray, AnyFloatArray, AnyFloatArray]:
        reach = np.clip(1.0 - (self.across / self.half_width) ** 2, 0.0, None)
        lashes = _LASHES * np.clip(4.0 * reach, 0.0, 1.0)
        upper = _UPPER * self.opening * reach**0.75 + _CENTRE + lashes
        lower = _LOWER * self.opening * reach**0.9 + _CENTRE
        return upper, lower, reach

    def _drawn(
        self, skin: AnyFloatArray, of_upper: npt.NDArray[np.bool_], closure: float
    ) -> AnyFloatArray:
        """How far skin of the shut eye is drawn down in a state."""
        rest, stiff, amount = self._gathering(of_upper, closure)
        return amount * eased((skin - rest) / (stiff - rest))

    def _gathering(
        self, of_upper: npt.NDArray[np.bool_], closure: float
    ) -> tuple[AnyFloatArray, AnyFloatArray, AnyFloatArray]:
        """Of each place's lid: where its skin rests, from where it is stiff, how far that moves."""
        open_upper, open_lower, reach = self._open_edges()
        lashes = _LASHES * np.clip(4.0 * reach, 0.0, 1.0)
        shut_upper = _CENTRE + lashes + SHUT * (open_upper - lashes - _CENTRE)
        shut_lower = _CENTRE + SHUT * (open_lower - _CENTRE)
        upper, lower = self.edges(closure)
        return (
            np.where(of_upper, _UPPER_REST, _LOWER_REST),
            np.where(of_upper, shut_upper - _STIFF, shut_lower + _STIFF),
            np.where(of_upper, upper - shut_upper, lower - shut_lower),
        )


def face_coordinates(
    pose: FacePose, x: FloatArray, y: FloatArray
) -> tuple[AnyFloatArray, AnyFloatArray]:
    """Face coordinates of places in pixels."""
    across = (x - pose.centre[0]) / pose.inter_ocular
    down = (y - pose.centre[1]) / pose.inter_ocular
    cos, sin = np.cos(pose.roll), np.sin(pose.roll)
    return cos * across + sin * down, cos * down - sin * across
