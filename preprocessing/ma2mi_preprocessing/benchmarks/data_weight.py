"""How the error of `optical_flow_tvl1` depends on the weight of its data term."""

import inspect
import statistics
from dataclasses import dataclass

from ..flow import optical_flow_tvl1
from .flow_figures import measurement
from .flow_pairs import known_flow_pair

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
KINDS = ("smooth", "discontinuity", "lighting")


@dataclass(frozen=True)
class DataWeightRow:
    """Our errors with one weight on one kind of pairs.

    Attributes
    ----------
    kind : str
    factor : float
        Times the default `attachment`.
    attachment : float
    epe, epe_moving : float
        Mean end-point error over all pixels and over moving ones, in pixels.
    epe_edge : float or None
        Within 4 pixels of a motion edge; None for kinds without motion edges.
    """

    kind: str
    factor: float
    attachment: float
    epe: float
    epe_moving: float
    epe_edge: float | None


def benchmark_data_weight(
    *, size: int = 224, noise: float = 1.0, pairs: int = 18, seed: int = 0
) -> list[DataWeightRow]:
    """Errors at a quarter to four times the default weight, on the same pairs.

    Parameters
    ----------
    size : int, optional
        Side of the square images, in pixels.
    noise : float, optional
        Standard deviation of the noise, in grey levels.
    pairs, seed : int, optional
        As for `benchmark_flow`.
    """
    default = float(inspect.signature(optical_flow_tvl1).parameters["attachment"].default)
    rows = []
    for kind in KINDS:
        known = [known_flow_pair(size, noise, i, seed=seed, kind=kind) for i in range(pairs)]
        for factor in FACTORS:
            results = [
                measurement(
                    optical_flow_tvl1(p.reference, p.moving, attachment=factor * default), p, 0.0
                )
                for p in known
            ]
            edges = [result.edge for result in results if result.edge is not None]
            rows.append(
                DataWeightRow(
                    kind=kind,
                    factor=factor,
                    attachment=factor * default,
                    epe=statistics.fmean(result.epe for result in results),
                    epe_moving=statistics.fmean(result.moving for result in results),
                    epe_edge=statistics.fmean(edges) if edges else None,
                )
            )
    return rows
