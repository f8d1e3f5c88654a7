"""The dark between parted lips, for a photograph in which teeth and lower lip touch."""

from collections.abc import Sequence

import numpy as np

from .geometry import FloatArray
from .identity import Identity
from .texture import coverage

_PARTING = ("AU25", "AU26")
_INSIDE = np.array((0.20, 0.08, 0.07), np.float32)
# From this intensity on the inside of the mouth is as dark as it gets.
_OPEN = 0.4
_HALF_WIDTH = 0.016


class PartedLips:
    """Paints the line between the lips as the action units that part them grow.

    What they move apart is the skin beside the line: it is the line that they widen, see
    `action_units`.

    Parameters
    ----------
    codes : sequence of str
        Action units, in the order of their intensities; most do not part lips.
    identity : Identity
    x, y : ndarray, shape (H, W), float32
        Face coordinates of the samples, as `Identity.grid` gives them.
    """

    def __init__(
        self, codes: Sequence[str], identity: Identity, x: FloatArray, y: FloatArray
    ) -> None:
        self._units = [place for place, code in enumerate(codes) if code in _PARTING]
        along = coverage(np.abs(x) - np.float32(0.9 * identity.mouth_half_width), 0.1)
        across = coverage(np.abs(y - identity.mouth_y) - np.float32(_HALF_WIDTH), 0.02)
        self._line = (along * across)[..., None]

    def painted_on(self, picture: FloatArray, intensities: FloatArray) -> FloatArray:
        """The picture (H, W, 3) with lips parted as far as `intensities` (K,) say."""
        opening = min(1.0, float(intensities[self._units].sum()) / _OPEN)
        if opening <= 0.0:
            return picture
        return np.asarray(picture + np.float32(opening) * self._line * (_INSIDE - picture))
