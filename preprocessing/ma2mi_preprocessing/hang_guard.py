"""Ending a worker process whose decoder never comes back from a broken file."""

import faulthandler
import os
import time
from typing import TextIO

_RENEWED_EVERY = 5.0


class HangGuard:
    """Ends this process unless it is renewed in time.

    A decoder that loops inside C code can be stopped by nothing else: no signal handler and no
    other thread of Python gets a turn. The pool of processes then rejects that clip and goes on.

    Parameters
    ----------
    seconds : float or None
        Longest time between two calls of `renew`; None never ends anything.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._renewed = float("-inf")
        self._silence: TextIO | None = None

    def renew(self) -> None:
        """Start the time anew; cheap enough to be called before every frame."""
        if self._seconds is None or time.monotonic() < self._renewed + _RENEWED_EVERY:
            return
        self._renewed = time.monotonic()
        # The traceback that comes with it is of no use to the user.
        self._silence = self._silence or open(os.devnull, "w")  # noqa: SIM115
        faulthandler.dump_traceback_later(
            self._seconds + _RENEWED_EVERY, exit=True, file=self._silence
        )

    def release(self) -> None:
        """Stop watching."""
        if self._renewed == float("-inf"):
            return
        faulthandler.cancel_dump_traceback_later()
        self._renewed = float("-inf")
        if self._silence is not None:
            self._silence.close()
            self._silence = None


_seconds: float | None = None


def end_when_stuck(seconds: float) -> None:
    """From now on, let this process end when a decoder does not answer for so many seconds.

    Only for worker processes: it costs the whole process.
    """
    global _seconds
    _seconds = seconds


def hang_guard() -> HangGuard:
    """A guard with the time limit of this process, without one where none was set."""
    return HangGuard(_seconds)
