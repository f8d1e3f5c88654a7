"""How many computations run while clients wait, and how many clients may wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import HTTPException

_RETRY_SECONDS = "1"


class Cores:
    """Lets as many computations run as there are cores for, and few wait.

    Parameters
    ----------
    at_once : int
        Computations that run; kernels fill a core each, and more of them only make all slower.
    waiting : int
        Most that wait for their turn.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._inside = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A core for the time of the block.

        Raises
        ------
        HTTPException
            503: as many wait already as may.
        """
        if self._inside >= self._most:
            raise HTTPException(
                503, "too many requests wait; try again", {"Retry-After": _RETRY_SECONDS}
            )
        self._inside += 1
        try:
            async with self._free:
                yield
        finally:
            self._inside -= 1
