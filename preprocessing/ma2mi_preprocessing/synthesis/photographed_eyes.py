"""The lids of a photographed face: their skin slides over the eyes that the picture shows."""

import numpy as np

from .eyelids import WINDOW, Eye, EyeMotion, EyeState
from .geometry import FloatArray
from .sampling import sample_cubic
from .texture import coverage

_OPEN = EyeState(0.0, (0.0, 0.0))


class PhotographedEyes:
    """Shuts the eyes of a picture that shows them open.

    The skin between the fold and the lashes of an open eye is a narrow stripe; drawn down, it is
    the lid of a shut one. Eyeballs stay as they are, so that gaze cannot change.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3), float32
        The face with open eyes.
    motion : EyeMotion
    oversampling : int
        Samples of the picture per pixel of the frames.
    """

    def __init__(self, picture: FloatArray, motion: EyeMotion, oversampling: int) -> None:
        self._open, self._motion = picture, motion
        self._oversampling = oversampling
        self._x, self._y = motion.identity.grid(motion.pose, oversampling)

    def picture(self, frame: int) -> FloatArray:
        """The face with the lids of a frame, (H, W, 3) float32."""
        state = self._motion.state(frame)
        if state.closure == 0.0:
            return self._open
        shown = self._open.copy()
        for side in (-1.0, 1.0):
            self._draw_lids(shown, side, state)
        return shown

    def _draw_lids(self, shown: FloatArray, side: float, state: EyeState) -> None:
        near = (np.abs(self._x - 0.5 * side) < WINDOW[0]) & (np.abs(self._y) < WINDOW[1])
        rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        eye = Eye.at(self._motion.identity, side, self._x[part], self._y[part])
        pose = self._motion.pose
        scale = pose.inter_ocular * self._oversampling
        down = eye.lid_shift(state, _OPEN) * scale
        y, x = np.mgrid[part].astype(np.float32)
        skin = sample_cubic(
            self._open,
            (x - np.sin(pose.roll) * down).astype(np.float32),
            (y + np.cos(pose.roll) * down).astype(np.float32),
        )
        opening = coverage(eye.distance(state), 2.5 / scale)[..., None]
        shown[part] = skin + (shown[part] - skin) * opening
