"""Many clips into a clip store, with a pool of processes and an account of every clip."""

import contextlib
import functools
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from .available_cpus import available_cpus
from .datasets.clip import Clip
from .errors import InputError
from .options import PreprocessOptions
from .run_account import ClipOutcome, PreprocessSummary, RunAccount
from .run_plan import RunPlan, Task, plan_run
from .store import ClipStore, prepare_folder
from .store_location import store_path
from .store_lock import run_lock
from .store_tables import Rejection, forget_run
from .store_writer import remove_clip, remove_partial

# The libraries that work on clips are imported where there are clips to work on: a run with
# nothing to do is over before they are loaded.

__all__ = [
    "ClipOutcome",
    "PreprocessOptions",
    "PreprocessSummary",
    "Rejection",
    "preprocess",
]


def preprocess(
    clips: Sequence[Clip],
    store: str | Path,
    options: PreprocessOptions,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    on_outcome: Callable[[ClipOutcome], None] | None = None,
    rejected_before: Sequence[Rejection] = (),
    contact_sheets: bool = True,
    measured: bool = False,
) -> PreprocessSummary:
    """Process clips into a store; only what is missing or changed is done.

    A clip that cannot be used is rejected with its reason and the others go on. When the run is
    interrupted, whole clips and the tables stay, and the next run goes on from there.

    Parameters
    ----------
    clips : sequence of Clip
        Each `clip_id` once.
    store : str or Path
        Store to make or to go on with: a folder, or a URL that fsspec knows (``s3://...``).
    options : PreprocessOptions
    workers : int, optional
        Processes; 1 works in this process. Default: as many as there are cores to use.
    cluster : str, optional
        A Dask cluster that does the work instead: address of its scheduler, path of a scheduler
        file, or "local" for one of this machine's processes. Its workers must see the sources and
        the store under the same paths.
    on_outcome : callable, optional
        Called in this process with the `ClipOutcome` of each clip as it is finished.
    rejected_before : sequence of Rejection
        Rows that fell out while the manifest was read; they are counted and listed with the rest.
    contact_sheets : bool
        Whether to draw a picture of each clip into ``STORE/contact_sheets``.
    measured : bool
        Whether each outcome says where the time went.

    Returns
    -------
    PreprocessSummary

    Raises
    ------
    InputError
        The run as a whole is impossible: no clips, a name twice, a detector that does not work, a
        folder that is not a store, a store that holds other clips made with other options or that
        another run writes to, a cluster that cannot be reached or cannot do the work.
    """
    _check_run(clips, options, workers)
    path = store_path(store)
    if not path.exists():
        _check_detector(options)
    prepare_folder(path)
    with run_lock(path):
        # What a killed run left goes first: nobody else writes here now.
        remove_partial(path)
        plan = plan_run(clips, path, options, contact_sheets=contact_sheets, measured=measured)
        if plan.tasks:
            _check_detector(options)
        account = RunAccount(ClipStore.create(path, options), rejected_before, on_outcome)
        account.summary.options_changed = plan.options_changed
        order = [clip.clip_id for clip in clips]
        _carry_out(plan, path, account, _outcomes(plan.tasks, workers, cluster), order)
    return account.summary


def _carry_out(
    plan: RunPlan,
    store: Path,
    account: RunAccount,
    results: Generator[tuple[Task, ClipOutcome]],
    order: Sequence[str],
) -> None:
    forget_run(store)
    finished = False
    try:
        for name in plan.superseded:
            remove_clip(store, name)
        for clip_id in plan.kept:
            account.add(ClipOutcome(clip_id, "kept"))
        for rejection in plan.rejected:
            account.add(ClipOutcome(rejection.clip_id, "rejected", rejection))
        # Closed before the clean-up below: an interrupted run has workers that still write.
        with contextlib.closing(results) as outcomes:
            for task, outcome in outcomes:
                account.add(outcome, task)
        finished = True
    finally:
        remove_partial(store)
        account.close(order, finished=finished)


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


def _check_detector(options: PreprocessOptions) -> None:
    from .faces import create_detector

    create_detector(options.detector, options.detector_model)


def _outcomes(
    tasks: Sequence[Task], workers: int | None, cluster: str | None
) -> Generator[tuple[Task, ClipOutcome]]:
    if cluster is not None and tasks:
        yield from _cluster_outcomes(_largest_first(tasks), cluster, workers)
        return
    workers = min(workers or available_cpus(), len(tasks))
    if not tasks:
        return
    from .clip_task import failed, run_task, run_task_in_worker, start_worker

    if workers <= 1:
        for task in tasks:
            yield task, run_task(task)
        return
    from .motion import compile_kernels
    from .worker_pool import WorkerPool

    compile_kernels()
    start = functools.partial(start_worker, tasks[0].store)
    pool: WorkerPool[Task, ClipOutcome] = WorkerPool(run_task_in_worker, workers, start)
    for task, result in pool.run(_largest_first(tasks)):
        yield task, result if isinstance(result, ClipOutcome) else failed(task, result)


def _largest_first(tasks: Sequence[Task]) -> list[Task]:
    # A long clip that is begun last keeps one core busy while the others have nothing left to do.
    return sorted(tasks, key=lambda task: -task.source_bytes)


def _cluster_outcomes(
    tasks: Sequence[Task], address: str, workers: int | None
) -> Generator[tuple[Task, ClipOutcome]]:
    from .clip_task import failed
    from .cluster import cluster_outcomes

    # Closed here: what is still being done must be over before the caller cleans up.
    with contextlib.closing(cluster_outcomes(tasks, address, workers)) as results:
        for task, result in results:
            yield task, result if isinstance(result, ClipOutcome) else failed(task, result)
