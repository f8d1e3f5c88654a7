"""One run at a time writes to a store; readers are never held up.

The locks are the operating system's: they end with the process that holds them, however it ends.
"""

import errno
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from .errors import InputError
from .store_location import is_remote

LOCK_FILE = ".lock"
WORKERS_LOCK_FILE = ".workers.lock"

# Workers whose parent was killed notice it at once, but finish the write they are in.
_WAIT_FOR_ORPHANS = 30.0
_POLL_SECONDS = 0.05

# Windows locks bytes, not files, and lets nobody read them: a byte behind the text is taken.
_LOCKED_BYTE = 1 << 20

_TAKEN = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO, *, shared: bool) -> None:
        os.lseek(file.fileno(), _LOCKED_BYTE + (os.getpid() if shared else 0), os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1 if shared else 1 << 24)

else:
    import fcntl

    def _lock(file: BinaryIO, *, shared: bool) -> None:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(file.fileno(), kind | fcntl.LOCK_NB)


def is_local(store: Path) -> bool:
    """Whether a store lies on a disk, where files can be locked and renamed, and not at a URL."""
    return not is_remote(store)


@contextmanager
def run_lock(store: Path, what: str = "store") -> Iterator[None]:
    """Hold a store for one run, and wait until no worker of a killed run writes to it any more.

    Parameters
    ----------
    store : Path
        Folder that exists. At a URL there are no locks, and nothing is held.
    what : str
        What the folder is, for messages.

    A file system that knows no locks is written to without one.

    Raises
    ------
    InputError
        Another run holds it (the message says which, and since when), or the folder cannot be
        written to.
    """
    if not is_local(store):
        yield
        return
    with _open(store / LOCK_FILE, what) as file:
        # A second try, because somebody may just have asked whether the store is being written to.
        if not _taken(file, within=2 * _POLL_SECONDS):
            raise InputError(_held(store, what))
        _wait_for_orphans(store, what)
        _sign(file)
        yield
        file.truncate(0)


def hold_as_worker(store: Path) -> None:
    """Mark the store as written to by this process, for as long as it lives."""
    if is_local(store):
        file = _open(store / WORKERS_LOCK_FILE)
        _held_by_this_process.append(file)
        _taken(file, within=_WAIT_FOR_ORPHANS, shared=True)


# Open until the process ends, because that ends the lock.
_held_by_this_process: list[BinaryIO] = []


def running(store: Path) -> str | None:
    """Who writes to a store now, as a sentence; None where nobody does."""
    if not is_local(store):
        return None
    try:
        file = (store / LOCK_FILE).open("r+b", buffering=0)
    except OSError:
        # Never written to by a run, or on a disk that no run can write to.
        return None
    with file:
        return None if _taken(file, within=0.0, shared=True) else _held(store)


def _open(path: Path, what: str = "store") -> BinaryIO:
    try:
        return path.open("a+b", buffering=0)
    except OSError as error:
        raise InputError(
            f"cannot write to the {what} {path.parent}: {error.strerror or error}; choose a folder "
            "you can write to"
        ) from error


def _wait_for_orphans(store: Path, what: str) -> None:
    with _open(store / WORKERS_LOCK_FILE, what) as file:
        if not _taken(file, within=_WAIT_FOR_ORPHANS):
            raise InputError(
                f"workers of a run that was killed still write to {store}; end them first"
            )


def _taken(file: BinaryIO, *, within: float, shared: bool = False) -> bool:
    until = time.monotonic() + within
    while True:
        try:
            _lock(file, shared=shared)
            return True
        except OSError as error:
            if error.errno not in _TAKEN:
                # A file system without locks: better a run without one than none at all.
                return True
            if time.monotonic() >= until:
                return False
        time.sleep(_POLL_SECONDS)


def _sign(file: BinaryIO) -> None:
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    # On a full disk the lock holds as well without a name in it.
    with suppress(OSError):
        file.truncate(0)
        file.write(json.dumps(holder).encode() + b"\n")


def _held(store: Path, what: str = "store") -> str:
    try:
        holder = json.loads((store / LOCK_FILE).read_text(encoding="utf-8"))
        who = f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, LookupError, TypeError):
        who = "another process"
    return (
        f"{store} is being written to by another run ({who}); wait for it, or give another {what}"
    )
