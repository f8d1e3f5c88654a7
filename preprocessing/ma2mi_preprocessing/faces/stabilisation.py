"""Holding the head still: each frame's transform corrected by the movement of the rigid face.

Eyes are found within a pixel or two at best, a micro-expression moves the skin by a third of one.
The skin itself says where the head is to a few hundredths of a pixel, if one listens to the parts
that do not act.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ..flow import optical_flow_tvl1
from ..stage_clock import timed
from .alignment import Matrix, align_frame, canonical_eyes, eye_transform
from .rigid_motion import rigid_motion

Image = NDArray[np.uint8]

REGISTRATION_SIZE = 160
"""Side of the crops that are compared, in pixels, whatever the size of those that are kept."""

# A movement below this (fraction of the side) needs no second look.
_SETTLED = 0.5 / 224
_MOST_LOOKS = 4
_GOOD_SUPPORT, _LEAST_SUPPORT = 0.35, 0.2
# So many frames in a row that agree with none before them, and the reference is given up.
_PATIENCE = 12
# Eyes of a head that turns wander in the crop; over this time the crop follows them.
_FOLLOWING_SECONDS = 5.0
# Fractions of the side: eyes that near are in their place; a reference is taken anew after so much
# drift; eyes that far off are those of somebody else who came between.
_NEAR_ENOUGH, _FARTHEST_DRIFT, _SOMEBODY_ELSE = 0.03, 0.04, 0.12


class Stabiliser:
    """Corrects transforms, frame by frame, so that the rigid part of a face stands still.

    Each frame is registered to a reference; where too little of the face agrees with it any more
    (the head has turned), to the frame before, which then is the reference. Two frames are held in
    memory, however long the clip.

    Parameters
    ----------
    reference : ndarray, shape (H, W, 3), uint8
        Frame to which the others are registered, such as the onset.
    transform : ndarray, shape (2, 3)
        Its transform, source to a crop of `size` pixels.
    size : int
        Side of the crop.
    fps : float, optional
        Frames a second, where the planned transforms follow the eyes: eyes that have left their
        place then slowly (in some five seconds) come back. None keeps the face where it is in the
        reference.

    Attributes
    ----------
    not_registered : int
        Frames so far that agreed with none before them and move as planned instead.
    """

    def __init__(
        self, reference: Image, transform: Matrix, size: int, *, fps: float | None = None
    ) -> None:
        self.not_registered = 0
        self._to_registration = _between_sizes(size, REGISTRATION_SIZE)
        self._eyes = np.array([(*eye, 1.0) for eye in canonical_eyes(REGISTRATION_SIZE)]).T
        self._share = 0.0 if fps is None else 1.0 - float(np.exp(-1 / (fps * _FOLLOWING_SECONDS)))
        # A planned transform, then the correction, then the drift give the stabilised one. The
        # reference is seen without the drift, so that it stays what it is.
        self._correction, self._drift = np.eye(3), np.eye(3)
        self._before = (_gray(reference), self._registration(transform))
        self._reference = _crop(*self._before)
        self._failures = 0

    @timed("align")
    def stabilised(self, image: Image, transform: Matrix) -> Matrix:
        """Correct the transform of the next frame.

        Parameters
        ----------
        image : ndarray, shape (H, W, 3), uint8
        transform : ndarray, shape (2, 3)
            As planned from the eyes, source to crop.

        Returns
        -------
        ndarray, shape (2, 3), float64
        """
        gray, planned = _gray(image), self._registration(transform)
        self._register(gray, planned)
        if self._share:
            self._follow_eyes(gray, planned)
        corrected = self._drift @ self._correction @ planned
        return np.asarray((np.linalg.inv(self._to_registration) @ corrected)[:2])

    def _register(self, gray: Image, planned: Matrix) -> None:
        correction, support = self._matched(self._reference, gray, planned)
        if support < _GOOD_SUPPORT:
            before = _crop(*self._before)
            again, support_before = self._matched(before, gray, planned)
            if support_before > support:
                correction, support = again, support_before
                if support >= _GOOD_SUPPORT:
                    self._reference = before
        if support >= _LEAST_SUPPORT:
            self._correction, self._failures = correction, 0
            self._before = (gray, correction @ planned)
            return
        self.not_registered += 1
        self._failures += 1
        if self._failures >= _PATIENCE:
            self._take_reference(gray, self._correction @ planned)

    def _matched(self, reference: Image, gray: Image, planned: Matrix) -> tuple[Matrix, float]:
        """The correction after which a frame lies upon a reference, and how much of it agrees."""
        correction = self._correction
        for _ in range(_MOST_LOOKS):
            moving = _crop(gray, correction @ planned)
            motion = rigid_motion(optical_flow_tvl1(reference, moving))
            correction = np.linalg.inv(motion.matrix) @ correction
            if motion.length < _SETTLED * REGISTRATION_SIZE:
                break
        return correction, motion.support

    def _follow_eyes(self, gray: Image, planned: Matrix) -> None:
        now = self._drift @ self._correction @ self._eyes
        off = _largest(now - self._eyes)
        if off > _SOMEBODY_ELSE:
            self.not_registered += 1
            self._correction, self._drift = np.eye(3), np.eye(3)
            self._take_reference(gray, planned)
            return
        if off > _NEAR_ENOUGH:
            wanted = now + self._share * (1.0 - _NEAR_ENOUGH / off) * (self._eyes - now)
            self._drift = np.linalg.inv(_eyes_home(wanted)) @ _eyes_home(now) @ self._drift
        if _largest(self._drift @ self._eyes - self._eyes) > _FARTHEST_DRIFT:
            self._correction, self._drift = self._drift @ self._correction, np.eye(3)
            self._take_reference(gray, self._correction @ planned)

    def _take_reference(self, gray: Image, transform: Matrix) -> None:
        self._before = (gray, transform)
        self._reference = _crop(*self._before)
        self._failures = 0

    def _registration(self, transform: Matrix) -> Matrix:
        return np.asarray(self._to_registration @ np.vstack([transform, [0.0, 0.0, 1.0]]))


def _largest(offsets: NDArray[np.float64]) -> float:
    """Of homogeneous points (3, N), as a fraction of the side."""
    return float(np.hypot(offsets[0], offsets[1]).max()) / REGISTRATION_SIZE


def _eyes_home(eyes: NDArray[np.float64]) -> Matrix:
    left, right = ((float(x), float(y)) for x, y in eyes[:2].T)
    return np.vstack([eye_transform(left, right, REGISTRATION_SIZE), [0.0, 0.0, 1.0]])


def _crop(gray: Image, transform: Matrix) -> Image:
    return align_frame(gray, transform[:2], REGISTRATION_SIZE)


def _gray(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _between_sizes(size: int, other: int) -> Matrix:
    """Pixels of an aligned crop of one size to those of another, (3, 3)."""
    scale = other / size
    shift = (scale - 1) / 2
    return np.array([[scale, 0.0, shift], [0.0, scale, shift], [0.0, 0.0, 1.0]])
