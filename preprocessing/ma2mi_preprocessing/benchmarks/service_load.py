"""Requests for flow from many clients at once, and how long each waits."""

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from ..service.computation import ARRAYS, ArrayName, as_npz, compute_motion
from ..service.image_upload import decode_image
from .cpu_time import timed
from .flow_pairs import known_flow_pair
from .one_cpu import pinned_to_one_cpu
from .service_process import ServiceProcess

_BOUNDARY = "a-boundary-that-no-picture-holds"
_BARE_REPEATS = 50
_ANY_PIXELS = 2**31
_TIMEOUT = 120.0
_SAMPLED_EVERY = 0.25


@dataclass(frozen=True)
class FlowRequest:
    """A request for flow as it goes over the wire, and what its computation costs alone.

    Attributes
    ----------
    size : int
        Side of both images in pixels.
    form : str
        "png" or "jpeg".
    arrays : tuple of str
        What is to come back.
    body : bytes
    kernel_seconds : float
        CPU time of these arrays in this process, without anything around them.
    work_seconds : float
        The same with decoding of both files and packing of the result.
    """

    size: int
    form: str
    arrays: tuple[ArrayName, ...]
    body: bytes = field(repr=False)
    kernel_seconds: float
    work_seconds: float

    @property
    def path(self) -> str:
        """Where it goes."""
        return "/v1/flow?" + "&".join(f"arrays={name}" for name in self.arrays)


@dataclass(frozen=True)
class LoadRow:
    """What so many clients got, each of which asks again as soon as it was answered.

    Attributes
    ----------
    size : int
        Side of the images.
    form : str
        Of the images.
    arrays : list of str
        What comes back.
    clients : int
    seconds : float
    answered, refused, failed : int
        Answers of 200; of 503 with `Retry-After`, after which a client waits as told; and others.
    median_ms, slow_ms : float
        Time to the last byte of an answer of 200: median and 99th percentile.
    kernel_ms, work_ms : float
        CPU time of one computation alone; and with its files decoded and its result packed.
    inside_ms : float
        CPU time in the kernels for each answer, as the service counts it while it is asked.
    kernel_share, work_share : float
        Of the time of all CPUs, clients included, what the service spends in kernels; and in
        files, too.
    service_ms : float or None
        CPU time of the service for each answer.
    megabytes : float or None
        Most memory of the service.
    """

    size: int
    form: str
    arrays: list[ArrayName]
    clients: int
    seconds: float
    answered: int
    refused: int
    failed: int
    median_ms: float
    slow_ms: float
    kernel_ms: float
    work_ms: float
    inside_ms: float
    kernel_share: float
    work_share: float
    service_ms: float | None
    megabytes: float | None


def flow_request(
    size: int, form: str, arrays: Sequence[ArrayName] = ARRAYS, seed: int = 0
) -> FlowRequest:
    """A pair of images in one form.

    Parameters
    ----------
    size : int
        Side in pixels.
    form : str
        "png" or "jpeg".
    arrays : sequence of str
        What is to come back.
    seed : int, optional
        Of the picture and its motion.

    Returns
    -------
    FlowRequest
    """
    pair = known_flow_pair(size, 1.0, 0, seed=seed)
    reference, moving = (np.dstack([one] * 3) for one in (pair.reference, pair.moving))
    files = [cv2.imencode(f".{form}", image)[1].tobytes() for image in (reference, moving)]
    with pinned_to_one_cpu():
        _, kernels = timed(partial(compute_motion, reference, moving, arrays), _BARE_REPEATS)
        _, work = timed(partial(_work, files, arrays), _BARE_REPEATS)
    parts = []
    for name, content in zip(("reference", "moving"), files, strict=True):
        head = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{name}.{form}"\r\nContent-Type: image/{form}\r\n\r\n'
        )
        parts += [head.encode(), content, b"\r\n"]
    body = b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])
    return FlowRequest(size, form, tuple(arrays), body, kernels, work)


def _work(files: Sequence[bytes], arrays: Sequence[ArrayName]) -> bytes:
    reference, moving = (decode_image("", content, _ANY_PIXELS) for content in files)
    return as_npz(compute_motion(reference, moving, arrays), arrays)


