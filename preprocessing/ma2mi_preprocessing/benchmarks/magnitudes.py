"""What optical strain and frame difference cost beside the flow."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..flow import optical_flow_tvl1
from ..motion import frame_difference, optical_strain
from .cpu_time import timed
from .flow_pairs import known_flow_pair

_REPEATS = 31


@dataclass(frozen=True)
class MagnitudeRow:
    """CPU time of one step on a gray pair.

    Attributes
    ----------
    size : int
        Side of the square images, in pixels.
    step : str
    milliseconds : float
    percent_of_flow : float
    """

    size: int
    step: str
    milliseconds: float
    percent_of_flow: float


def benchmark_magnitudes(
    *, sizes: tuple[int, ...] = (224,), noise: float = 1.0, seed: int = 0
) -> list[MagnitudeRow]:
    """Median times of the flow, of its strain, and of the frame difference.

    Parameters
    ----------
    sizes : tuple of int, optional
        Sides of the square images, in pixels.
    noise : float, optional
        Standard deviation of the noise, in grey levels.
    seed : int, optional
        Fixes the images.
    """
    rows = []
    for size in sizes:
        pair = known_flow_pair(size, noise, 0, seed=seed)
        steps: dict[str, Callable[[], object]] = {
            "optical_flow_tvl1": partial(optical_flow_tvl1, pair.reference, pair.moving),
            "optical_strain": partial(optical_strain, pair.flow),
            "frame_difference": partial(frame_difference, pair.reference, pair.moving),
        }
        for step in steps.values():
            step()
        milliseconds = {name: 1000 * timed(step, _REPEATS)[1] for name, step in steps.items()}
        whole = milliseconds["optical_flow_tvl1"]
        rows += [
            MagnitudeRow(size, name, taken, 100 * taken / whole)
            for name, taken in milliseconds.items()
        ]
    return rows
