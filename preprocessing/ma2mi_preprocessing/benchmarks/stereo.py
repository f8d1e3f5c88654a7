"""Flow methods on a photographed pair: the motorcycle of the Middlebury stereo benchmark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import skimage.data

from .cpu_time import timed
from .flow_methods import BASELINE, Flow, Gray, flow_methods

_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class StereoPair:
    """Two views of one scene, with ``left(x, y) = right(x + u, y)`` where u is known.

    Attributes
    ----------
    left, right : ndarray of uint8, shape (H, W)
    flow : ndarray of float32, shape (H, W, 2)
        Minus the disparity, and zero, in pixels.
    known : ndarray of bool, shape (H, W)
        Where the disparity was measured.
    """

    left: Gray
    right: Gray
    flow: Flow
    known: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class StereoRow:
    """One method on the pair at one reduction.

    Attributes
    ----------
    reduction : int
        The images are smaller by this factor.
    width, height : int
        Of the images compared, in pixels.
    largest : float
        Largest true displacement, in pixels.
    method : str
    epe : float
        Mean end-point error where the truth is known, in pixels.
    epe_ratio : float
        Divided by that of OpenCV's default TV-L1.
    milliseconds : float
        CPU time of a call.
    """

    reduction: int
    width: int
    height: int
    largest: float
    method: str
    epe: float
    epe_ratio: float
    milliseconds: float


def stereo_pair(reduction: int = 1) -> StereoPair:
    """The motorcycle pair in gray, with its sides divided by `reduction` by means of blocks.

    Parameters
    ----------
    reduction : int, optional

    Returns
    -------
    StereoPair

    Raises
    ------
    OSError
        Where scikit-image does not bring the pictures along and cannot fetch them.
    """
    left, right, disparity = (np.asarray(part, np.float64) for part in _load())
    # A block counts only where its disparity is known throughout.
    disparity = _block_means(np.where(np.isfinite(disparity), disparity, np.nan), reduction)
    known = np.isfinite(disparity)
    flow = np.zeros((*disparity.shape, 2), np.float32)
    flow[..., 0] = np.where(known, -disparity / reduction, 0)
    gray = [
        np.rint(_block_means(view @ _LUMA, reduction)).astype(np.uint8) for view in (left, right)
    ]
    return StereoPair(gray[0], gray[1], flow, known)


def benchmark_stereo(reductions: Sequence[int]) -> list[StereoRow]:
    """Error and time of each method at each reduction.

    Parameters
    ----------
    reductions : sequence of int
        Factors by which the pair is made smaller; disparities of up to 60 pixels shrink with it.

    Raises
    ------
    OSError
        As `stereo_pair`.
    """
    rows: list[StereoRow] = []
    for reduction in reductions:
        pair = stereo_pair(reduction)
        measured = {
            name: _measure(method.call, pair, min(method.repeats, 3))
            for name, method in flow_methods().items()
        }
        height, width = pair.left.shape
        rows += [
            StereoRow(
                reduction=reduction,
                width=width,
                height=height,
                largest=float(np.abs(pair.flow).max()),
                method=name,
                epe=epe,
                epe_ratio=epe / measured[BASELINE][0],
                milliseconds=1000 * seconds,
            )
            for name, (epe, seconds) in measured.items()
        ]
    return rows


def _measure(
    call: Callable[[Gray, Gray], Flow], pair: StereoPair, repeats: int
) -> tuple[float, float]:
    flow, seconds = timed(lambda: call(pair.left, pair.right), repeats)
    error = np.linalg.norm(flow - pair.flow, axis=-1)
    return float(error[pair.known].mean()), seconds


def _load() -> tuple[Any, Any, Any]:
    load: Callable[[], tuple[Any, Any, Any]] = skimage.data.stereo_motorcycle
    try:
        return load()
    except (ImportError, ValueError) as error:
        # Without pooch, or with a broken download, scikit-image raises one of these.
        raise OSError(str(error)) from error


def _block_means(image: npt.NDArray[np.float64], factor: int) -> npt.NDArray[np.float64]:
    height, width = (length // factor for length in image.shape)
    blocks = image[: height * factor, : width * factor].reshape(height, factor, width, factor)
    return np.asarray(blocks.mean(axis=(1, 3)))