def ask_for_flow(connection: http.client.HTTPConnection, request: FlowRequest) -> tuple[int, float]:
    """Send one request and read its answer to the end.

    Returns
    -------
    status : int
    wait : float
        Seconds that the service tells the client to wait; 0 if it tells nothing.
    """
    kind = f"multipart/form-data; boundary={_BOUNDARY}"
    connection.request("POST", request.path, request.body, {"Content-Type": kind})
    answer = connection.getresponse()
    answer.read()
    return answer.status, float(answer.headers.get("Retry-After", 0))


def measure_load(
    service: ServiceProcess, request: FlowRequest, clients: int, seconds: float, cpus: int
) -> LoadRow:
    """Let clients ask for so long; a second before it counts as warming up.

    Parameters
    ----------
    service : ServiceProcess
    request : FlowRequest
    clients : int
    seconds : float
    cpus : int
        That the service and the clients have together.

    Returns
    -------
    LoadRow
    """
    load = _Load(service.port, request)
    threads = [threading.Thread(target=load.client, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    time.sleep(min(1.0, seconds))
    before = _Taken.by(service)
    load.counting.set()
    peak = 0.0
    while time.perf_counter() < before.time + seconds:
        time.sleep(min(_SAMPLED_EVERY, seconds))
        peak = max(peak, service.usage().service_megabytes or 0.0)
    load.counting.clear()
    after = _Taken.by(service)
    load.ended.set()
    for thread in threads:
        thread.join(_TIMEOUT)
    return _row(load, request, clients, cpus, before, after, peak or None)


@dataclass(frozen=True)
class _Taken:
    """Seconds that passed, and that a service took of the CPUs, since some time."""

    time: float
    service: float | None
    kernels: float
    files: float

    @classmethod
    def by(cls, service: ServiceProcess) -> "_Taken":
        parts = service.flow_cpu_seconds()
        return cls(
            time.perf_counter(),
            service.usage().cpu_seconds,
            parts.get("kernels", 0.0),
            parts.get("files", 0.0),
        )


class _Load:
    """Clients of one measurement."""

    def __init__(self, port: int, request: FlowRequest) -> None:
        self._port, self._request = port, request
        self._lock = threading.Lock()
        self.counting, self.ended = threading.Event(), threading.Event()
        self.answered: list[float] = []
        self.statuses: list[int] = []

    def client(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
        while not self.ended.is_set():
            begun = time.perf_counter()
            try:
                status, wait = ask_for_flow(connection, self._request)
            except (OSError, http.client.HTTPException):
                connection.close()
                status, wait = 0, 0.0
            self._count(status, time.perf_counter() - begun)
            if wait:
                self.ended.wait(wait)
        connection.close()

    def _count(self, status: int, seconds: float) -> None:
        if not self.counting.is_set():
            return
        with self._lock:
            self.statuses.append(status)
            if status == 200:
                self.answered.append(seconds)


def _row(
    load: _Load,
    request: FlowRequest,
    clients: int,
    cpus: int,
    before: _Taken,
    after: _Taken,
    megabytes: float | None,
) -> LoadRow:
    refused = load.statuses.count(503)
    answers = len(load.answered)
    times: Sequence[float] = load.answered or [float("nan")]
    seconds, kernels = after.time - before.time, after.kernels - before.kernels
    spent = None
    if answers and before.service is not None and after.service is not None:
        spent = 1e3 * (after.service - before.service) / answers
    return LoadRow(
        size=request.size,
        form=request.form,
        arrays=list(request.arrays),
        clients=clients,
        seconds=seconds,
        answered=answers,
        refused=refused,
        failed=len(load.statuses) - answers - refused,
        median_ms=1e3 * float(np.percentile(times, 50)),
        slow_ms=1e3 * float(np.percentile(times, 99)),
        kernel_ms=1e3 * request.kernel_seconds,
        work_ms=1e3 * request.work_seconds,
        inside_ms=1e3 * kernels / max(1, answers),
        kernel_share=kernels / (cpus * seconds),
        work_share=(kernels + after.files - before.files) / (cpus * seconds),
        service_ms=spent,
        megabytes=megabytes,
    )
