"""A pool that loses no item, whatever happens to its workers."""

import os
import signal
import time
from collections.abc import Iterator

from ma2mi_preprocessing.worker_pool import WorkerDied, WorkerPool


def start() -> None:
    os.environ["MA2MI_TEST_STARTED"] = "yes"


def work(item: int) -> tuple[int, int]:
    assert os.environ["MA2MI_TEST_STARTED"] == "yes"
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if item == 5:
        raise ValueError("five")
    time.sleep(0.01)
    return item * item, os.getpid()


def test_dead_worker_and_errors_cost_their_own_items_only() -> None:
    pool: WorkerPool[int, tuple[int, int]] = WorkerPool(work, 2, start)
    results = dict(pool.run(range(12)))
    assert sorted(results) == list(range(12))
    assert isinstance(results.pop(3), WorkerDied)
    error = results.pop(5)
    assert isinstance(error, ValueError)
    assert str(error) == "five"
    assert {item: result[0] for item, result in results.items()} == {
        item: item * item for item in results
    }
    assert os.getpid() not in {result[1] for result in results.values()}


def test_items_are_taken_only_a_few_ahead() -> None:
    taken = []

    def endless() -> Iterator[int]:
        for item in range(10, 10_000_000):
            taken.append(item)
            yield item

    pool: WorkerPool[int, tuple[int, int]] = WorkerPool(work, 2, start)
    running = pool.run(endless())
    for _ in range(3):
        next(running)
    running.close()
    assert len(taken) <= 3 + 2 * 2 + 2


def test_nothing_to_do_starts_nothing() -> None:
    pool: WorkerPool[int, tuple[int, int]] = WorkerPool(work, 2, start)
    assert list(pool.run([])) == []
