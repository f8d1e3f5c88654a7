"""All figures about flow that the command `benchmark flow` reports, in one document."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .data_weight import benchmark_data_weight
from .edge_sharpness import benchmark_edge_sharpness
from .flow import FlowCell, benchmark_flow
from .flow_textures import TEXTURES
from .machine import machine_facts
from .magnitudes import benchmark_magnitudes
from .one_cpu import pinned_to_one_cpu
from .processors import benchmark_processors
from .startup import benchmark_startup
from .stereo import StereoRow, benchmark_stereo
from .thread_scaling import benchmark_threads_alone

FORMAT = 1


@dataclass(frozen=True)
class FlowPlan:
    """How much to measure.

    Attributes
    ----------
    cells : tuple of FlowCell
        Pairs with known flow.
    reductions : tuple of int
        Of the stereo pair.
    weight_pairs : int
        Pairs of each kind for the weight of the data term.
    edge_textures : tuple of str
        Textures with a straight motion edge.
    batch, rounds : int
        Pairs in the batch for one and two threads, and how often it is done.
    processor_pairs : int
        Pairs for the kernels compiled for older processors; 0 leaves them out.
    fresh, later : int
        How often the kernels are compiled anew, and how many processes load them; 0 leaves both
        out.
    """

    cells: tuple[FlowCell, ...]
    reductions: tuple[int, ...]
    weight_pairs: int
    edge_textures: tuple[str, ...] = TEXTURES
    batch: int = 256
    rounds: int = 9
    processor_pairs: int = 6
    fresh: int = 3
    later: int = 7


FULL_PLAN = FlowPlan(
    # 36 pairs show each texture with each peak, 28 each change of light with each peak.
    cells=(
        FlowCell("smooth", 128, 36),
        FlowCell("smooth", 224, 36),
        FlowCell("smooth", 448, 18),
        FlowCell("discontinuity", 224, 36),
        FlowCell("lighting", 224, 28),
    ),
    reductions=(8, 4, 1),
    weight_pairs=18,
)
"""Some twenty minutes."""

QUICK_PLAN = FlowPlan(
    cells=(
        FlowCell("smooth", 128, 3),
        FlowCell("smooth", 224, 3),
        FlowCell("discontinuity", 224, 3, (1.0,)),
        FlowCell("lighting", 224, 3, (1.0,)),
    ),
    reductions=(8, 4),
    weight_pairs=3,
    batch=64,
    processor_pairs=0,
    fresh=1,
    later=3,
)
"""Between one and two minutes."""


def flow_document(
    plan: FlowPlan = FULL_PLAN,
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure everything; only builtin types, so that JSON can hold it.

    Parameters
    ----------
    plan : FlowPlan, optional
    seed : int, optional
        Fixes images, flow and noise.
    on_progress : Callable, optional
        Called with (done, total) after each pair of `benchmark_flow`.
    on_step : Callable, optional
        Called with a few words before each measurement.

    Returns
    -------
    dict
        ``format``, ``seed``, ``seconds``, ``machine``, ``plan``, and lists of rows: ``flow``,
        ``stereo``, ``data_weight``, ``edge_sharpness``, ``magnitudes``, ``threads``,
        ``processors``, ``startup``. In
        ``not_measured`` stands why one of the lists is empty.
    """
    announce = on_step or (lambda words: None)
    start = time.perf_counter()
    not_measured: dict[str, str] = {}
    # What needs both CPUs or processes of its own comes first: a user who starts something else
    # after a minute then disturbs only what is bound to one CPU and timed by it.
    announce("two threads")
    threads = benchmark_threads_alone(pairs=plan.batch, rounds=plan.rounds, seed=seed)
    if not threads:
        not_measured["threads"] = "this process may use one CPU only"
    announce("start of a process")
    startup = benchmark_startup(fresh=plan.fresh, later=plan.later)
    if not startup:
        not_measured["startup"] = "left out of this run"
    announce("older processors")
    processors = benchmark_processors(pairs=plan.processor_pairs, seed=seed)
    if not processors:
        quick = plan.processor_pairs == 0
        not_measured["processors"] = "left out of this run" if quick else "this is not x86-64"
    announce("pairs with known flow")
    flow = benchmark_flow(plan.cells, seed=seed, on_progress=on_progress)
    with pinned_to_one_cpu():
        announce("stereo pair")
        stereo: list[StereoRow] = []
        try:
            stereo = benchmark_stereo(plan.reductions)
        except OSError as error:
            not_measured["stereo"] = f"scikit-image has no motorcycle pair here ({error})"
        announce("data weight")
        weight = benchmark_data_weight(pairs=plan.weight_pairs, seed=seed)
        announce("edge sharpness")
        edges = benchmark_edge_sharpness(textures=plan.edge_textures, seed=seed)
        announce("strain, difference")
        magnitudes = benchmark_magnitudes(seed=seed)
    announce("")
    return {
        "format": FORMAT,
        "seed": seed,
        "seconds": round(time.perf_counter() - start, 1),
        "machine": machine_facts(),
        "plan": dataclasses.asdict(plan),
        "flow": _plain(flow),
        "stereo": _plain(stereo),
        "data_weight": _plain(weight),
        "edge_sharpness": _plain(edges),
        "magnitudes": _plain(magnitudes),
        "threads": _plain(threads),
        "processors": _plain(processors),
        "startup": _plain(startup),
        "not_measured": not_measured,
    }


def _plain(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(row) for row in rows]
