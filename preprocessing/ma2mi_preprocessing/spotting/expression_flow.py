"""Movement of the face between two pictures, less that of the head."""

import cv2
import numpy as np

from ..flow import optical_flow_tvl1
from ..head_motion import head_motion
from .working_images import Images, Mask

_NEGLIGIBLE_HEAD_MOTION = 0.25


def expression_flow(reference: Images, moving: Images, mask: Mask) -> Images:
    """Flow (H, W, 2) of the face with the head held still.

    Parameters
    ----------
    reference, moving : ndarray, shape (H, W), float32
        Evenly exposed working pictures.
    mask : ndarray, shape (H, W), bool
        What tells the motion of the head.
    """
    flow = optical_flow_tvl1(reference, moving)
    head = head_motion(flow, mask)
    if np.abs(head[mask]).max() < _NEGLIGIBLE_HEAD_MOTION:
        return flow - head
    # Smooth parts of a face follow a large motion less than detailed ones do, and the difference
    # would look like an expression: bring the head back first.
    height, width = reference.shape
    x = head[..., 0] + np.arange(width, dtype=np.float32)[None, :]
    y = head[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    held = cv2.remap(moving, x, y, cv2.INTER_CUBIC, None, cv2.BORDER_REPLICATE)
    # The region has now other pixels in it.
    held *= reference[mask].mean() / held[mask].mean()
    flow = optical_flow_tvl1(reference, held)
    return flow - head_motion(flow, mask)
