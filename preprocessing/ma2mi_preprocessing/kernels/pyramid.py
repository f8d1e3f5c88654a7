"""Image pyramids, and flow carried from one of their levels to the next."""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .resampling import double, halve

Plane = npt.NDArray[np.float32]


@kernel
def halve_image(image: Plane) -> Plane:
    """Smooth an (H, W) image and halve it, rounding sizes up, with both grids centred."""
    height, width = image.shape
    half = np.empty(((height + 1) // 2, (width + 1) // 2), np.float32)
    halve(image, half)
    return half


@kernel
def build_pyramid(image: Plane, levels: int, smallest_side: int) -> list[Plane]:
    """Images from fine to coarse, at most `levels`, none with a side under `smallest_side`."""
    pyramid = [image]
    while len(pyramid) < levels and (min(pyramid[-1].shape) + 1) // 2 >= smallest_side:
        pyramid.append(halve_image(pyramid[-1]))
    return pyramid


@kernel
def refine_flow(flow: Plane, height: int, width: int) -> Plane:
    """Carry a (2, h, w) flow to the next finer grid (H, W), in pixels of that grid."""
    finer = np.empty((2, height, width), np.float32)
    double(flow, np.float32(2.0), finer)
    return finer
