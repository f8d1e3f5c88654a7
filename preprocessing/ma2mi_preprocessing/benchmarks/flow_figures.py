"""From single measurements to the figures of a table: means, medians, and ratios with spread."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .flow_methods import BASELINE, DIS, FOR_SPEED, Flow
from .flow_pairs import KnownFlowPair

MOVING_THRESHOLD = 0.1
"""Pixels whose true flow is longer than this count as moving, in pixels."""

FASTER_THAN = (BASELINE, FOR_SPEED, DIS)


@dataclass(frozen=True)
class Measurement:
    """One method on one pair: end-point errors in pixels, and CPU time in seconds.

    `visible` is the error over pixels that are not occluded, `edge` that near motion edges; both
    are None where a pair has no motion edge.
    """

    epe: float
    moving: float
    visible: float | None
    edge: float | None
    seconds: float


@dataclass(frozen=True)
class Ratio:
    """Ratio of the means over pairs, and the smallest and largest on a single pair."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class FlowRow:
    """One method on all pairs of one kind, size and noise level.

    Attributes
    ----------
    kind : str
        One of `PAIR_KINDS`.
    size : int
        Side of the square images, in pixels.
    noise : float or None
        Standard deviation of the noise, in grey levels; None over all noise levels together.
    method : str
    pairs : int
        Number of image pairs.
    epe, epe_moving : float
        Mean end-point error over all pixels, and over those that truly move by more than
        `MOVING_THRESHOLD`, in pixels.
    epe_visible, epe_edge : float or None
        The same over pixels that are not occluded, and over those within 4 pixels of a motion
        edge; None for kinds without motion edges.
    milliseconds : float
        Median over pairs of the median CPU time of a call.
    mean_milliseconds : float
        Mean over pairs, which the ratios of times are made of.
    epe_ratio, epe_moving_ratio : Ratio
        Error divided by that of OpenCV's default TV-L1; below 1 is better.
    epe_visible_ratio, epe_edge_ratio : Ratio or None
        The same for the pixels of `epe_visible` and `epe_edge`.
    times_faster : dict of str to Ratio
        Time of each of `FASTER_THAN` divided by the time of this method.
    """

    kind: str
    size: int
    noise: float | None
    method: str
    pairs: int
    epe: float
    epe_moving: float
    epe_visible: float | None
    epe_edge: float | None
    milliseconds: float
    mean_milliseconds: float
    epe_ratio: Ratio
    epe_moving_ratio: Ratio
    epe_visible_ratio: Ratio | None
    epe_edge_ratio: Ratio | None
    times_faster: dict[str, Ratio]


def measurement(flow: Flow, pair: KnownFlowPair, seconds: float) -> Measurement:
    """Compare an estimated flow with the truth."""
    error = np.linalg.norm(flow - pair.flow, axis=-1)
    moving = np.linalg.norm(pair.flow, axis=-1) > MOVING_THRESHOLD
    has_edges = bool(pair.edge.any())
    return Measurement(
        epe=float(error.mean()),
        moving=float(error[moving].mean()),
        visible=float(error[~pair.occluded].mean()) if has_edges else None,
        edge=float(error[pair.edge].mean()) if has_edges else None,
        seconds=seconds,
    )


def flow_rows(
    kind: str, size: int, noise: float | None, measured: Mapping[str, Sequence[Measurement]]
) -> Iterator[FlowRow]:
    """One row for each method; all lists of measurements are in the order of the same pairs."""
    baseline = measured[BASELINE]
    for method, results in measured.items():
        milliseconds = [1000 * result.seconds for result in results]
        yield FlowRow(
            kind=kind,
            size=size,
            noise=noise,
            method=method,
            pairs=len(results),
            epe=statistics.fmean(result.epe for result in results),
            epe_moving=statistics.fmean(result.moving for result in results),
            epe_visible=_mean(results, lambda result: result.visible),
            epe_edge=_mean(results, lambda result: result.edge),
            milliseconds=statistics.median(milliseconds),
            mean_milliseconds=statistics.fmean(milliseconds),
            epe_ratio=ratio([r.epe for r in results], [r.epe for r in baseline]),
            epe_moving_ratio=ratio([r.moving for r in results], [r.moving for r in baseline]),
            epe_visible_ratio=_optional_ratio(results, baseline, lambda result: result.visible),
            epe_edge_ratio=_optional_ratio(results, baseline, lambda result: result.edge),
            times_faster={
                other: ratio([r.seconds for r in measured[other]], [r.seconds for r in results])
                for other in FASTER_THAN
            },
        )


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Ratio of two quantities that were measured on the same pairs."""
    single = [a / b for a, b in zip(numerators, denominators, strict=True)]
    return Ratio(
        mean=statistics.fmean(numerators) / statistics.fmean(denominators),
        low=min(single),
        high=max(single),
    )


def _known(
    results: Sequence[Measurement], field: Callable[[Measurement], float | None]
) -> list[float]:
    values = [field(result) for result in results]
    return [value for value in values if value is not None]


def _mean(
    results: Sequence[Measurement], field: Callable[[Measurement], float | None]
) -> float | None:
    values = _known(results, field)
    return statistics.fmean(values) if values else None


def _optional_ratio(
    results: Sequence[Measurement],
    baseline: Sequence[Measurement],
    field: Callable[[Measurement], float | None],
) -> Ratio | None:
    values = _known(results, field)
    return ratio(values, _known(baseline, field)) if values else None
