"""Coarse-to-fine estimation: image pyramids and the loop over them, for any flow solver."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .kernels.resampling import double, halve

Plane = npt.NDArray[np.float32]

Solver = Callable[[Plane, Plane, Plane | None, int], Plane]
"""``solver(reference, moving, initial_flow, level) -> flow``: flow is (2, H, W), u first.

Level 0 is the finest; a pixel of level k is 2^k pixels of level 0 wide. The coarsest level has no
initial flow. The solver may overwrite the one it is given.
"""


def halve_image(image: Plane) -> Plane:
    """Smooth an (H, W) image and halve it, rounding sizes up, with both grids centred."""
    height, width = image.shape
    half = np.empty(((height + 1) // 2, (width + 1) // 2), np.float32)
    halve(image, half)
    return half


def build_pyramid(image: Plane, levels: int, smallest_side: int) -> list[Plane]:
    """Images from fine to coarse, at most `levels`, none with a side under `smallest_side`."""
    pyramid = [image]
    while len(pyramid) < levels and (min(pyramid[-1].shape) + 1) // 2 >= smallest_side:
        pyramid.append(halve_image(pyramid[-1]))
    return pyramid


def refine_flow(flow: Plane, shape: tuple[int, ...]) -> Plane:
    """Carry a (2, h, w) flow to the next finer grid of `shape` (H, W), in pixels of that grid."""
    finer = np.empty((2, *shape), np.float32)
    double(flow, np.float32(2.0), finer)
    return finer


def coarse_to_fine(
    reference: Plane, moving: Plane, solver: Solver, *, levels: int, smallest_side: int
) -> Plane:
    """Estimate the flow at the coarsest level from zero, then refine it level by level.

    Parameters
    ----------
    reference, moving : ndarray of float32, shape (H, W)
        C-ordered images.
    solver : Callable
        Improves an initial flow at one level.
    levels : int
        Largest number of levels.
    smallest_side : int
        No level has a side shorter than this, in pixels.

    Returns
    -------
    ndarray of float32, shape (2, H, W)
        u (right is positive), then v (down is positive), in pixels.
    """
    pairs = zip(
        build_pyramid(reference, levels, smallest_side),
        build_pyramid(moving, levels, smallest_side),
        strict=True,
    )
    flow: Plane | None = None
    for level, (level_reference, level_moving) in reversed(list(enumerate(pairs))):
        initial = None if flow is None else refine_flow(flow, level_reference.shape)
        flow = solver(level_reference, level_moving, initial, level)
    assert flow is not None
    return flow
