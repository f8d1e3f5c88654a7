"""Rendering many clips at a time, each in one of several processes."""

import contextlib
import signal
from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

import cv2
import numba

from ..errors import InputError
from ..worker_pool import WorkerDied, WorkerPool


class NamedTask(Protocol):
    """Work on one clip."""

    @property
    def name(self) -> str:
        """Name of the clip, for people."""


Task = TypeVar("Task", bound=NamedTask)
Result = TypeVar("Result")


def finished_clips(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int
) -> Generator[tuple[Task, Result]]:
    """Yield each task with its result as it is finished; with one worker, in this process.

    Close the generator where not all is taken: no process goes on writing then.

    Parameters
    ----------
    function : callable
        Module-level function of one task.
    tasks : sequence
        They and their results must be picklable.
    workers : int

    Raises
    ------
    InputError
        The function raised one, or a process was killed; the clip is named.
    RuntimeError
        The function raised another error; the clip is named.
    """
    workers = min(workers, len(tasks))
    if workers <= 1:
        for task in tasks:
            try:
                result = function(task)
            except Exception as error:
                raise _named(task, error) from error
            yield task, result
        return
    pool: WorkerPool[Task, Result] = WorkerPool(function, workers, _start_worker)
    with contextlib.closing(pool.run(tasks)) as outcomes:
        for task, outcome in outcomes:
            if isinstance(outcome, Exception):
                raise _named(task, outcome) from outcome
            yield task, outcome


def _start_worker() -> None:
    # Ctrl-C reaches every process of a terminal; a worker ends its clip, and its parent stops it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Parallelism comes from clips, and more threads only fight for the cores.
    cv2.setNumThreads(1)
    numba.set_num_threads(1)


def _named(task: NamedTask, error: Exception) -> Exception:
    if isinstance(error, InputError):
        return InputError(f"clip {task.name}: {error}")
    if isinstance(error, WorkerDied):
        return InputError(
            f"clip {task.name}: the process that rendered it was killed, perhaps for want of "
            "memory; run again with fewer workers, finished clips are kept"
        )
    return RuntimeError(f"clip {task.name}: {type(error).__name__}: {error}")
