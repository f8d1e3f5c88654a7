"""TV-L1 at one pyramid level."""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .layout import allocate_state, blocks_of
from .lighting import even_lighting
from .median import median_filter
from .transfer import pad, read_flow, write_flow
from .tvl1 import iterate
from .vectors import LANES
from .warp import PADDING, linearise, smooth

Plane = npt.NDArray[np.float32]

_MORE_WARPS = 4
"""Further linearisations at the coarsest level; with one, movements over a pixel there are lost."""


@kernel
def _pad_for_spline(image: Plane) -> Plane:
    height, width = image.shape
    blocks = blocks_of(width)
    padded = np.empty((height + 2 * PADDING, LANES * blocks + 2 * PADDING), np.float32)
    pad(image, PADDING, padded)
    return padded


@kernel
def solve_level(
    reference: Plane,
    moving: Plane,
    flow: Plane,
    is_coarsest: bool,
    attachment: np.float32,
    tightness: np.float32,
    time_step: np.float32,
    warps: int,
    iterations: int,
    median: bool,
    lighting: bool,
) -> None:
    """Linearise around the flow, iterate, filter, and again; in place on `flow` (2, H, W).

    The coarsest level starts from nothing, so that its first linearisations are the furthest off:
    it gets some more. Light is left alone in that first one: as long as nothing is known of the
    movement, all of it would pass for light.
    """
    height, width = reference.shape
    padded_reference, padded_moving = _pad_for_spline(reference), _pad_for_spline(moving)
    columns = padded_reference.shape[1] - 2 * PADDING
    smooth_reference = np.empty((height, columns), np.float32)
    smooth(padded_reference, smooth_reference)
    state = allocate_state(height, width)
    write_flow(flow, state)
    for warp in range(warps + _MORE_WARPS if is_coarsest else warps):
        linearise(state, width, smooth_reference, padded_moving)
        if lighting and not (is_coarsest and warp == 0):
            even_lighting(state, height, width)
        iterate(state, height, width, attachment, tightness, time_step, iterations)
        if median:
            median_filter(state, height, width)
    read_flow(state, flow)
