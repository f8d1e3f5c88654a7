"""The same flow from threads, from spawned processes and after a fork."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from ma2mi_preprocessing import optical_flow_tvl1
from ma2mi_preprocessing.benchmarks.flow_pairs import known_flow_pair
from ma2mi_preprocessing.kernels.layout import allocate_state
from ma2mi_preprocessing.kernels.tvl1 import iterate

_SIZES = (40, 56, 64)


def _flow(index):
    pair = known_flow_pair(_SIZES[index % len(_SIZES)], 1.0, index, seed=4)
    return optical_flow_tvl1(pair.reference, pair.moving)


@pytest.fixture(scope="module")
def expected():
    return [_flow(index) for index in range(6)]


def _assert_equal(flows, expected):
    for flow, one in zip(flows, expected, strict=True):
        np.testing.assert_array_equal(flow, one)


def test_threads_of_the_caller_do_not_disturb_each_other(expected):
    """More threads than cores, on images of different sizes, again and again."""
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            _assert_equal(pool.map(_flow, range(6)), expected)


def test_spawned_processes_give_the_same_flow(expected):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        _assert_equal(pool.map(_flow, range(6)), expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_flow_goes_on_after_a_fork_of_a_process_that_has_used_threads(expected):
    pair = known_flow_pair(64, 1.0, 2, seed=4)
    batch = np.stack([pair.reference] * 3), np.stack([pair.moving] * 3)
    optical_flow_tvl1(*batch, threads=2)
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)

    def compute():
        sender.send((_flow(2), optical_flow_tvl1(*batch, threads=2)))

    child = fork.Process(target=compute)
    child.start()
    assert receiver.poll(60), "the forked process hangs"
    alone, together = receiver.recv()
    child.join(10)
    assert child.exitcode == 0
    np.testing.assert_array_equal(alone, expected[2])
    _assert_equal(together, [expected[2]] * 3)


def test_interpreter_lock_is_free_while_the_solver_runs():
    """This thread must count on during one long call; with the lock held it would stand still."""
    side = 256
    state = allocate_state(side, side)
    weights = np.float32(38), np.float32(0.08), np.float32(0.25)
    iterate(state, side, side, *weights, 1)
    with ThreadPoolExecutor(1) as pool:
        solved = pool.submit(iterate, state, side, side, *weights, 5000)
        steps = 0
        while not solved.done():
            steps += 1
        solved.result()
    assert steps > 1000
