"""Where the time of a clip goes, stage by stage; costs next to nothing unless somebody asks."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

StageTimes = dict[str, tuple[float, float]]
"""Seconds on the wall clock and of CPU time, by stage."""

# One clip at a time is worked on in a process, so that one clock is enough.
_clock: "_Clock | None" = None


@contextmanager
def measured_stages() -> Iterator[StageTimes]:
    """Measure what is done in the block; the dictionary that is yielded is filled at its end.

    Time counts for the innermost stage only, and for "other" outside all stages, so that the
    stages add up to the whole.
    """
    global _clock
    before, clock = _clock, _Clock()
    _clock = clock
    try:
        yield clock.times
    finally:
        clock.leave()
        _clock = before


def timed(stage: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Count the time of a function as that of a stage."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            clock = _clock
            if clock is None:
                return function(*args, **kwargs)
            clock.enter(stage)
            try:
                return function(*args, **kwargs)
            finally:
                clock.leave()

        return measured

    return decorate


def timed_iterator(stage: str) -> Callable[[Callable[P, Iterator[R]]], Callable[P, Iterator[R]]]:
    """Count the time that a generator takes for its values, not that of whoever uses them."""

    def decorate(function: Callable[P, Iterator[R]]) -> Callable[P, Iterator[R]]:
        @functools.wraps(function)
        def measured(*args: P.args, **kwargs: P.kwargs) -> Iterator[R]:
            values = function(*args, **kwargs)
            return values if _clock is None else _measured_values(stage, values)

        return measured

    return decorate


def _measured_values(stage: str, values: Iterator[R]) -> Iterator[R]:
    following = timed(stage)(functools.partial(next, values, _END))
    while (value := following()) is not _END:
        yield value


_END: object = object()


class _Clock:
    """Sums the time of nested stages."""

    def __init__(self) -> None:
        self.times: StageTimes = {}
        self._stages = ["other"]
        self._since = (time.perf_counter(), time.process_time())

    def enter(self, stage: str) -> None:
        self._count()
        self._stages.append(stage)

    def leave(self) -> None:
        self._count()
        self._stages.pop()

    def _count(self) -> None:
        # Of all threads: those of Zarr compress, those of FFmpeg decode.
        now = (time.perf_counter(), time.process_time())
        wall, cpu = self.times.get(self._stages[-1], (0.0, 0.0))
        wall += now[0] - self._since[0]
        cpu += now[1] - self._since[1]
        self.times[self._stages[-1]] = (wall, cpu)
        self._since = now
