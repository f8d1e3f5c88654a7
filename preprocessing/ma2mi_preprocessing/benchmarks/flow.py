"""How accurate and how fast `optical_flow_tvl1` is beside OpenCV's methods, on one thread."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from ..checks import check_count
from ..flow import optical_flow_tvl1
from .flow_pairs import KnownFlowPair, known_flow_pair

Gray = npt.NDArray[np.uint8]
Flow = npt.NDArray[np.float32]
FlowMethod = Callable[[Gray, Gray], Flow]
FlowCall = Callable[..., Flow]

OURS = "ma2mi TV-L1"
BASELINE = "OpenCV DualTVL1"
"""The method whose time and error the ratios refer to: OpenCV's with its default parameters."""

NOISES = (0.0, 1.0, 2.0)
MOVING_THRESHOLD = 0.1
"""Pixels whose true flow is longer than this count as moving, in pixels."""


@dataclass(frozen=True)
class FlowBenchmarkRow:
    """One method on all pairs of one image size and noise level.

    Attributes
    ----------
    size : int
        Side of the square images, in pixels.
    noise : float
        Standard deviation of the noise, in grey levels.
    method : str
    pairs : int
        Number of image pairs.
    epe : float
        Mean end-point error over all pixels, in pixels.
    epe_moving : float
        The same over pixels that truly move by more than 0.1 pixel.
    milliseconds : float
        Median over pairs of the median CPU time of a call.
    epe_ratio, epe_moving_ratio : float
        Error divided by that of OpenCV's default TV-L1; below 1 is better.
    speed_up : float
        Mean time of OpenCV's default TV-L1 divided by the mean time of this method.
    speed_up_min, speed_up_max : float
        Smallest and largest ratio on a single pair: OpenCV's time depends on the content.
    """

    size: int
    noise: float
    method: str
    pairs: int
    epe: float
    epe_moving: float
    milliseconds: float
    epe_ratio: float
    epe_moving_ratio: float
    speed_up: float
    speed_up_min: float
    speed_up_max: float


@dataclass(frozen=True)
class _Measurement:
    epe: float
    epe_moving: float
    seconds: float


def flow_methods() -> dict[str, FlowMethod]:
    """The methods compared, by name, each from two 8-bit gray images to (H, W, 2) flow."""
    return {
        OURS: optical_flow_tvl1,
        BASELINE: _opencv_method(cv2.optflow.DualTVL1OpticalFlow.create()),
        "OpenCV DIS medium": _opencv_method(
            cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        ),
        "OpenCV Farneback": _farneback,
    }


def _opencv_method(algorithm: cv2.DenseOpticalFlow) -> FlowMethod:
    # OpenCV takes None for "no initial flow", but its type stub does not say so.
    calc = cast(FlowCall, algorithm.calc)
    return lambda reference, moving: calc(reference, moving, None)


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


def benchmark_flow(
    *,
    sizes: Sequence[int] = (128, 224),
    pairs: int = 12,
    repeats: int = 3,
    quick: bool = False,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[FlowBenchmarkRow]:
    """Measure error and time of flow methods on pairs with known flow, at three noise levels.

    Everything runs in this process on one thread; OpenCV's number of threads is restored
    afterwards. The methods take turns pair by pair, so that a machine that slows down slows all.

    Parameters
    ----------
    sizes : sequence of int, optional
        Sides of the square images, at least 16 pixels.
    pairs : int, optional
        Number of pairs for each size and noise level.
    repeats : int, optional
        How often each call is timed; the median counts.
    quick : bool, optional
        Take at most 3 pairs and time each call at most twice.
    seed : int, optional
        Fixes the images and their flow.
    on_progress : Callable, optional
        Called with (done, total) after each pair.

    Returns
    -------
    list of FlowBenchmarkRow
        One for each size, noise level and method, in this order.

    Raises
    ------
    ValueError
        Where a size or a number is too small.
    """
    for size in sizes:
        check_count("sizes", size, smallest=16)
    check_count("pairs", pairs)
    check_count("repeats", repeats)
    if quick:
        pairs, repeats = min(pairs, 3), min(repeats, 2)
    cells = [(size, noise) for size in sizes for noise in NOISES]
    total = len(cells) * pairs
    rows: list[FlowBenchmarkRow] = []
    with _one_opencv_thread():
        methods = flow_methods()
        _warm_up(methods)
        for size, noise in cells:
            measured: dict[str, list[_Measurement]] = {name: [] for name in methods}
            for index in range(pairs):
                pair = known_flow_pair(size, noise, index, seed=seed)
                for name, method in methods.items():
                    measured[name].append(_measure(method, pair, repeats))
                if on_progress is not None:
                    on_progress(len(rows) // len(methods) * pairs + index + 1, total)
            rows.extend(_rows(size, noise, measured))
    return rows


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def _warm_up(methods: dict[str, FlowMethod]) -> None:
    """Compile, load and allocate before the clock runs."""
    pair = known_flow_pair(32, 0.0, 0)
    for method in methods.values():
        method(pair.reference, pair.moving)


def _measure(method: FlowMethod, pair: KnownFlowPair, repeats: int) -> _Measurement:
    seconds = []
    for _ in range(repeats):
        # CPU time of this thread, on which all methods run: other programs do not slow it.
        start = time.thread_time()
        flow = method(pair.reference, pair.moving)
        seconds.append(time.thread_time() - start)
    error = np.linalg.norm(flow - pair.flow, axis=-1)
    moving = np.linalg.norm(pair.flow, axis=-1) > MOVING_THRESHOLD
    return _Measurement(
        float(error.mean()), float(error[moving].mean()), statistics.median(seconds)
    )


def _rows(
    size: int, noise: float, measured: dict[str, list[_Measurement]]
) -> Iterator[FlowBenchmarkRow]:
    baseline = measured[BASELINE]
    for name, results in measured.items():
        ratios = [b.seconds / r.seconds for b, r in zip(baseline, results, strict=True)]
        mean = partial(_mean_ratio, results, baseline)
        yield FlowBenchmarkRow(
            size=size,
            noise=noise,
            method=name,
            pairs=len(results),
            epe=statistics.fmean(r.epe for r in results),
            epe_moving=statistics.fmean(r.epe_moving for r in results),
            milliseconds=1000 * statistics.median(r.seconds for r in results),
            epe_ratio=mean("epe"),
            epe_moving_ratio=mean("epe_moving"),
            speed_up=1 / mean("seconds"),
            speed_up_min=min(ratios),
            speed_up_max=max(ratios),
        )


def _mean_ratio(results: list[_Measurement], baseline: list[_Measurement], field: str) -> float:
    return statistics.fmean(getattr(r, field) for r in results) / statistics.fmean(
        getattr(b, field) for b in baseline
    )
