"""Pre-trainings and cells spread over processes; what is finished is not done again."""

import contextlib
import signal
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import keras

from ma2mi_preprocessing.worker_pool import WorkerPool
from ma2mi_recipes.fine_tuning.fold_workers import threads_of_worker
from ma2mi_recipes.ma2mi_benchmark.cells import Cell, CellFitter
from ma2mi_recipes.ma2mi_benchmark.compiled import CompiledClassifier
from ma2mi_recipes.ma2mi_benchmark.starts import Start, make_start
from ma2mi_recipes.worker_cores import start_worker


class Piece(Protocol):
    """A piece of another benchmark, done with the same pools and compiled networks."""

    @property
    def finished(self) -> bool:
        """Whether it is on disk."""

    def fit(self, compiled: CompiledClassifier) -> None:
        """Does it and writes it; what is finished is left as it is."""


Work = Start | Cell | Piece
OnStep = Callable[[str, int, int], None]

# In each process: clips and the compiled network of the cell that was fitted last.
_compiled = CompiledClassifier()
_fitter = CellFitter(_compiled)


def do(work: Work) -> None:
    """Pre-trains, or fits a cell, in this process."""
    if isinstance(work, Start):
        make_start(work, _compiled)
    elif isinstance(work, Cell):
        _fitter.fit(work)
    else:
        work.fit(_compiled)


def do_in_worker(work: Work) -> None:
    """The same in a process of a pool: one that waits ignores Ctrl-C, one that works stops."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        do(work)
    finally:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def do_all(step: str, work: Sequence[Work], out: Path, workers: int, on_step: OnStep) -> None:
    """Does what is not finished yet.

    Args:
        step: What it is, in a word, for `on_step`.
        work: Pieces that do not depend on each other, but for pre-trainings that begin with others.
        out: The folder that they are written to.
        workers: Processes; with 1 all is done in this one, but for what needs another backend.
        on_step: Told the step, how many pieces are done, and of how many.

    Raises:
        Exception: What the first piece that fails ends in. Those that are finished stay.
    """
    left = [one for one in work if not one.finished]
    done = len(work) - len(left)
    on_step(step, done, len(work))
    for depth, backend in sorted({_round_of(one) for one in left}):
        some = [one for one in left if _round_of(one) == (depth, backend)]
        here = workers == 1 and backend == keras.config.backend()
        begun = _here(some) if here else _elsewhere(some, out, workers, backend)
        with contextlib.closing(begun) as finished:
            for _ in finished:
                done += 1
                on_step(step, done, len(work))


def _here(left: Sequence[Work]) -> Generator[Work]:
    for one in left:
        do(one)
        yield one


def _round_of(work: Work) -> tuple[int, str]:
    if isinstance(work, Start):
        return work.depth, work.backend
    return 0, str(keras.config.backend())


def _elsewhere(left: Sequence[Work], out: Path, workers: int, backend: str) -> Generator[Work]:
    count = min(workers, len(left))
    if not count:
        return
    threads = threads_of_worker(count)
    pool: WorkerPool[Work, None] = WorkerPool(
        do_in_worker, count, partial(start_worker, out, backend, threads), ahead=1
    )
    # Closed before anything else: after an error processes still write.
    with contextlib.closing(pool.run(left)) as results:
        for one, error in results:
            if error is not None:
                raise error
            yield one
