"""The work on one clip, from its source to the store: what a worker does."""

import contextlib
import dataclasses
import signal
from collections.abc import Iterable
from pathlib import Path

import cv2
import numba

from .contact_sheet import contact_sheet, write_picture
from .hang_guard import end_when_stuck
from .process_clip import process_clip
from .processed_clip import ClipError, ProcessedClip, stage
from .run_account import ClipOutcome
from .run_plan import Task
from .stage_clock import measured_stages, timed
from .store_format import sheet_path
from .store_lock import hold_as_worker
from .store_tables import Rejection
from .store_writer import remove_clip, write_clip
from .worker_pool import WorkerDied

DECODER_SECONDS = 120.0
"""How long a decoder may be silent before the process ends itself."""


def run_task(task: Task) -> ClipOutcome:
    """Process and store one clip; whatever goes wrong becomes a rejection."""
    if not task.measured:
        return _run(task)
    with measured_stages() as times:
        outcome = _run(task)
    return dataclasses.replace(outcome, times=times)


def run_task_in_worker(task: Task) -> ClipOutcome:
    """`run_task` in a process of a pool."""
    # Ctrl-C reaches every process of a terminal. A worker that waits for work ignores it, because
    # its parent stops it in good order; one that works stops at once and leaves no half clip.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run_task(task)
    finally:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def start_worker(store: Path) -> None:
    """Prepare a process of a pool."""
    hold_as_worker(store)
    end_when_stuck(DECODER_SECONDS)
    one_thread()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def one_thread() -> None:
    """Keep the libraries from starting threads of their own."""
    # Parallelism comes from clips, and more threads only fight for the cores.
    cv2.setNumThreads(1)
    numba.set_num_threads(1)


def failed(task: Task, error: Exception) -> ClipOutcome:
    """The rejection of a clip that ended in an error."""
    # What an older input gave must not stay in the store under the name of this one.
    _remove(task.store, task.replaces)
    sheet_path(task.store, task.clip.clip_id).unlink(missing_ok=True)
    if isinstance(error, ClipError):
        where, reason = error.stage, str(error)
    elif isinstance(error, WorkerDied):
        where, reason = "worker", f"{error}; run again with fewer workers"
    else:
        where, reason = "worker", f"{type(error).__name__}: {error}"
    reason = " ".join(reason.split())
    rejection = Rejection(task.clip.clip_id, where, reason, "" if _of_the_disk(error) else task.key)
    return ClipOutcome(task.clip.clip_id, "rejected", rejection)


def _of_the_disk(error: BaseException | None) -> bool:
    # A disk that did not answer says nothing about the clip: without a key it is tried again.
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__
    return error is not None


def _run(task: Task) -> ClipOutcome:
    try:
        processed = process_clip(task.clip, task.options)
        with stage("write"):
            if task.contact_sheet:
                _write_sheet(task.store, processed)
            _store(task, processed)
    except Exception as error:
        return failed(task, error)
    _remove(task.store, task.replaces)
    attributes = processed.attributes
    return ClipOutcome(
        task.clip.clip_id,
        "stored",
        frames=len(processed.frames),
        frames_dropped=attributes["frames_dropped"],
        notes=tuple(attributes["notes"]),
    )


@timed("store")
def _store(task: Task, processed: ProcessedClip) -> None:
    write_clip(task.store, processed, task.key, task.options_hash)


@timed("contact sheet")
def _write_sheet(store: Path, processed: ProcessedClip) -> None:
    if not len(processed.frames):
        return
    sheet = contact_sheet(
        processed.frames,
        processed.flow,
        processed.pairs,
        title=processed.clip.clip_id,
        fps=processed.fps,
        first_frame=processed.first_frame,
        key_frames={
            "onset": processed.onset,
            "apex": processed.apex,
            "offset": processed.offset,
        },
    )
    write_picture(sheet, sheet_path(store, processed.clip.clip_id))


def _remove(store: Path, names: Iterable[str]) -> None:
    for name in names:
        remove_clip(store, name)
