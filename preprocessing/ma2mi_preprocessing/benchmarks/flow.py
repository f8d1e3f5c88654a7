"""How accurate and how fast `optical_flow_tvl1` is beside other methods, on one thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .. import checks
from .cpu_time import timed
from .flow_figures import FlowRow, Measurement, flow_rows, measurement
from .flow_methods import FlowMethod, flow_methods
from .flow_pairs import PAIR_KINDS, KnownFlowPair, known_flow_pair
from .one_cpu import pinned_to_one_cpu

NOISES = (0.0, 1.0, 2.0)

_Results = dict[str, list[Measurement]]


@dataclass(frozen=True)
class FlowCell:
    """Which pairs to measure: one kind and size, at several noise levels.

    Attributes
    ----------
    kind : str
        One of `PAIR_KINDS`.
    size : int
        Side of the square images, at least 16 pixels.
    pairs : int
        Number of pairs at each noise level; the same scenes at all of them.
    noises : tuple of float
        Standard deviations of the noise, in grey levels.
    """

    kind: str
    size: int
    pairs: int
    noises: tuple[float, ...] = NOISES

    def __post_init__(self) -> None:
        if self.kind not in PAIR_KINDS:
            raise ValueError(
                f"`kind` must be one of {', '.join(PAIR_KINDS)}. Received: kind={self.kind!r}"
            )
        checks.check_count("size", self.size, smallest=16)
        checks.check_count("pairs", self.pairs)
        if not self.noises:
            raise ValueError("`noises` must name at least one level. Received: noises=()")


def benchmark_flow(
    cells: Sequence[FlowCell],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[FlowRow]:
    """Measure error and time of flow methods on pairs with known flow.

    Everything runs in this process, bound to one CPU and on one thread; both are undone
    afterwards. The methods take turns pair by pair, so that a machine that slows down slows all.

    Parameters
    ----------
    cells : sequence of FlowCell
    seed : int, optional
        Fixes the images and their flow.
    on_progress : Callable, optional
        Called with (done, total) after each pair.

    Returns
    -------
    list of FlowRow
        For each cell: for each noise level, and then (where there are several) for all of them
        together, one row for each method.
    """
    total = sum(cell.pairs * len(cell.noises) for cell in cells)
    done = 0

    def on_pair() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, total)

    with pinned_to_one_cpu():
        return [row for cell in cells for row in _measure_cell(cell, seed, on_pair)]


def _warmed_up(size: int) -> dict[str, FlowMethod]:
    """The methods, with all compiled, loaded and allocated before the clock runs."""
    # New ones for each size, as OpenCV's objects keep what they once chose for a small image:
    # DualTVL1 has fewer levels from then on, and DIS a finer scale, several times slower.
    methods = flow_methods()
    pair = known_flow_pair(size, 0.0, 0)
    for method in methods.values():
        method.call(pair.reference, pair.moving)
    return methods


def _measure_cell(cell: FlowCell, seed: int, on_pair: Callable[[], None]) -> list[FlowRow]:
    methods = _warmed_up(cell.size)
    results: dict[float, _Results] = {
        noise: {name: [] for name in methods} for noise in cell.noises
    }
    # The noise levels of a scene follow each other, as drawing it anew would take longer.
    for index in range(cell.pairs):
        for noise in cell.noises:
            pair = known_flow_pair(cell.size, noise, index, seed=seed, kind=cell.kind)
            for name, method in methods.items():
                results[noise][name].append(_measure(method, pair))
            on_pair()
    rows = [
        row
        for noise, measured in results.items()
        for row in flow_rows(cell.kind, cell.size, noise, measured)
    ]
    if len(cell.noises) > 1:
        together = {
            name: [result for measured in results.values() for result in measured[name]]
            for name in methods
        }
        rows.extend(flow_rows(cell.kind, cell.size, None, together))
    return rows


def _measure(method: FlowMethod, pair: KnownFlowPair) -> Measurement:
    flow, seconds = timed(lambda: method.call(pair.reference, pair.moving), method.repeats)
    return measurement(flow, pair, seconds)
