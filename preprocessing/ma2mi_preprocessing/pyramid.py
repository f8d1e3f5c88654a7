"""Coarse-to-fine estimation: image pyramids and the loop over them, for any flow solver."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .kernels.resampling import double, halve

Plane = npt.NDArray[np.float32]

Solver = Callable[[Plane, Plane, Plane, int], Plane]
"""``solver(reference, moving, initial_flow, level) -> flow``: flow is (2, H, W), u first.

Level 0 is the finest; a pixel of level k is 2^k pixels of level 0 wide.
"""


def halve_planes(planes: Plane) -> Plane:
    """Smooth each plane of (N, H, W) and halve it, rounding sizes up, with both grids centred."""
    count, height, width = planes.shape
    half = np.empty((count, (height + 1) // 2, (width + 1) // 2), np.float32)
    halve(planes, half)
    return half


def double_planes(planes: Plane, shape: tuple[int, ...], scale: float = 1.0) -> Plane:
    """Interpolate each plane of (N, h, w) to the next finer grid, `shape` (H, W), times `scale`."""
    finer = np.empty((len(planes), *shape), np.float32)
    double(planes, np.float32(scale), finer)
    return finer


def build_pyramid(image: Plane, levels: int, smallest_side: int) -> list[Plane]:
    """Images from fine to coarse, at most `levels`, none with a side under `smallest_side`."""
    pyramid = [image]
    while len(pyramid) < levels and (min(pyramid[-1].shape) + 1) // 2 >= smallest_side:
        pyramid.append(halve_planes(pyramid[-1][None])[0])
    return pyramid


def refine_flow(flow: Plane, shape: tuple[int, ...]) -> Plane:
    """Carry a (2, h, w) flow to the next finer grid of `shape` (H, W), in pixels of that grid."""
    return double_planes(flow, shape, scale=2.0)


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
        shape = level_reference.shape
        initial = np.zeros((2, *shape), np.float32) if flow is None else refine_flow(flow, shape)
        flow = solver(level_reference, level_moving, initial, level)
    assert flow is not None
    return flow
