"""Many clips into a clip store, with a pool of processes and an account of every clip."""

import contextlib
import functools
import os
import signal
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numba

from .contact_sheet import contact_sheet, write_picture
from .datasets.clip import Clip
from .errors import InputError
from .faces import create_detector
from .hang_guard import end_when_stuck
from .motion import compile_kernels
from .options import PreprocessOptions
from .process_clip import process_clip
from .processed_clip import ClipError, ProcessedClip, stage
from .run_plan import RunPlan, Task, plan_run
from .store import ClipStore, prepare_folder
from .store_format import sheet_path
from .store_lock import hold_as_worker, run_lock
from .store_tables import Rejection, forget_run, write_run
from .store_writer import remove_clip, remove_partial, write_clip
from .worker_pool import WorkerDied, WorkerPool

__all__ = [
    "ClipError",
    "ClipOutcome",
    "PreprocessOptions",
    "PreprocessSummary",
    "ProcessedClip",
    "Rejection",
    "preprocess",
    "process_clip",
]

_DECODER_SECONDS = 120.0


@dataclass(frozen=True)
class ClipOutcome:
    """What became of one clip.

    Attributes
    ----------
    clip_id : str
    status : {"stored", "kept", "rejected"}
        Made now, there already, or not usable.
    rejection : Rejection or None
        Stage and reason of a rejected clip.
    frames, frames_dropped : int
        Frames stored now, and frames of the source left out (no face, or more than are kept).
    notes : tuple of str
        Sentences for the user about this clip.
    """

    clip_id: str
    status: str
    rejection: Rejection | None = None
    frames: int = 0
    frames_dropped: int = 0
    notes: tuple[str, ...] = ()


@dataclass
class PreprocessSummary:
    """Account of a run; ``clips_in == stored + kept + len(rejected)``.

    Attributes
    ----------
    clips_in : int
        Clips and unusable rows that went in.
    stored, kept : int
        Clips made now, and clips that were there already and are up to date.
    redone : int
        How many of the stored replace a clip whose input or options have changed.
    options_changed : bool
        Whether the store was made with other options before.
    frames_dropped : int
        Frames left out of the clips stored now (no face, or more than are kept).
    rejected : list of Rejection
        In the order of the clips.
    notes : list of tuple (clip_id, note)
        What the user should know about clips stored now.
    """

    clips_in: int = 0
    stored: int = 0
    kept: int = 0
    redone: int = 0
    options_changed: bool = False
    frames_dropped: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def preprocess(
    clips: Sequence[Clip],
    store_path: str | Path,
    options: PreprocessOptions,
    *,
    workers: int | None = None,
    on_outcome: Callable[[ClipOutcome], None] | None = None,
    rejected_before: Sequence[Rejection] = (),
    contact_sheets: bool = True,
) -> PreprocessSummary:
    """Process clips into a store; only what is missing or changed is done.

    A clip that cannot be used is rejected with its reason and the others go on. When the run is
    interrupted, whole clips and the tables stay, and the next run goes on from there.

    Parameters
    ----------
    clips : sequence of Clip
        Each `clip_id` once.
    store_path : str or Path
        Store to make or to go on with.
    options : PreprocessOptions
    workers : int, optional
        Processes; 1 works in this process. Default: as many as there are cores to use.
    on_outcome : callable, optional
        Called in this process with the `ClipOutcome` of each clip as it is finished.
    rejected_before : sequence of Rejection
        Rows that fell out while the manifest was read; they are counted and listed with the rest.
    contact_sheets : bool
        Whether to draw a picture of each clip into ``STORE/contact_sheets``.

    Returns
    -------
    PreprocessSummary

    Raises
    ------
    InputError
        The run as a whole is impossible: no clips, a name twice, a detector that does not work, a
        folder that is not a store, a store that holds other clips made with other options, or that
        another run writes to.
    """
    _check_run(clips, options, workers)
    path = prepare_folder(Path(store_path))
    with run_lock(path):
        # What a killed run left goes first: nobody else writes here now.
        remove_partial(path)
        plan = plan_run(clips, path, options, contact_sheets=contact_sheets)
        account = _Account(ClipStore.create(path, options), rejected_before, on_outcome)
        account.summary.options_changed = plan.options_changed
        _carry_out(plan, path, account, workers, order=[clip.clip_id for clip in clips])
    return account.summary


