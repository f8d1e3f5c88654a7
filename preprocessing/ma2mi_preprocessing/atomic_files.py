"""Files that appear whole or not at all, so that an interrupted run never leaves half a table."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder that replaces `path` if the block succeeds.

    Parameters
    ----------
    path : Path
        Where the finished file shall be. Missing parent folders are made.

    Yields
    ------
    Path
        File to write, with the same suffix as `path`.

    Raises
    ------
    InputError
        The folder cannot be made or written to, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=path.suffix, prefix=".partial-", dir=path.parent)
    except OSError as error:
        raise InputError(_cannot_write(path, error)) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        flush_file(temporary)
        # mkstemp makes the file private; a shared dataset folder expects the usual mode.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        raise InputError(_cannot_write(path, error)) from error
    finally:
        temporary.unlink(missing_ok=True)


def flush_file(path: Path) -> None:
    """Wait until a file is on the disk, so that a power cut after its renaming loses nothing."""
    # Windows flushes only what is open for writing.
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def flush_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk; Windows does so by itself."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        # Some network file systems cannot do this for folders.
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def flush_tree(path: Path) -> None:
    """Wait until a folder and everything below it is on the disk."""
    for folder, _, files in os.walk(path, topdown=False):
        for name in files:
            flush_file(Path(folder) / name)
        flush_folder(Path(folder))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(path: Path, error: OSError) -> str:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    remedy = "make room" if full else "choose a folder you can write to"
    return f"cannot write {path}: {error.strerror or error}; {remedy}"
