"""A long mixed load on a service, and whether anything in it grows."""

import http.client
import io
import json
import os
import statistics
import threading
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass

import cv2

from ..synthesis import render_clip
from .service_load import FlowRequest, ask_for_flow
from .service_process import ServiceProcess, Usage

_FLOW_CLIENTS = 2
_CLIP_CLIENTS = 2
_PAUSE = 0.2
_SAMPLES = 180
_TIMEOUT = 120.0
_RENDERED_SIZE = 160
_RESULTS = ("clip.json", "motion.npz", "contact_sheet.jpg", "faces.pack")
_BROKEN = (b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"PK\x03\x04" + b"\xff" * 90, b"GIF89a")


@dataclass(frozen=True)
class SoakSample:
    """What the service took at one moment.

    Attributes
    ----------
    second : float
        Since the load began.
    service_megabytes, worker_megabytes : float or None
    files, threads : int or None
        Of the service itself.
    job_files : int
        In its folder.
    """

    second: float
    service_megabytes: float | None
    worker_megabytes: float | None
    files: int | None
    threads: int | None
    job_files: int


@dataclass(frozen=True)
class Soak:
    """A mixed load from its beginning to its end.

    Attributes
    ----------
    seconds : float
    answers : dict of str to int
        Answers by what was asked and the status; 0 for a connection that broke.
    samples : list of SoakSample
    """

    seconds: float
    answers: dict[str, int]
    samples: list[SoakSample]

    def growth(self) -> dict[str, float | None]:
        """The median of the last quarter minus that of the second, for each thing that is sampled.

        In the first quarter caches fill and threads start.
        """
        quarter = max(1, len(self.samples) // 4)
        names = [name for name in asdict(self.samples[0]) if name != "second"]
        return {name: _grown(self._column(name), quarter) for name in names}

    def _column(self, name: str) -> list[float | None]:
        return [getattr(sample, name) for sample in self.samples]


def soak(
    service: ServiceProcess,
    request: FlowRequest,
    seconds: float,
    on_progress: Callable[[int, int], None] | None = None,
) -> Soak:
    """Ask for flow, send clips, look at their results, delete them, and send what is broken.

    Parameters
    ----------
    service : ServiceProcess
        With nothing to do before.
    request : FlowRequest
    seconds : float
    on_progress : callable, optional
        Called with (done, total) samples.

    Returns
    -------
    Soak
    """
    load = _MixedLoad(service.port, request, rendered_archive())
    roles = [load.flow] * _FLOW_CLIENTS + [load.clips] * _CLIP_CLIENTS + [load.nonsense]
    threads = [threading.Thread(target=load.repeated, args=(role,), daemon=True) for role in roles]
    for thread in threads:
        thread.start()
    begun, samples = time.perf_counter(), list[SoakSample]()
    for number in range(_SAMPLES):
        time.sleep(max(0.0, begun + (number + 1) * seconds / _SAMPLES - time.perf_counter()))
        samples.append(_sample(service, time.perf_counter() - begun))
        if on_progress is not None:
            on_progress(number + 1, _SAMPLES)
    load.ended.set()
    for thread in threads:
        thread.join(_TIMEOUT)
    return Soak(time.perf_counter() - begun, dict(sorted(load.answers.items())), samples)


def rendered_archive() -> bytes:
    """A rendered face that moves, as a zip archive of JPEG frames."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number, frame in enumerate(render_clip("micro", size=_RENDERED_SIZE).frames[::4]):
            picture = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1]
            archive.writestr(f"{number}.jpg", picture.tobytes())
    return content.getvalue()


class _MixedLoad:
    """What several kinds of clients do, and what they are answered."""

    def __init__(self, port: int, flow: FlowRequest, clip: bytes) -> None:
        self._port, self._flow, self._clip = port, flow, clip
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self.answers: Counter[str] = Counter()

    def repeated(self, role: Callable[[http.client.HTTPConnection], None]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
        while not self.ended.is_set():
            try:
                role(connection)
            except (OSError, http.client.HTTPException):
                connection.close()
                self._count("connection", 0)
        connection.close()

    def flow(self, connection: http.client.HTTPConnection) -> None:
        status, wait = ask_for_flow(connection, self._flow)
        self._count("flow", status)
        self.ended.wait(wait or _PAUSE / 4)

    def clips(self, connection: http.client.HTTPConnection) -> None:
        status, content = self._send(connection, "/v1/clips", "clip", self._clip)
        if status != 202:
            self.ended.wait(1.0)
            return
        here = f"/v1/clips/{json.loads(content)['id']}"
        while not self.ended.is_set():
            _, content = self._ask(connection, "GET", here, "state of a job")
            job = json.loads(content)
            if job["state"] in {"done", "failed"}:
                self._count(f"job {job['state']}", 0)
                break
            self.ended.wait(_PAUSE)
        if job["state"] == "done":
            for name in _RESULTS:
                self._ask(connection, "GET", f"{here}/results/{name}", "result")
            self._ask(connection, "GET", f"{here}/motion?first=0&second=2&output=flow", "motion")
        self._ask(connection, "DELETE", here, "delete")
        self.ended.wait(_PAUSE * 10)

    def nonsense(self, connection: http.client.HTTPConnection) -> None:
        for content in _BROKEN:
            self._send(connection, "/v1/clips", "clip", content, "broken clip")
            self._send(connection, "/v1/flow", "reference", content, "broken flow")
            self._ask(connection, "GET", f"/v1/clips/{uuid.uuid4().hex}", "unknown job")
            self.ended.wait(_PAUSE)

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        what: str,
        body: bytes | None = None,
        kind: str = "",
    ) -> tuple[int, bytes]:
        # The service closes what was idle for some seconds, as it may at the very moment of a
        # request; a job whose client is gone would never be deleted.
        connection.close()
        connection.request(method, path, body, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        content = answer.read()
        self._count(what, answer.status)
        return answer.status, content

    def _send(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        name: str,
        content: bytes,
        what: str = "clip",
    ) -> tuple[int, bytes]:
        boundary = uuid.uuid4().hex
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="a"'
        head = f"--{boundary}\r\n{disposition}\r\n\r\n"
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self._ask(connection, "POST", path, what, body, kind)

    def _count(self, what: str, status: int) -> None:
        with self._lock:
            self.answers[f"{what} {status}" if status else what] += 1


def _sample(service: ServiceProcess, second: float) -> SoakSample:
    usage: Usage = service.usage()
    return SoakSample(
        second=round(second, 1),
        service_megabytes=usage.service_megabytes,
        worker_megabytes=usage.worker_megabytes,
        files=usage.files,
        threads=usage.threads,
        # Unlike a search for files, this passes over folders that are deleted meanwhile.
        job_files=sum(len(files) for _, _, files in os.walk(service.data)),
    )


def _grown(values: list[float | None], quarter: int) -> float | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    return statistics.median(known[-quarter:]) - statistics.median(known[quarter : 2 * quarter])
