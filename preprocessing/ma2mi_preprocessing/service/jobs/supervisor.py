"""Keeps workers alive, ends those that take too long, and lets old jobs expire."""

import multiprocessing
import threading
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from .clip_results import ClipLimits
from .folders import JobFolders
from .pair_model import ModelSource
from .queue import JobQueue
from .worker import FOLDERS, QUEUE_FILE, WorkerSetting, work

_WATCHED_EVERY = 0.2
_CLEANED_EVERY = 5.0
_SECONDS_TO_STOP = 10.0
_SECONDS_TO_FAIL = 5.0


@dataclass(frozen=True)
class JobLimits:
    """What jobs may cost together.

    Attributes
    ----------
    workers : int
        Processes that work on jobs.
    max_job_seconds : float
        Longest attempt at one job.
    max_job_bytes : int or None
        Most memory of a worker beside what it starts with.
    kept_seconds : float
        How long files of finished jobs are kept.
    max_unfinished : int
        Most jobs of one user that wait or run.
    max_waiting : int
        Most jobs of all users that wait.
    max_data_bytes : int
        Most that files of all jobs may take before no more are accepted.
    """

    workers: int = 1
    max_job_seconds: float = 300.0
    max_job_bytes: int | None = 3 * 1024**3
    kept_seconds: float = 24 * 3600.0
    max_unfinished: int = 20
    max_waiting: int = 100
    max_data_bytes: int = 20 * 1024**3


@dataclass
class _Worker:
    process: BaseProcess
    name: str
    begun: float


class Supervisor:
    """Runs the workers of a service in processes of their own.

    Parameters
    ----------
    data : Path
        Folder of the service, held by nobody else.
    clips : ClipLimits
    limits : JobLimits
    model : ModelSource, optional
        What workers ask about each clip.
    """

    def __init__(
        self, data: Path, clips: ClipLimits, limits: JobLimits, model: ModelSource | None = None
    ) -> None:
        self._data, self._clips, self._limits, self._model = data, clips, limits, model
        self.queue = JobQueue(data / QUEUE_FILE)
        self.folders = JobFolders(data / FOLDERS)
        self._stopping = threading.Event()
        self._workers: list[_Worker] = []
        self._started = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Take up what an earlier service left, and start workers."""
        self.queue.give_back(why="the service ended while it was worked on")
        self.clean()
        self._workers = [self._start_worker() for _ in range(self._limits.workers)]
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let workers finish what they have begun, for a while; what remains is begun again."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + _SECONDS_TO_STOP
        for worker in self._workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            self.queue.give_back(worker.name)

    @property
    def worker_processes(self) -> dict[str, int]:
        """Process numbers of the workers, by their names in the queue."""
        return {worker.name: worker.process.pid or 0 for worker in self._workers}

    def clean(self) -> None:
        """Remove jobs that have expired, and files that belong to no job."""
        for identifier in self.queue.ended_before(time.time() - self._limits.kept_seconds):
            self.queue.remove(identifier)
        # An upload is on the disk before its job is accepted; only old ones are leftovers.
        known = self.queue.identifiers()
        for identifier in self.folders.identifiers() - known:
            folder = self.folders.folder(identifier)
            if self._thread is None or _older_than(folder, self._limits.max_job_seconds):
                self.folders.remove(identifier)

    def _watch(self) -> None:
        cleaned = time.monotonic()
        while not self._stopping.wait(_WATCHED_EVERY):
            self._end_overdue()
            for place, worker in enumerate(self._workers):
                if not worker.process.is_alive() and self._may_be_replaced(worker):
                    self._workers[place] = self._start_worker()
            if time.monotonic() > cleaned + _CLEANED_EVERY:
                self.clean()
                cleaned = time.monotonic()

    def _end_overdue(self) -> None:
        now = time.time()
        workers = {worker.name: worker for worker in self._workers}
        for name, job in self.queue.running():
            if name in workers and now - (job.started or now) > self._limits.max_job_seconds:
                # Told before it is ended: an attempt more would only take as long.
                self.queue.fail(
                    job, f"not finished within {self._limits.max_job_seconds:g} s; send less"
                )
                workers[name].process.kill()
                workers[name].process.join()

    def _may_be_replaced(self, worker: _Worker) -> bool:
        """Gives back what a dead worker had; one that ended at once is not replaced at once."""
        had_work = bool(self.queue.give_back(worker.name, self._why(worker)))
        # A model that cannot be loaded would otherwise keep a core busy for ever.
        return had_work or time.monotonic() > worker.begun + _SECONDS_TO_FAIL

    def _why(self, worker: _Worker) -> str:
        return f"the process that worked on it ended (exit code {worker.process.exitcode})"

    def _start_worker(self) -> _Worker:
        self._started += 1
        name = f"worker-{self._started}"
        setting = WorkerSetting(
            self._data, name, self._clips, self._limits.max_job_bytes, self._model
        )
        context = multiprocessing.get_context("spawn")
        process = context.Process(
            target=work, args=(setting, multiprocessing.current_process().pid), name=name
        )
        process.start()
        return _Worker(process, name, time.monotonic())


def _older_than(folder: Path, seconds: float) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > seconds
    except OSError:
        return False
