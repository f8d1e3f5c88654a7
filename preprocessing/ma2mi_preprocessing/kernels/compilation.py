"""How kernels are compiled, kept on disk, and announced."""

import functools
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core import event

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger("ma2mi_preprocessing")

_kept_on_disk = True


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call, without the interpreter lock, and keep it on disk.

    No fast-math: the compiler may not reorder, so that a kernel gives the same bits wherever it is
    inlined, and comparisons with NaN mean what they say.

    Numba keeps machine code beside the source, or else in a folder of the user's. Where neither can
    be written, as in a read-only container, the function is compiled in each process instead.
    """
    global _kept_on_disk
    try:
        compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
        _kept_on_disk = False
        compiled = numba.njit(nogil=True, error_model="numpy")(function)
    _depend_on_all_sources(compiled)
    return cast(Callable[P, R], compiled)


def kept_in(function: Callable[..., Any]) -> Path | None:
    """Folder in which the machine code of a kernel is kept; None where none can be written."""
    folder = cast(Any, function).stats.cache_path
    return Path(folder) if folder else None


@functools.cache
def _sources_in(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _depend_on_all_sources(compiled: Any) -> None:
    """Have an edit here, or beside the function, make machine code on disk out of date.

    Numba compares the file that a function stands in, and would go on using code that was compiled
    with the old version of what the function calls. Where a later Numba has no such attribute,
    only that protection is lost.
    """
    stored: Any = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    stamp = getattr(stored, "_source_stamp", None)
    if stamp is not None:
        beside = Path(compiled.py_func.__code__.co_filename).parent
        stored._source_stamp = (stamp, _sources_in(Path(__file__).parent), _sources_in(beside))


class _Announcement(event.Listener):
    """Says, once in a process, why the first call takes long; not where the code is on disk."""

    def __init__(self) -> None:
        self.is_made = False

    def on_start(self, event: Any) -> None:
        function = event.data["dispatcher"].py_func
        if self.is_made or not function.__module__.startswith(__package__):
            return
        self.is_made = True
        if _kept_on_disk:
            _log.warning(
                "compiling the optical-flow kernels for this computer, once: up to half a minute"
            )
        else:
            _log.warning(
                "compiling the optical-flow kernels, up to half a minute in every process: no "
                "folder to keep them in can be written; set NUMBA_CACHE_DIR to one that can"
            )

    def on_end(self, event: Any) -> None:
        """Nothing to say."""


event.register("numba:compile", _Announcement())
