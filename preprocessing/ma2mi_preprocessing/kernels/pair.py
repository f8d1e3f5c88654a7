"""TV-L1 of one pair from coarse to fine, in one call.

Threads that share a batch then ask for the interpreter lock once a pair.
"""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .level import solve_level
from .pyramid import build_pyramid, refine_flow

Plane = npt.NDArray[np.float32]

_LOOSER = 2
"""Tightness of the coarsest level, over what it would be by halving."""


@kernel
def _interleave(flow: Plane, out: Plane) -> None:
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j, 0], out[i, j, 1] = flow[0, i, j], flow[1, i, j]


@kernel
def solve_pair(
    reference: Plane,
    moving: Plane,
    out: Plane,
    attachment: float,
    tightness: float,
    time_step: float,
    warps: int,
    iterations: int,
    levels: int,
    smallest_side: int,
    median: bool,
    lighting: bool,
) -> None:
    """Write the flow between two (H, W) planes to `out` (H, W, 2).

    A pixel of a coarser level is the mean of four finer ones, with half their noise: the attachment
    doubles with each level. Not so at the coarsest, where a change of light is not yet taken away.
    The tightness would fall to a quarter, in squared pixels, but large movements are then not
    reached: it halves, and is looser at the coarsest level, which starts from nothing. Iterations,
    so much cheaper there, double.
    """
    references = build_pyramid(reference, levels, smallest_side)
    movings = build_pyramid(moving, levels, smallest_side)
    coarsest = len(references) - 1
    height, width = references[coarsest].shape
    flow = np.zeros((2, height, width), np.float32)
    for level in range(coarsest, -1, -1):
        is_coarsest = level == coarsest
        if not is_coarsest:
            height, width = references[level].shape
            flow = refine_flow(flow, height, width)
        trust, looser = (1, _LOOSER) if is_coarsest else (2**level, 1)
        solve_level(
            references[level],
            movings[level],
            flow,
            is_coarsest,
            np.float32(attachment * trust),
            np.float32(looser * tightness / 2**level),
            np.float32(time_step),
            warps,
            iterations * 2**level,
            median,
            lighting,
        )
    _interleave(flow, out)
