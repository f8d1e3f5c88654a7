"""The neutral picture with its eyes in any state, put together from two drawings."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .eyelids import SHUT, WINDOW, Eye, EyeMotion, EyeState
from .geometry import AnyFloatArray, FloatArray
from .identity import Identity
from .sampling import sample_cubic
from .texture import coverage

# Eyes torn open, to have eyeball where a glance or a lid uncovers it.
_WIDE, _LONG = 1.8, 1.25


@dataclass(frozen=True)
class _EyeWindow:
    """The part of the picture around one eye."""

    part: tuple[slice, slice]
    eye: Eye
    x: FloatArray
    y: FloatArray


class EyePictures:
    """Draws eyes into the neutral picture.

    Parameters
    ----------
    draw : callable
        Draws the neutral face of an identity, (H, W, 3) float32.
    motion : EyeMotion
        Its gaze in the first frame must be that of `draw`.
    oversampling : int
        Samples of the drawing per pixel.
    """

    def __init__(
        self, draw: Callable[[Identity], FloatArray], motion: EyeMotion, oversampling: int
    ) -> None:
        identity = motion.identity
        self._motion = motion
        self._scale = motion.pose.inter_ocular * oversampling
        self._shut = draw(dataclasses.replace(identity, eye_opening=identity.eye_opening * SHUT))
        self._wide = draw(
            dataclasses.replace(
                identity,
                eye_opening=identity.eye_opening * _WIDE,
                eye_half_width=identity.eye_half_width * _LONG,
                eye_tilt=identity.eye_tilt * _LONG,
            )
        )
        self._windows = [_window(motion, oversampling, side) for side in (-1.0, 1.0)]
        self._picture = self._shut.copy()
        self._drawn: EyeState | None = None

    def picture(self, frame: int) -> FloatArray:
        """The neutral face with the eyes of a frame; the array is changed by the next call."""
        state = self._motion.state(frame)
        if state != self._drawn:
            for window in self._windows:
                self._picture[window.part] = self._eye(window, state)
            self._drawn = state
        return self._picture

    def _eye(self, window: _EyeWindow, state: EyeState) -> FloatArray:
        eye = window.eye
        skin = self._shifted(self._shut, window, 0.0, eye.skin(state.closure) - eye.down)
        first = self._motion.state(0).gaze
        glance = state.gaze[0] - first[0], state.gaze[1] - first[1]
        ball = self._shifted(
            self._wide,
            window,
            np.full_like(window.x, -glance[0]),
            np.full_like(window.x, -glance[1]),
        )
        upper, _ = eye.edges(state.closure)
        # As `features` draws it, from the ends of the lashes rather than from the edge of the lid.
        shadow = np.clip(0.65 + (eye.down - upper) / 0.09, 0.55, 1.0)
        opening = coverage(eye.distance(state), 2.5 / self._scale)[..., None]
        return (skin + (ball * shadow[..., None] - skin) * opening).astype(np.float32)

    def _shifted(
        self,
        picture: FloatArray,
        window: _EyeWindow,
        right: AnyFloatArray | float,
        down: AnyFloatArray,
    ) -> FloatArray:
        """A picture read that far, in face units, from where the window is."""
        roll = self._motion.pose.roll
        cos, sin = np.cos(roll) * self._scale, np.sin(roll) * self._scale
        x = window.x + (cos * right - sin * down)
        y = window.y + (sin * right + cos * down)
        return sample_cubic(picture, x.astype(np.float32), y.astype(np.float32))


def _window(motion: EyeMotion, oversampling: int, side: float) -> _EyeWindow:
    x, y = motion.identity.grid(motion.pose, oversampling)
    near = (np.abs(x - 0.5 * side) < WINDOW[0]) & (np.abs(y) < WINDOW[1])
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    samples_y, samples_x = np.mgrid[part].astype(np.float32)
    return _EyeWindow(part, Eye.at(motion.identity, side, x[part], y[part]), samples_x, samples_y)