def _carry_out(
    plan: RunPlan, store: Path, account: "_Account", workers: int | None, order: Sequence[str]
) -> None:
    forget_run(store)
    finished = False
    try:
        _remove(store, plan.superseded)
        for clip_id in plan.kept:
            account.add(ClipOutcome(clip_id, "kept"))
        for rejection in plan.rejected:
            account.add(ClipOutcome(rejection.clip_id, "rejected", rejection))
        # Closed before the clean-up below: an interrupted run has workers that still write.
        with contextlib.closing(_outcomes(plan.tasks, workers)) as outcomes:
            for task, outcome in outcomes:
                account.add(outcome, task)
        finished = True
    finally:
        remove_partial(store)
        account.close(order, finished=finished)


class _Account:
    """Counts outcomes as they come in, and writes the tables at the end, whichever end it is."""

    def __init__(
        self,
        store: ClipStore,
        rejected_before: Sequence[Rejection],
        on_outcome: Callable[[ClipOutcome], None] | None,
    ) -> None:
        self.summary = PreprocessSummary(clips_in=len(rejected_before))
        self._store = store
        self._rejected_before = list(rejected_before)
        self._rejected: list[Rejection] = []
        self._on_outcome = on_outcome

    def add(self, outcome: ClipOutcome, task: Task | None = None) -> None:
        summary = self.summary
        summary.clips_in += 1
        summary.stored += outcome.status == "stored"
        summary.kept += outcome.status == "kept"
        summary.redone += outcome.status == "stored" and task is not None and bool(task.replaces)
        summary.frames_dropped += outcome.frames_dropped
        summary.notes += [(outcome.clip_id, note) for note in outcome.notes]
        if outcome.rejection is not None:
            self._rejected.append(outcome.rejection)
        if self._on_outcome is not None:
            self._on_outcome(outcome)

    def close(self, order: Sequence[str], *, finished: bool) -> None:
        place = {clip_id: index for index, clip_id in enumerate(order)}
        self._rejected.sort(key=lambda rejection: place[rejection.clip_id])
        self.summary.rejected = self._rejected_before + self._rejected
        self._store.write_tables(self.summary.rejected)
        if finished:
            write_run(self._store.path, self.summary.clips_in, len(self.summary.rejected))


def _check_run(clips: Sequence[Clip], options: PreprocessOptions, workers: int | None) -> None:
    if workers is not None and workers < 1:
        raise InputError(f"workers must be at least 1, not {workers}")
    if not clips:
        raise InputError("there are no clips to preprocess; check the manifest or the folder")
    seen: set[str] = set()
    for clip in clips:
        if clip.clip_id in seen:
            raise InputError(f"two clips are named '{clip.clip_id}'; give each its own clip_id")
        seen.add(clip.clip_id)
    create_detector(options.detector, options.detector_model)


def _outcomes(tasks: Sequence[Task], workers: int | None) -> Generator[tuple[Task, ClipOutcome]]:
    workers = min(workers or _cores(), len(tasks))
    if workers <= 1:
        for task in tasks:
            yield task, run_task(task)
        return
    compile_kernels()
    start = functools.partial(_start_worker, tasks[0].store)
    pool: WorkerPool[Task, ClipOutcome] = WorkerPool(_run_task_in_worker, workers, start)
    for task, result in pool.run(tasks):
        yield task, result if isinstance(result, ClipOutcome) else _failed(task, result)


def _cores() -> int:
    # A container or a cluster job may use fewer cores than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_task(task: Task) -> ClipOutcome:
    """Process and store one clip; whatever goes wrong becomes a rejection."""
    try:
        processed = process_clip(task.clip, task.options)
        with stage("write"):
            if task.contact_sheet:
                _write_sheet(task.store, processed)
            write_clip(task.store, processed, task.key, task.options_hash)
    except Exception as error:
        return _failed(task, error)
    _remove(task.store, task.replaces)
    attributes = processed.attributes
    return ClipOutcome(
        task.clip.clip_id,
        "stored",
        frames=len(processed.frames),
        frames_dropped=attributes["frames_dropped"],
        notes=tuple(attributes["notes"]),
    )


def _failed(task: Task, error: Exception) -> ClipOutcome:
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


def _start_worker(store: Path) -> None:
    hold_as_worker(store)
    end_when_stuck(_DECODER_SECONDS)
    # One thread a worker: parallelism comes from clips, and more threads only fight for the cores.
    cv2.setNumThreads(1)
    numba.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_task_in_worker(task: Task) -> ClipOutcome:
    # Ctrl-C reaches every process of a terminal. A worker that waits for work ignores it, because
    # its parent stops it in good order; one that works stops at once and leaves no half clip.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run_task(task)
    finally:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
