"""How long a user waits for the import, for the very first flow, and for later processes."""

import statistics
import tempfile
from dataclasses import dataclass

from .child_process import measure_in_child

_IMPORT = """
import json, time
start = time.perf_counter()
{statement}
print(json.dumps(time.perf_counter() - start))
"""

# Names are imported at their first use.
_IMPORTS = ("import ma2mi_preprocessing", "from ma2mi_preprocessing import optical_flow_tvl1")

# The images exist before the clock runs, and so do NumPy and OpenCV: what is timed is the call.
_FIRST_CALL = """
import json, time
import numpy as np
from ma2mi_preprocessing import optical_flow_tvl1, optical_strain
image = np.zeros((64, 64), np.uint8)
start = time.perf_counter()
optical_strain(optical_flow_tvl1(image, image))
print(json.dumps(time.perf_counter() - start))
"""


@dataclass(frozen=True)
class StartupRow:
    """Seconds by the wall clock, each in a process of its own.

    Attributes
    ----------
    step : str
    seconds, low, high : float
        Median, smallest and largest.
    processes : int
    """

    step: str
    seconds: float
    low: float
    high: float
    processes: int


def benchmark_startup(*, fresh: int = 3, later: int = 7) -> list[StartupRow]:
    """Time the import, the first call of an installation, and the first call of later processes.

    Parameters
    ----------
    fresh : int, optional
        How often everything is compiled anew, into a folder that is thrown away.
    later : int, optional
        How many processes load what has been compiled, and how many import the package.
    """
    if fresh == 0:
        return []
    rows = [
        _row(
            statement,
            [measure_in_child(_IMPORT.format(statement=statement), {}) for _ in range(later)],
        )
        for statement in _IMPORTS
    ]
    compiled: list[float] = []
    for _ in range(fresh):
        with tempfile.TemporaryDirectory() as folder:
            environment = {"NUMBA_CACHE_DIR": folder}
            compiled.append(measure_in_child(_FIRST_CALL, environment))
            if len(compiled) == fresh:
                loaded = [measure_in_child(_FIRST_CALL, environment) for _ in range(later)]
    rows.append(_row("first flow of an installation", compiled))
    rows.append(_row("first flow of a later process", loaded))
    return rows


def _row(step: str, seconds: list[float]) -> StartupRow:
    return StartupRow(step, statistics.median(seconds), min(seconds), max(seconds), len(seconds))
