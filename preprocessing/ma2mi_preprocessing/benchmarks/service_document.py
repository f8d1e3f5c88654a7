"""All figures that the command `benchmark service` reports, in one document."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..available_cpus import available_cpus
from ..motion import compile_kernels
from ..service.computation import ARRAYS, ArrayName
from .machine import machine_facts
from .service_load import flow_request, measure_load
from .service_process import service_process
from .service_soak import soak

FORMAT = 2
_ASKED: tuple[tuple[str, tuple[ArrayName, ...]], ...] = (
    ("jpeg", ("flow",)),
    ("jpeg", ARRAYS),
    ("png", ARRAYS),
)
_SOAK_SIZE = 224


def service_document(
    sizes: Sequence[int],
    clients: Sequence[int],
    *,
    seconds: float,
    repeats: int = 3,
    soak_seconds: float = 0.0,
    on_progress: Callable[[int, int], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure everything; only builtin types, so that JSON can hold it.

    Parameters
    ----------
    sizes : sequence of int
        Sides of the images in pixels.
    clients : sequence of int
        Clients at once.
    seconds : float
        Of each measurement.
    repeats : int
        Measurements of each; they come in turns, so that a slow minute does not meet one alone.
        With 0 there is only the mixed load.
    soak_seconds : float
        Of a mixed load after them; 0 for none.
    on_progress : callable, optional
        Called with (done, total) measurements, or samples of the mixed load.
    on_step : callable, optional
        Called with a few words before each measurement.

    Returns
    -------
    dict
        ``format``, ``seconds``, ``machine``, the rows ``load``, and ``soak`` (None, or its
        ``seconds``, ``answers``, ``growth`` and ``samples``).
    """
    announce, told = on_step or (lambda words: None), on_progress or (lambda done, total: None)
    begun = time.perf_counter()
    compile_kernels()
    with tempfile.TemporaryDirectory(prefix="ma2mi-benchmark-") as name:
        rows = []
        if repeats:
            rows = _load(Path(name) / "load", sizes, clients, seconds, repeats, told, announce)
        lasting = None
        if soak_seconds:
            announce("mixed load")
            lasting = _soak(Path(name) / "soak", soak_seconds, told)
    announce("")
    return {
        "format": FORMAT,
        "seconds": round(time.perf_counter() - begun, 1),
        "machine": machine_facts(),
        "load": rows,
        "soak": lasting,
    }


def _load(
    data: Path,
    sizes: Sequence[int],
    clients: Sequence[int],
    seconds: float,
    repeats: int,
    told: Callable[[int, int], None],
    announce: Callable[[str], None],
) -> list[dict[str, Any]]:
    requests = [flow_request(size, *asked) for size in sizes for asked in _ASKED]
    cells = [(request, count) for request in requests for count in clients] * repeats
    rows = []
    with service_process(data) as service:
        for done, (request, count) in enumerate(cells):
            announce(f"{request.size} x {request.size} {request.form}, {count} client(s)")
            rows.append(asdict(measure_load(service, request, count, seconds, available_cpus())))
            told(done + 1, len(cells))
    return rows


def _soak(data: Path, seconds: float, told: Callable[[int, int], None]) -> dict[str, Any]:
    # A service of its own: what the load before it left in the memory is none of its.
    with service_process(data) as service:
        result = soak(service, flow_request(_SOAK_SIZE, "png"), seconds, told)
    return {
        "seconds": result.seconds,
        "answers": result.answers,
        "growth": result.growth(),
        "samples": [asdict(sample) for sample in result.samples],
    }
