"""The clips of a run on the workers of a Dask cluster."""

import contextlib
import dataclasses
import threading
from collections.abc import Generator, Sequence
from pathlib import Path

from .cluster_pool import ClusterPool, connected_cluster
from .cluster_workers import check_workers, compile_on_workers
from .run_account import ClipOutcome
from .run_plan import Task
from .store_location import is_remote

# In the processes of a cluster. OpenCV's detectors cannot be used by two threads at a time.
_one_clip_at_a_time = threading.Lock()


def cluster_outcomes(
    tasks: Sequence[Task], address: str, workers: int | None
) -> Generator[tuple[Task, ClipOutcome | Exception]]:
    """Yield each task with its outcome, or with the error that it ended in, as they finish.

    Parameters
    ----------
    tasks : sequence of Task
        Submitted a few at a time, so that their number costs the scheduler nothing.
    address : str
        ``tcp://host:8786``, the path of a scheduler file, or "local".
    workers : int or None
        Processes of a "local" cluster.

    Raises
    ------
    InputError
        The scheduler cannot be reached or is lost, no worker joins, or a worker cannot do the
        work: other versions, no access to the clips or to the store.
    """
    with connected_cluster(address, workers, len(tasks)) as client:
        check_workers(client, tasks)
        compile_on_workers(client)
        pool: ClusterPool[Task, ClipOutcome] = ClusterPool(client, address, run_on_worker)
        absolute = [_with_absolute_paths(task) for task in tasks]
        given = dict(zip(map(id, absolute), tasks, strict=True))
        # Closed before the client is: what is still being done must be taken back through it.
        with contextlib.closing(pool.run(absolute)) as results:
            for task, outcome in results:
                yield given[id(task)], outcome


def _with_absolute_paths(task: Task) -> Task:
    # A worker has a working folder of its own.
    options, store = task.options, task.store
    if options.detector_model is not None:
        model = str(Path(options.detector_model).absolute())
        options = dataclasses.replace(options, detector_model=model)
    if not is_remote(store):
        store = store.absolute()
    clip = dataclasses.replace(task.clip, source=task.clip.source.absolute())
    return dataclasses.replace(task, clip=clip, options=options, store=store)


def run_on_worker(task: Task) -> ClipOutcome:
    """`run_task` in a thread of a Dask worker; one clip at a time in a process.

    Raises
    ------
    RuntimeError
        This worker does not see the clip, which says nothing about the clip.
    """
    import socket

    from .clip_task import DECODER_SECONDS, one_thread, run_task
    from .hang_guard import end_when_stuck

    if not task.clip.source.exists():
        raise RuntimeError(
            f"the worker on {socket.gethostname()} does not see {task.clip.source}; mount the "
            "folder there under the same path"
        )
    with _one_clip_at_a_time:
        one_thread()
        end_when_stuck(DECODER_SECONDS)
        return run_task(task)
