"""The clips of a run on the workers of a Dask cluster."""

import contextlib
import dataclasses
import queue
import signal
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cluster_workers import check_workers, compile_on_workers, wait_until_idle
from .errors import InputError
from .run_account import ClipOutcome
from .run_plan import Task
from .store_location import is_remote
from .worker_pool import WorkerDied

if TYPE_CHECKING:
    from distributed import Client, Future

LOCAL = "local"
"""Address that stands for a cluster of this machine's own processes, made for the run."""

_CONNECT_SECONDS = 20.0
_LOOK_SECONDS = 5.0
_JOIN_SECONDS = 180.0

# A batch system may take its time to replace the jobs that ran out of theirs.
_PATIENCE_SECONDS = 600.0

# A worker that has ended a clip asks for the next at once; the scheduler keeps few ready for it.
_TASKS_PER_THREAD = 3

# In the processes of a cluster. OpenCV's detectors cannot be used by two threads at a time.
_one_clip_at_a_time = threading.Lock()


def cluster_outcomes(
    tasks: Sequence[Task], address: str, workers: int | None
) -> Generator[tuple[Task, ClipOutcome | Exception]]:
    """Yield each task with its outcome, or with the error that it ended in, as they finish.

    Parameters
    ----------
    tasks : sequence of Task
        Submitted a few at a time, so that their number costs the scheduler nothing.
    address : str
        ``tcp://host:8786``, the path of a scheduler file, or "local".
    workers : int or None
        Processes of a "local" cluster.

    Raises
    ------
    InputError
        The scheduler cannot be reached or is lost, no worker joins, or a worker cannot do the
        work: other versions, no access to the clips or to the store.
    """
    with _connected(address, workers, len(tasks)) as client:
        _wait_for_workers(client, address)
        check_workers(client, tasks)
        compile_on_workers(client)
        yield from _Run(client, address).outcomes(tasks)


@contextlib.contextmanager
def _connected(address: str, workers: int | None, tasks: int) -> Iterator["Client"]:
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "--cluster needs the packages dask and distributed; install keras-ma2mi[cluster]"
        ) from error
    if address == LOCAL:
        with _local_cluster(workers, tasks) as cluster, Client(cluster) as client:
            yield client
        return
    if workers is not None:
        raise InputError(
            "--workers is for this machine and for --cluster local; a cluster that runs already "
            "has its own number"
        )
    with contextlib.closing(_client(Client, address)) as client:
        yield client


def _local_cluster(workers: int | None, tasks: int) -> Any:
    import dask
    from distributed import LocalCluster

    # With one's own processes it is known at once which clip was being worked on.
    settings = {"distributed.scheduler.allowed-failures": 0}
    with dask.config.set(settings), _ctrl_c_ignored_by_new_processes():
        return LocalCluster(
            n_workers=None if workers is None else min(workers, tasks),
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
        )


