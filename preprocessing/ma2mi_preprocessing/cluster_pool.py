"""Work on the workers of a Dask cluster: connecting, and a window of items that outlives deaths."""

import contextlib
import logging
import queue
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .cluster_workers import wait_until_idle
from .errors import InputError
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

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextlib.contextmanager
def connected_cluster(
    address: str,
    workers: int | None,
    items: int,
    environment: Mapping[str, str] | None = None,
) -> Iterator["Client"]:
    """Give a client of a cluster that has workers.

    Parameters
    ----------
    address : str
        ``tcp://host:8786``, the path of a scheduler file, or "local".
    workers : int or None
        Processes of a "local" cluster.
    items : int
        Pieces of work; a "local" cluster has no more processes than these.
    environment : mapping, optional
        Set in the processes of a "local" cluster before they import anything.

    Raises
    ------
    InputError
        The scheduler cannot be reached, or no worker joins.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "--cluster needs the packages dask and distributed; install keras-ma2mi[cluster]"
        ) from error
    if address == LOCAL:
        with _local_cluster(workers, items, environment) as cluster, Client(cluster) as client:
            _wait_for_workers(client, address)
            yield client
        return
    if workers is not None:
        raise InputError(
            "--workers is for this machine and for --cluster local; a cluster that runs already "
            "has its own number"
        )
    with contextlib.closing(_client(Client, address)) as client:
        _wait_for_workers(client, address)
        yield client


def _local_cluster(workers: int | None, items: int, environment: Mapping[str, str] | None) -> Any:
    import dask
    from distributed import LocalCluster

    # With one's own processes it is known at once which item was being worked on.
    settings: dict[str, Any] = {"distributed.scheduler.allowed-failures": 0}
    if environment:
        settings["distributed.nanny.pre-spawn-environ"] = dict(environment)
    with dask.config.set(settings), _ctrl_c_ignored_by_new_processes():
        return LocalCluster(
            n_workers=None if workers is None else min(workers, items),
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            silence_logs=logging.ERROR,
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


class ClusterPool(Generic[Item, Result]):
    """Keeps a window of items on the cluster, and tries again what a dying worker took along.

    Parameters
    ----------
    client : distributed.Client
        Of a cluster that has workers.
    address : str
        Of the cluster, for messages.
    function : callable
        Importable function of one item.
    items_per_thread : int
        Items submitted for each thread of the cluster. A worker that has ended one asks for the
        next at once; the scheduler keeps few ready for it.
    """

    def __init__(
        self,
        client: "Client",
        address: str,
        function: Callable[[Item], Result],
        items_per_thread: int = 3,
    ) -> None:
        self._client = client
        self._address = address
        self._function = function
        self._items_per_thread = items_per_thread
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._pending: dict[str, tuple[Future, Item]] = {}
        self._window = 0
        self._looked = float("-inf")
        self._alive = time.monotonic()

    def run(self, items: Sequence[Item]) -> Generator[tuple[Item, Result | Exception]]:
        """Yield each item with its result, or with the error that it ended in, as they finish.

        An item whose worker dies is tried once more, alone, and then comes with `WorkerDied`.

        Raises
        ------
        InputError
            The scheduler is lost, or all workers are for ten minutes.
        """
        suspects: list[Item] = []
        try:
            for item, outcome in self._many(items):
                if isinstance(outcome, WorkerDied):
                    suspects.append(item)
                else:
                    yield item, outcome
            # Alone on the cluster, so that no other goes down with it.
            for item in suspects:
                yield from self._many([item])
        finally:
            self._abandon()

    def _many(self, items: Sequence[Item]) -> Iterator[tuple[Item, Result | Exception]]:
        waiting = iter(items)
        while True:
            for item in islice(waiting, self._room()):
                self._submit(item)
            if not self._pending:
                return
            future = self._next_done()
            if future is not None:
                yield self._pending.pop(future.key)[1], self._result(future)

    def _submit(self, item: Item) -> None:
        future = self._client.submit(self._function, item, pure=False)
        self._pending[future.key] = (future, item)
        future.add_done_callback(self._done.put)

    def _room(self) -> int:
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS:
            threads = sum(self._client.nthreads().values()) if self._is_connected() else 0
            self._looked = now
            self._alive = now if threads else self._alive
            self._window = max(1, self._items_per_thread * threads)
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

    def _result(self, future: "Future") -> Result | Exception:
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
            # What is being written cannot be stopped; nobody may tidy up before it is done.
            wait_until_idle(self._client)
