"""What the service computes from two images, and how it packs the result."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ..flow import optical_flow_tvl1
from ..flow_colour import flow_to_colour
from ..motion import frame_difference, optical_strain, to_gray


@dataclass(frozen=True, eq=False)
class Motion:
    """Motion from a reference to a moving image.

    Attributes
    ----------
    flow : ndarray of float32, shape (H, W, 2)
        (u, v) in pixels; right and down are positive.
    strain : ndarray of float32, shape (H, W)
        Optical strain magnitude.
    difference : ndarray of float32, shape (H, W, 3)
        Moving minus reference, RGB, -1..1.
    """

    flow: npt.NDArray[np.float32]
    strain: npt.NDArray[np.float32]
    difference: npt.NDArray[np.float32]


def compute_motion(reference: npt.NDArray[np.uint8], moving: npt.NDArray[np.uint8]) -> Motion:
    """Compute flow, strain and difference of two RGB images of one size.

    Raises
    ------
    ValueError
        The images differ in size, or are too small for optical flow.
    """
    flow = optical_flow_tvl1(to_gray(reference), to_gray(moving))
    return Motion(flow, optical_strain(flow), frame_difference(reference, moving))


def as_npz(motion: Motion) -> bytes:
    """Pack everything as the bytes of an `.npz` file."""
    # Uncompressed: noise hardly shrinks, and compressing takes longer than the flow.
    buffer = io.BytesIO()
    np.savez(buffer, flow=motion.flow, strain=motion.strain, difference=motion.difference)
    return buffer.getvalue()


def as_png(motion: Motion, max_flow: float | None) -> bytes:
    """Draw the flow in colour, as the bytes of a PNG file."""
    picture = flow_to_colour(motion.flow, max_flow=max_flow)
    written, content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not written:
        raise RuntimeError("OpenCV could not write a PNG")
    return content.tobytes()