@contextlib.contextmanager
def _ctrl_c_ignored_by_new_processes() -> Iterator[None]:
    # Ctrl-C reaches every process of a terminal; workers are stopped in good order by this one.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _client(factory: Any, address: str) -> "Client":
    is_file = Path(address).suffix == ".json"
    if is_file and not Path(address).is_file():
        raise InputError(f"there is no scheduler file {address}; is the scheduler running?")
    where = {"scheduler_file": address} if is_file else {"address": address}
    try:
        return factory(**where, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        words = " ".join(str(error).split())
        raise InputError(
            f"no Dask scheduler answers at {address} within {_CONNECT_SECONDS:.0f} s ({words}); "
            "check the address, and that the scheduler runs"
        ) from error


def _wait_for_workers(client: "Client", address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_JOIN_SECONDS)
    except TimeoutError as error:
        raise InputError(
            f"the cluster at {address} has no workers after {_JOIN_SECONDS:.0f} s; start some"
        ) from error


class _Run:
    """Keeps a window of tasks on the cluster, and tries again what a dying worker took along."""

    def __init__(self, client: "Client", address: str) -> None:
        self._client = client
        self._address = address
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._pending: dict[str, tuple[Future, Task]] = {}
        self._window = 0
        self._looked = float("-inf")
        self._alive = time.monotonic()

    def outcomes(self, tasks: Sequence[Task]) -> Generator[tuple[Task, ClipOutcome | Exception]]:
        suspects: list[Task] = []
        try:
            for task, outcome in self._many(tasks):
                if isinstance(outcome, WorkerDied):
                    suspects.append(task)
                else:
                    yield task, outcome
            # Alone on the cluster, so that nobody else's clip goes down with it.
            for task in suspects:
                yield from self._many([task])
        finally:
            self._abandon()

    def _many(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, ClipOutcome | Exception]]:
        waiting = iter(tasks)
        while True:
            for task in islice(waiting, self._room()):
                self._submit(task)
            if not self._pending:
                return
            future = self._next_done()
            if future is not None:
                yield self._pending.pop(future.key)[1], self._result(future)

    def _submit(self, task: Task) -> None:
        future = self._client.submit(run_on_worker, _with_absolute_paths(task), pure=False)
        self._pending[future.key] = (future, task)
        future.add_done_callback(self._done.put)

    def _room(self) -> int:
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS:
            threads = sum(self._client.nthreads().values()) if self._is_connected() else 0
            self._looked = now
            self._alive = now if threads else self._alive
            self._window = max(1, _TASKS_PER_THREAD * threads)
            self._check_alive(now)
        return max(0, self._window - len(self._pending))

    def _next_done(self) -> "Future | None":
        try:
            return self._done.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            return None

    def _is_connected(self) -> bool:
        return bool(self._client.status == "running")

    def _check_alive(self, now: float) -> None:
        if self._client.status in ("closed", "closing"):
            raise self._lost("the scheduler has gone")
        if now - self._alive > _PATIENCE_SECONDS:
            what = "all workers have gone" if self._is_connected() else "the scheduler is silent"
            raise self._lost(f"{what}, for {_PATIENCE_SECONDS:.0f} s")

    def _lost(self, what: str) -> InputError:
        return InputError(
            f"{what} at {self._address}; what was finished is kept: run the same command again"
        )

    def _result(self, future: "Future") -> ClipOutcome | Exception:
        from distributed import KilledWorker

        if future.status in ("cancelled", "lost"):
            raise self._lost("the scheduler has gone or was restarted")
        try:
            return future.result()
        except KilledWorker:
            return WorkerDied("the worker process died (killed, crashed, or out of memory)")
        except Exception as error:
            return error

    def _abandon(self) -> None:
        if not self._pending:
            return
        futures = [future for future, _ in self._pending.values()]
        self._pending.clear()
        with contextlib.suppress(Exception):
            self._client.cancel(futures, force=True)
            # A clip that is being written cannot be stopped; nobody may tidy up before it is done.
            wait_until_idle(self._client)


def _with_absolute_paths(task: Task) -> Task:
    # A worker has a working folder of its own.
    options, store = task.options, task.store
    if options.detector_model is not None:
        model = str(Path(options.detector_model).absolute())
        options = dataclasses.replace(options, detector_model=model)
    if not is_remote(store):
        store = store.absolute()
    clip = dataclasses.replace(task.clip, source=task.clip.source.absolute())
    return dataclasses.replace(task, clip=clip, options=options, store=store)


def run_on_worker(task: Task) -> ClipOutcome:
    """`run_task` in a thread of a Dask worker; one clip at a time in a process.

    Raises
    ------
    RuntimeError
        This worker does not see the clip, which says nothing about the clip.
    """
    import socket

    from .clip_task import DECODER_SECONDS, one_thread, run_task
    from .hang_guard import end_when_stuck

    if not task.clip.source.exists():
        raise RuntimeError(
            f"the worker on {socket.gethostname()} does not see {task.clip.source}; mount the "
            "folder there under the same path"
        )
    with _one_clip_at_a_time:
        one_thread()
        end_when_stuck(DECODER_SECONDS)
        return run_task(task)
