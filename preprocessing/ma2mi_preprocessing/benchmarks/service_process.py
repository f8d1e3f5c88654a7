"""The service as a process of its own, and what it takes of the machine."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from ..service.metrics import FLOW_CPU_SECONDS

_SECONDS_TO_START = 120.0
_SECONDS_TO_STOP = 30.0
_SECONDS_TO_ANSWER = 60.0
_PROCESSES = Path("/proc")


@dataclass(frozen=True)
class Usage:
    """What a service and its workers take; None where the system does not tell.

    Attributes
    ----------
    cpu_seconds : float or None
        Since they were started, the system's work for them included.
    service_megabytes, worker_megabytes : float or None
        Memory of the service itself, and of its workers, without that of programs and libraries.
    files : int or None
        What the service itself holds open.
    threads : int or None
        Of the service itself.
    """

    cpu_seconds: float | None = None
    service_megabytes: float | None = None
    worker_megabytes: float | None = None
    files: int | None = None
    threads: int | None = None


@dataclass(frozen=True)
class ServiceProcess:
    """A service that answers on loopback.

    Attributes
    ----------
    port, pid : int
    data : Path
        Its folder.
    """

    port: int
    pid: int
    data: Path

    def usage(self) -> Usage:
        """What it takes now; only Linux tells."""
        own = _PROCESSES / str(self.pid)
        if not own.is_dir():
            return Usage()
        workers = list(_children(self.pid))
        return Usage(
            cpu_seconds=_cpu_seconds(own) + sum(map(_cpu_seconds, workers)),
            service_megabytes=_megabytes(own),
            worker_megabytes=sum(map(_megabytes, workers)),
            files=len(list((own / "fd").iterdir())),
            threads=len(list((own / "task").iterdir())),
        )

    def flow_cpu_seconds(self) -> dict[str, float]:
        """What its requests for flow took of the CPUs so far by part, as it tells itself."""
        address = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(address, timeout=_SECONDS_TO_ANSWER) as answer:
            families = text_string_to_metric_families(answer.read().decode())
            return {
                sample.labels["part"]: sample.value
                for family in families
                for sample in family.samples
                if sample.name == f"{FLOW_CPU_SECONDS}_total"
            }


@contextmanager
def service_process(data: Path, options: Sequence[str] = ()) -> Iterator[ServiceProcess]:
    """Run `python -m ma2mi_preprocessing.service` for the time of the block.

    Parameters
    ----------
    data : Path
        Folder for its jobs.
    options : sequence of str, optional
        Further arguments.

    Yields
    ------
    ServiceProcess

    Raises
    ------
    RuntimeError
        It ended before it answered, or did not answer within two minutes.
    """
    port = _free_port()
    command = [sys.executable, "-m", "ma2mi_preprocessing.service", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--data", str(data), *options],
        # A line for each request costs time, and who would read them.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "KERAS_MA2MI_TOKENS": ""},
    )
    try:
        _wait_until_it_answers(process, port)
        yield ServiceProcess(port, process.pid, data)
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with status {process.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the service did not answer within {_SECONDS_TO_START:.0f} s")


def _children(pid: int) -> Iterator[Path]:
    # A worker may end at any moment, and is then none of them.
    for task in (_PROCESSES / str(pid) / "task").iterdir():
        try:
            found = (task / "children").read_text().split()
        except OSError:
            continue
        for child in found:
            yield _PROCESSES / child
            yield from _children(int(child)) if (_PROCESSES / child).is_dir() else ()


def _cpu_seconds(process: Path) -> float:
    try:
        # Behind the name, which stands in brackets and may hold anything.
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(process: Path) -> float:
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    # What is read from files counts for none: other processes come and go that share it.
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024
