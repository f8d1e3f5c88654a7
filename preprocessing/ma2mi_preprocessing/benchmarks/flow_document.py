"""All figures about flow that the command `benchmark flow` reports, in one document."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

from .data_weight import benchmark_data_weight
from .edge_sharpness import benchmark_edge_sharpness
from .flow import FULL_CELLS, QUICK_CELLS, benchmark_flow
from .machine import machine_facts
from .magnitudes import benchmark_magnitudes
from .one_cpu import pinned_to_one_cpu
from .stereo import REDUCTIONS, benchmark_stereo
from .thread_scaling import benchmark_threads

FORMAT = 1
_QUICK_PAIRS, _FULL_PAIRS = 3, 18


def flow_document(
    *,
    quick: bool = False,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure everything; only builtin types, so that JSON can hold it.

    Parameters
    ----------
    quick : bool, optional
        Fewer pairs, sizes and noise levels: less than two minutes instead of some twenty.
    seed : int, optional
        Fixes images, flow and noise.
    on_progress : Callable, optional
        Called with (done, total) after each pair of `benchmark_flow`.
    on_step : Callable, optional
        Called with a few words before each of the other measurements.

    Returns
    -------
    dict
        ``format``, ``quick``, ``seed``, ``seconds``, ``machine``, and lists of rows: ``flow``,
        ``stereo``, ``data_weight``, ``edge_sharpness``, ``threads``, ``magnitudes``. In
        ``not_measured`` stands why one of the lists is empty.
    """
    announce = on_step or (lambda words: None)
    start = time.perf_counter()
    not_measured: dict[str, str] = {}
    flow = benchmark_flow(QUICK_CELLS if quick else FULL_CELLS, seed=seed, on_progress=on_progress)
    with pinned_to_one_cpu():
        announce("stereo pair")
        stereo: Sequence[Any] = []
        try:
            stereo = benchmark_stereo(REDUCTIONS[:2] if quick else REDUCTIONS)
        except OSError as error:
            not_measured["stereo"] = f"scikit-image has no motorcycle pair here: {error}"
        announce("weight of the data term")
        weight = benchmark_data_weight(pairs=_QUICK_PAIRS if quick else _FULL_PAIRS, seed=seed)
        announce("sharpness of a motion edge")
        edges = benchmark_edge_sharpness(seed=seed)
        announce("strain and difference")
        magnitudes = benchmark_magnitudes(seed=seed)
    announce("two threads")
    threads = benchmark_threads(seed=seed)
    if not threads:
        not_measured["threads"] = "this process may use one CPU only"
    return {
        "format": FORMAT,
        "quick": quick,
        "seed": seed,
        "seconds": round(time.perf_counter() - start, 1),
        "machine": machine_facts(),
        "flow": _plain(flow),
        "stereo": _plain(stereo),
        "data_weight": _plain(weight),
        "edge_sharpness": _plain(edges),
        "magnitudes": _plain(magnitudes),
        "threads": _plain(threads),
        "not_measured": not_measured,
    }


def _plain(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(row) for row in rows]
