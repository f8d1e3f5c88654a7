"""What a second thread brings to `optical_flow_tvl1` on a batch of pairs."""

import statistics
import time
from dataclasses import dataclass

import numpy as np

from ..available_cpus import available_cpus
from ..flow import optical_flow_tvl1
from .child_process import measure_in_child
from .flow_figures import Ratio
from .flow_pairs import known_flow_pair

_SCENES = 8

_ALONE = """
import json
from dataclasses import asdict
from ma2mi_preprocessing.benchmarks.thread_scaling import benchmark_threads
print(json.dumps([asdict(row) for row in benchmark_threads(**{arguments!r})]))
"""


@dataclass(frozen=True)
class ThreadRow:
    """A batch on one and on two threads, in turns.

    Attributes
    ----------
    size, pairs : int
        Side of the square images in pixels, and pairs in the batch.
    rounds : int
        How often both were measured.
    pairs_per_second, pairs_per_second_two : float
        Median throughput on one thread and on two, by the wall clock.
    throughput_ratio : Ratio
        The second divided by the first: median, smallest and largest over the rounds.
    cpu_milliseconds, cpu_milliseconds_two : float
        Median CPU time a pair, of all threads together.
    """

    size: int
    pairs: int
    rounds: int
    pairs_per_second: float
    pairs_per_second_two: float
    throughput_ratio: Ratio
    cpu_milliseconds: float
    cpu_milliseconds_two: float


def benchmark_threads(
    *, size: int = 224, pairs: int = 256, rounds: int = 9, seed: int = 0
) -> list[ThreadRow]:
    """Measure throughput and CPU time, bound to no CPU.

    Parameters
    ----------
    size, pairs, rounds : int, optional
        As in `ThreadRow`.
    seed : int, optional
        Fixes the images.

    Returns
    -------
    list of ThreadRow
        One row; none where this process may use a single CPU only.
    """
    if available_cpus() < 2:
        return []
    scenes = [known_flow_pair(size, 1.0, index, seed=seed) for index in range(_SCENES)]
    reference = np.stack([scenes[index % _SCENES].reference for index in range(pairs)])
    moving = np.stack([scenes[index % _SCENES].moving for index in range(pairs)])
    measured: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    optical_flow_tvl1(reference, moving, threads=2)
    for _ in range(rounds):
        for threads, results in measured.items():
            wall, cpu = time.perf_counter(), time.process_time()
            optical_flow_tvl1(reference, moving, threads=threads)
            results.append((time.perf_counter() - wall, time.process_time() - cpu))
    ratios = [one[0] / two[0] for one, two in zip(measured[1], measured[2], strict=True)]
    return [
        ThreadRow(
            size=size,
            pairs=pairs,
            rounds=rounds,
            pairs_per_second=pairs / statistics.median(wall for wall, _ in measured[1]),
            pairs_per_second_two=pairs / statistics.median(wall for wall, _ in measured[2]),
            throughput_ratio=Ratio(statistics.median(ratios), min(ratios), max(ratios)),
            cpu_milliseconds=1000 / pairs * statistics.median(cpu for _, cpu in measured[1]),
            cpu_milliseconds_two=1000 / pairs * statistics.median(cpu for _, cpu in measured[2]),
        )
    ]


def benchmark_threads_alone(**arguments: int) -> list[ThreadRow]:
    """`benchmark_threads` in a process of its own, whose interpreter lock nothing else wants."""
    rows = measure_in_child(_ALONE.format(arguments=arguments), {})
    return [
        ThreadRow(**{**row, "throughput_ratio": Ratio(**row["throughput_ratio"])}) for row in rows
    ]
