"""The flow methods that are compared, each from two 8-bit gray images to (H, W, 2) flow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
import skimage.registration

from ..flow import optical_flow_tvl1

Gray = npt.NDArray[np.uint8]
Flow = npt.NDArray[np.float32]
FlowCall = Callable[..., Flow]

OURS = "ma2mi TV-L1"
BASELINE = "OpenCV DualTVL1"
"""The method whose time and error most ratios refer to: OpenCV's with its default parameters."""

FOR_SPEED = "OpenCV for speed"
"""The same with the parameters any user could change to make it several times faster."""

DIS = "OpenCV DIS medium"
FARNEBACK = "OpenCV Farneback"
SCIKIT_IMAGE = "scikit-image"

_PRE_BLUR = 0.6
"""Deviation of the Gaussian that keeps the fast settings accurate under noise, in pixels."""


@dataclass(frozen=True)
class FlowMethod:
    """One method of the comparison.

    Attributes
    ----------
    call : Callable
        From reference and moving, uint8 of shape (H, W), to flow, float32 of shape (H, W, 2).
    repeats : int
        How often each call is timed; fewer for slow methods, whose times scatter less.
    """

    call: Callable[[Gray, Gray], Flow]
    repeats: int


def flow_methods() -> dict[str, FlowMethod]:
    """The methods by name; ratios are computed for all, in this order."""
    return {
        OURS: FlowMethod(optical_flow_tvl1, 7),
        BASELINE: FlowMethod(_calc(cv2.optflow.DualTVL1OpticalFlow.create()), 1),
        FOR_SPEED: FlowMethod(_tvl1_for_speed(), 3),
        DIS: FlowMethod(_calc(cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)), 7),
        FARNEBACK: FlowMethod(_farneback, 3),
        SCIKIT_IMAGE: FlowMethod(_scikit_image, 1),
    }


def _calc(algorithm: cv2.DenseOpticalFlow) -> Callable[[Gray, Gray], Flow]:
    # OpenCV takes None for "no initial flow", but its type stub does not say so.
    calc = cast(FlowCall, algorithm.calc)
    return lambda reference, moving: calc(reference, moving, None)


def _tvl1_for_speed() -> Callable[[Gray, Gray], Flow]:
    algorithm = cv2.optflow.DualTVL1OpticalFlow.create()
    algorithm.setScaleStep(0.5)
    algorithm.setScalesNumber(4)
    algorithm.setWarpingsNumber(2)
    algorithm.setOuterIterations(10)
    algorithm.setInnerIterations(2)
    calc = _calc(algorithm)

    def blur_and_calc(reference: Gray, moving: Gray) -> Flow:
        blurred = [
            cast(Gray, cv2.GaussianBlur(image, (0, 0), _PRE_BLUR)) for image in (reference, moving)
        ]
        return calc(*blurred)

    return blur_and_calc


def _farneback(reference: Gray, moving: Gray) -> Flow:
    # The values of OpenCV's own documentation and samples; the function has no defaults.
    calc = cast(FlowCall, cv2.calcOpticalFlowFarneback)
    return calc(
        reference,
        moving,
        None,
        pyr_scale=0.5,
        levels=3,
        winsize=15,
        iterations=3,
        poly_n=5,
        poly_sigma=1.2,
        flags=0,
    )


def _scikit_image(reference: Gray, moving: Gray) -> Flow:
    estimate = cast(Callable[..., npt.NDArray[Any]], skimage.registration.optical_flow_tvl1)
    # It expects intensities 0..1, and returns rows before columns: (v, u).
    v, u = estimate(
        reference.astype(np.float32) / np.float32(255),
        moving.astype(np.float32) / np.float32(255),
        dtype=np.float32,
    )
    return np.stack((u, v), axis=-1)
