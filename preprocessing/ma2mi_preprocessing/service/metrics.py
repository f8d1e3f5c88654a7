"""What the service tells Prometheus."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FLOW_CPU_SECONDS = "ma2mi_flow_cpu_seconds"

FlowPart = Literal["kernels", "files"]

_UNKNOWN = "(none)"


class Metrics:
    """Counters of one application; two in a process do not share theirs.

    Parameters
    ----------
    job_counts : callable, optional
        Gives the number of jobs by state.
    """

    def __init__(self, job_counts: Callable[[], dict[Any, int]] | None = None) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ma2mi_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "ma2mi_request_seconds",
            "Time from a request to the end of its answer.",
            ("route",),
            registry=self.registry,
        )
        self._computed = Histogram(
            "ma2mi_flow_seconds",
            "Time that one request for flow was decoded, computed and packed.",
            registry=self.registry,
        )
        self._cpu = Counter(
            FLOW_CPU_SECONDS,
            "CPU time of requests for flow: in kernels, and in reading and writing their files.",
            ("part",),
            registry=self.registry,
        )
        if job_counts is not None:
            self.registry.register(_Jobs(job_counts))

    def computing(self) -> AbstractContextManager[Any]:
        """Measures the block as the computation of one flow."""
        return self._computed.time()

    @contextmanager
    def spending(self, part: FlowPart) -> Iterator[None]:
        """Counts the CPU time of this thread in the block."""
        begun = time.thread_time()
        try:
            yield
        finally:
            self._cpu.labels(part).inc(time.thread_time() - begun)

    def text(self) -> bytes:
        """All figures in the text format of Prometheus."""
        return generate_latest(self.registry)

    @contextmanager
    def measured(self, scope: Scope) -> Iterator[list[int]]:
        """Counts a request whose status stands in the list at the end of the block."""
        begun, status = time.perf_counter(), [500]
        try:
            yield status
        finally:
            # Not the path: whoever asks for a million different ones would fill the memory.
            route = getattr(scope.get("route"), "path", _UNKNOWN)
            self.requests.labels(scope["method"], route, str(status[0])).inc()
            self.seconds.labels(route).observe(time.perf_counter() - begun)


class MeasuredRequests:
    """ASGI middleware that counts and times requests."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with self.metrics.measured(scope) as status:

            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status[0] = message["status"]
                await send(message)

            await self.app(scope, receive, told)


class _Jobs:
    def __init__(self, counts: Callable[[], dict[Any, int]]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("ma2mi_jobs", "Jobs by state.", labels=["state"])
        for state, count in self._counts().items():
            family.add_metric([state], count)
        yield family
