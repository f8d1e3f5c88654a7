"""CPU time of a call."""

import statistics
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def timed(call: Callable[[], Result], repeats: int) -> tuple[Result, float]:
    """Result of a call, and the median over `repeats` of its CPU time in seconds.

    Only this thread counts, so that other programs do not make a call look slower.
    """
    seconds = []
    for _ in range(repeats):
        start = time.thread_time()
        result = call()
        seconds.append(time.thread_time() - start)
    return result, statistics.median(seconds)
