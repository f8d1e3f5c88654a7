"""The flow as an older processor would compute it: the kernels compiled for fewer instructions."""

import json
import platform
import statistics
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .child_process import measure_in_child
from .cpu_time import timed
from .flow_methods import BASELINE, OURS, flow_methods
from .flow_pairs import known_flow_pair
from .one_cpu import pinned_to_one_cpu

PROCESSORS = {
    "this one": None,
    "AVX2": ("x86-64-v3", "+avx2,+fma"),
    "generic x86-64": ("x86-64", ""),
}
"""Name and features given to Numba; None leaves the choice to it."""

_SIZE = 224


@dataclass(frozen=True)
class ProcessorRow:
    """Both methods in one process, in turns.

    Attributes
    ----------
    processor : str
    pairs : int
        Of 224x224 pixels, with noise of 0, 1 and 2 grey levels in turn.
    milliseconds : float
        Median CPU time of ours.
    times_faster : float
        Mean time of OpenCV's default, which uses all instructions there are, divided by ours.
    largest_difference : float
        From the flow of this processor, over all pixels, in pixels.
    """

    processor: str
    pairs: int
    milliseconds: float
    times_faster: float
    largest_difference: float


def benchmark_processors(*, pairs: int = 6, seed: int = 0) -> list[ProcessorRow]:
    """Measure each of `PROCESSORS` in a process of its own; none on other than x86-64 machines."""
    if pairs == 0 or platform.machine() not in ("x86_64", "AMD64"):
        return []
    rows: list[ProcessorRow] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, processor in PROCESSORS.items():
            environment = {"NUMBA_CACHE_DIR": str(Path(folder, "cache"))}
            if processor is not None:
                environment["NUMBA_CPU_NAME"], environment["NUMBA_CPU_FEATURES"] = processor
            flows = Path(folder, f"{len(rows)}.npy")
            code = (
                "from ma2mi_preprocessing.benchmarks.processors import measure_here\n"
                f"measure_here({str(flows)!r}, {pairs}, {seed})"
            )
            figures: dict[str, Any] = measure_in_child(code, environment)
            difference = np.abs(np.load(flows) - np.load(Path(folder, "0.npy"))).max()
            rows.append(ProcessorRow(name, pairs, largest_difference=float(difference), **figures))
    return rows


def measure_here(flows: str, pairs: int, seed: int) -> None:
    """Measure in this process: print the figures as JSON and save the flow of all pairs."""
    methods = flow_methods()
    computed: list[npt.NDArray[np.float32]] = []
    seconds: dict[str, list[float]] = {OURS: [], BASELINE: []}
    with pinned_to_one_cpu():
        for index in range(pairs):
            pair = known_flow_pair(_SIZE, float(index % 3), index, seed=seed)
            methods[OURS].call(pair.reference, pair.moving)
            for name, taken in seconds.items():
                method = methods[name]
                call = partial(method.call, pair.reference, pair.moving)
                flow, time = timed(call, method.repeats)
                taken.append(time)
                if name == OURS:
                    computed.append(flow)
    np.save(flows, np.stack(computed))
    figures = {
        "milliseconds": 1000 * statistics.median(seconds[OURS]),
        "times_faster": sum(seconds[BASELINE]) / sum(seconds[OURS]),
    }
    print(json.dumps(figures))
