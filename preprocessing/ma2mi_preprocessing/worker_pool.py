"""A pool of processes that outlives the death of its workers."""

import multiprocessing
import multiprocessing.connection
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.synchronize import Event
from typing import Generic, TypeVar

# Set in a worker. Items wait in the pipe to the workers, where nothing can cancel them any more.
_stop: Event | None = None

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerDied(RuntimeError):
    """The process that worked on an item was killed or crashed."""


class WorkerPool(Generic[Item, Result]):
    """Applies a function to many items in spawned processes.

    Processes are spawned, not forked: a fork after a parallel Numba kernel has run kills workers.

    Parameters
    ----------
    function : callable
        Module-level function of one item.
    workers : int
        Number of processes.
    initializer : callable
        Module-level function that each process calls first.
    ahead : int
        Items in flight for each process. With more than one no process waits for its next item;
        with one, fewer are begun again when a process dies.
    """

    def __init__(
        self,
        function: Callable[[Item], Result],
        workers: int,
        initializer: Callable[[], None],
        ahead: int = 2,
    ) -> None:
        self._ahead = ahead
        self._function = function
        self._workers = workers
        self._initializer = initializer

    def run(self, items: Iterable[Item]) -> Generator[tuple[Item, Result | Exception]]:
        """Yield each item with its result, or with the error that it ended in, as they finish.

        Only a few items more than there are workers are submitted at a time. An item whose worker
        dies comes with `WorkerDied`; items that were in flight beside it are tried again, each in
        a process of its own, because nobody can tell which one it was.
        """
        waiting = iter(items)
        while True:
            suspects: list[Item] = []
            yield from self._run_until_broken(waiting, suspects)
            if not suspects:
                return
            for item in suspects:
                yield item, self._run_alone(item)

    def _run_until_broken(
        self, waiting: Iterator[Item], suspects: list[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        stop = multiprocessing.get_context("spawn").Event()
        executor = self._executor(self._workers, stop)
        pending: dict[Future[Result], Item] = {}
        try:
            while not suspects:
                for item in islice(waiting, self._ahead * self._workers - len(pending)):
                    # A pool that is broken already refuses new work; the item must not get lost.
                    try:
                        pending[executor.submit(_work, self._function, item)] = item
                    except BrokenProcessPool:
                        suspects.append(item)
                        break
                if not pending:
                    return
                done, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    item = pending.pop(future)
                    outcome = _outcome(future)
                    if isinstance(outcome, WorkerDied):
                        suspects.append(item)
                    else:
                        yield item, outcome
            # A broken pool fails all its futures at once, except those that were done before.
            for future, item in pending.items():
                outcome = _outcome(future)
                if isinstance(outcome, WorkerDied):
                    suspects.append(item)
                else:
                    yield item, outcome
        finally:
            stop.set()
            executor.shutdown(wait=True, cancel_futures=True)

    def _run_alone(self, item: Item) -> Result | Exception:
        executor = self._executor(1, multiprocessing.get_context("spawn").Event())
        try:
            return _outcome(executor.submit(_work, self._function, item))
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _executor(self, workers: int, stop: Event) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(self._initializer, stop),
        )


def stopping() -> bool:
    """Whether the pool that this process belongs to has been told to stop."""
    return _stop is not None and _stop.is_set()


def _start(initializer: Callable[[], None], stop: Event) -> None:
    global _stop
    _stop = stop
    _end_with_parent()
    initializer()


def _end_with_parent() -> None:
    # A parent that is killed can tell nobody; its workers would go on writing for it.
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if not parent.is_alive():
        os._exit(1)
    threading.Thread(target=_wait_for_end, args=(parent.sentinel,), daemon=True).start()


def _wait_for_end(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def _work(function: Callable[[Item], Result], item: Item) -> Result:
    if stopping():
        raise CancelledError
    return function(item)


def _outcome(future: Future[Result]) -> Result | Exception:
    try:
        return future.result()
    except BrokenProcessPool:
        return WorkerDied("the worker process died (killed, crashed, stuck, or out of memory)")
    except Exception as error:
        return error
