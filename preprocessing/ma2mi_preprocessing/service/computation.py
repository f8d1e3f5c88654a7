"""What the service computes from two images, and how it packs the result."""

import io
from collections.abc import Callable, Iterable
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from ..flow import optical_flow_tvl1
from ..flow_colour import flow_to_colour
from ..motion import frame_difference, optical_strain, to_gray

# Full colour is what is strong, so that one wild pixel does not hide the rest, and never so little
# that noise shines.
_STRONG_PERCENTILE = 99.5
_SMALLEST_STRAIN = 0.01
_SMALLEST_DIFFERENCE = 8 / 255


ArrayName = Literal["flow", "strain", "difference"]
ARRAYS: tuple[ArrayName, ...] = get_args(ArrayName)


class Motion:
    """Motion from a reference to a moving image; computed when it is asked for, once.

    Not by `functools.cached_property`: until Python 3.12 its lock is one for all objects, and
    would let no two requests compute at the same time.

    Parameters
    ----------
    reference, moving : ndarray of uint8, shape (H, W, 3)
        RGB, of one size.
    """

    def __init__(self, reference: npt.NDArray[np.uint8], moving: npt.NDArray[np.uint8]) -> None:
        self.reference = reference
        self.moving = moving
        self._computed: dict[ArrayName, npt.NDArray[np.float32]] = {}

    @property
    def flow(self) -> npt.NDArray[np.float32]:
        """(u, v) in pixels, right and down are positive; shape (H, W, 2)."""
        return self._once(
            "flow", lambda: optical_flow_tvl1(to_gray(self.reference), to_gray(self.moving))
        )

    @property
    def strain(self) -> npt.NDArray[np.float32]:
        """Optical strain magnitude, shape (H, W)."""
        return self._once("strain", lambda: optical_strain(self.flow))

    @property
    def difference(self) -> npt.NDArray[np.float32]:
        """Moving minus reference, RGB, -1..1, shape (H, W, 3)."""
        return self._once("difference", lambda: frame_difference(self.reference, self.moving))

    def _once(
        self, name: ArrayName, compute: Callable[[], npt.NDArray[np.float32]]
    ) -> npt.NDArray[np.float32]:
        if name not in self._computed:
            self._computed[name] = compute()
        return self._computed[name]


def compute_motion(
    reference: npt.NDArray[np.uint8],
    moving: npt.NDArray[np.uint8],
    arrays: Iterable[ArrayName] = ("flow",),
) -> Motion:
    """Compute what is named, of two RGB images of one size.

    Raises
    ------
    ValueError
        The images differ in size, or are too small for optical flow.
    """
    motion = Motion(reference, moving)
    for name in arrays:
        getattr(motion, name)
    return motion


def as_npz(motion: Motion, arrays: Iterable[ArrayName] = ARRAYS) -> bytes:
    """Pack what is named as the bytes of an `.npz` file."""
    # Uncompressed: noise hardly shrinks, and compressing takes longer than the flow.
    buffer = io.BytesIO()
    np.savez(buffer, **{name: getattr(motion, name) for name in dict.fromkeys(arrays)})
    return buffer.getvalue()


def as_png(motion: Motion, max_flow: float | None) -> bytes:
    """Draw the flow in colour, as the bytes of a PNG file."""
    return _png(flow_to_colour(motion.flow, max_flow=max_flow))


def strain_as_png(motion: Motion) -> bytes:
    """Draw the optical strain, black to yellow, as the bytes of a PNG file."""
    full = max(_SMALLEST_STRAIN, float(np.percentile(motion.strain, _STRONG_PERCENTILE)))
    scaled = np.rint(255 * np.clip(motion.strain / full, 0, 1)).astype(np.uint8)
    return _png(cv2.cvtColor(cv2.applyColorMap(scaled, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB))


def difference_as_png(motion: Motion) -> bytes:
    """Draw the difference of the images, gray where nothing changed, as the bytes of a PNG file."""
    strong = float(np.percentile(np.abs(motion.difference), _STRONG_PERCENTILE))
    scaled = motion.difference / max(_SMALLEST_DIFFERENCE, strong)
    return _png(np.rint(127.5 + 127.5 * np.clip(scaled, -1, 1)).astype(np.uint8))


def _png(picture: npt.NDArray[np.uint8]) -> bytes:
    written, content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not written:
        raise RuntimeError("OpenCV could not write a PNG")
    return content.tobytes()
