"""A process that works on jobs until it is told to stop, and takes nobody down with it."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import cv2

from ...clip_task import one_thread
from ...errors import InputError
from ...hang_guard import end_when_stuck
from ...store_lock import hold_as_worker
from .clip_results import ClipLimits, ClipRequest, write_clip_results
from .folders import JobFolders
from .pair_model import ModelSource, PairModel
from .queue import Job, JobQueue

QUEUE_FILE, FOLDERS = "jobs.sqlite", "jobs"

_IDLE_SECONDS = 0.2
_REPORTED_EVERY = 0.5
_DECODER_SECONDS = 60.0


class NoLongerOurs(Exception):
    """The job was removed, or given to somebody else, while it was worked on."""


@dataclass(frozen=True)
class WorkerSetting:
    """What a worker has to know.

    Attributes
    ----------
    data : Path
        Folder of the service.
    name : str
        Of this worker; no two that live at the same time share one.
    clips : ClipLimits
    max_bytes : int or None
        Most memory that the process may take, beside what it has when it starts; None for any.
    model : ModelSource or None
        What is asked about each clip.
    """

    data: Path
    name: str
    clips: ClipLimits
    max_bytes: int | None
    model: ModelSource | None = None


def work(setting: WorkerSetting, parent: int) -> None:
    """Work on jobs until the parent is gone or the process is told to terminate.

    Runs in a process of its own.
    """
    hold_as_worker(setting.data)
    _end_with(parent)
    one_thread()
    end_when_stuck(_DECODER_SECONDS)
    stopped = threading.Event()
    # A job that is begun is finished, so that stopping a service costs no work.
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    model = None if setting.model is None else setting.model.load()
    _limit_memory(setting.max_bytes)
    queue, folders = JobQueue(setting.data / QUEUE_FILE), JobFolders(setting.data / FOLDERS)
    while not stopped.is_set():
        job = queue.claim(setting.name)
        if job is None:
            stopped.wait(_IDLE_SECONDS)
            continue
        try:
            work_on(job, queue, folders, setting.clips, model)
        except MemoryError:
            os._exit(1)


def work_on(
    job: Job,
    queue: JobQueue,
    folders: JobFolders,
    limits: ClipLimits,
    model: PairModel | None = None,
) -> None:
    """Bring one job to its end: results and `done`, or a reason and `failed`.

    Raises
    ------
    MemoryError
        The job needed more than there is. Nobody knows what of the libraries is still whole, so
        the process should end.
    """
    try:
        _make(job, queue, folders, limits, model)
    except NoLongerOurs:
        return
    except InputError as error:
        queue.fail(job, _for_the_user(str(error), folders, job))
    except FileNotFoundError:
        # Removed while it was worked on; if not, it can't be worked on.
        queue.fail(job, "its files are gone")
    except Exception as error:
        if _lacks_memory(error):
            queue.fail(job, "more memory is needed than a job may take; send a smaller video")
            raise MemoryError from error
        # Whatever a broken upload does to a library, the next job must not feel it.
        print(f"job {job.id}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        queue.fail(job, f"the service failed on it ({type(error).__name__})")
    else:
        queue.finish(job)


def _lacks_memory(error: BaseException) -> bool:
    if isinstance(error, cv2.error):
        return bool(error.code == cv2.Error.STS_NO_MEM)
    return isinstance(error, MemoryError)


def _make(
    job: Job,
    queue: JobQueue,
    folders: JobFolders,
    limits: ClipLimits,
    model: PairModel | None,
) -> None:
    # A worker may have been killed between its results and telling so.
    if folders.results(job.id).is_dir():
        return
    attempt = folders.begin_attempt(job.id, job.attempt)
    told = _Told(job, queue)
    source, request = folders.source(job.id), request_of(job.request)
    write_clip_results(source, request, limits, attempt, told, model)
    told("write", 1.0, always=True)
    folders.publish(job.id, attempt)


def request_of(content: Any) -> ClipRequest:
    """A request as the queue keeps it; fields of other versions are left out."""
    known = {one.name for one in fields(ClipRequest)}
    return ClipRequest(**{name: value for name, value in content.items() if name in known})


def content_of(request: ClipRequest) -> dict[str, Any]:
    """A request as the queue keeps it."""
    return asdict(request)


class _Told:
    """Tells the queue, but not more often than somebody could look."""

    def __init__(self, job: Job, queue: JobQueue) -> None:
        self._job, self._queue = job, queue
        self._last, self._stage = float("-inf"), ""

    def __call__(self, stage: str, progress: float, *, always: bool = False) -> None:
        now = time.monotonic()
        if not always and stage == self._stage and now < self._last + _REPORTED_EVERY:
            return
        self._last, self._stage = now, stage
        if not self._queue.report(self._job, stage, progress):
            raise NoLongerOurs


def _for_the_user(message: str, folders: JobFolders, job: Job) -> str:
    """The message without where files lie on this machine."""
    with suppress(OSError):
        message = message.replace(str(folders.source(job.id)), "the upload")
    return message.replace(str(folders.folder(job.id)), "the upload")


def _end_with(parent: int) -> None:
    """Ends this process when the one that started it is gone: nobody waits for it any more."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_IDLE_SECONDS)
        os._exit(1)

    if os.getppid() != parent:
        os._exit(1)
    threading.Thread(target=watch, daemon=True).start()


def _limit_memory(max_bytes: int | None) -> None:
    if max_bytes is None or sys.platform == "win32":
        return
    import resource

    # Libraries and their threads reserve gigabytes of addresses that they never touch.
    reserved = _reserved_bytes()
    resource.setrlimit(resource.RLIMIT_AS, (reserved + max_bytes, reserved + max_bytes))


def _reserved_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 4 * 1024**3
    return pages * os.sysconf("SC_PAGE_SIZE")
