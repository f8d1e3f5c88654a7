"""Folds side by side: in processes of this machine, and on a Dask cluster."""

import contextlib
import shutil
import signal
import tempfile
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras

from ma2mi_preprocessing.available_cpus import available_cpus
from ma2mi_preprocessing.worker_pool import WorkerPool, stopping
from ma2mi_recipes.fine_tuning.epoch_reports import EpochReporter, epochs_told
from ma2mi_recipes.fine_tuning.events import EpochEnd, FoldEnd
from ma2mi_recipes.fine_tuning.fold_results import WORKERS_FOLDER
from ma2mi_recipes.fine_tuning.fold_runner import FoldRunner, OnEpoch, Unit
from ma2mi_recipes.fine_tuning.placement import Placement
from ma2mi_recipes.fine_tuning.plan import TrainPlan
from ma2mi_recipes.fine_tuning.shared_plan import share_plan, shared_plan
from ma2mi_recipes.packaged_runs import is_weights
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.worker_cores import start_worker, thread_environment

_PACKAGES = ("keras-ma2mi", "keras", "numpy")

UnitResults = Generator[tuple[Unit, FoldEnd | Exception | None]]

# In a worker: the run that its compiled network belongs to, and the only one at work in it.
_runners: dict[Path, FoldRunner] = {}
_one_unit_at_a_time = threading.Lock()


@contextmanager
def results_elsewhere(
    run: RunDirectory,
    plan: TrainPlan,
    units: Sequence[Unit],
    placement: Placement,
    on_epoch: OnEpoch,
) -> Iterator[UnitResults]:
    """Yields an iterator over units with their results, or the errors that they ended in.

    A unit whose process dies is begun once more; then it comes with `WorkerDied`.

    Args:
        run: Where the processes write their results; on a cluster all machines see this folder.
        plan: What to fit. Each process reads it once and compiles once.
        units: What of it to fit.
        placement: Where.
        on_epoch: Told of all epochs, wherever they are.
    """
    folder = run.path / WORKERS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # A name of its own for each run: workers of a cluster know runs by it.
    shared = Path(tempfile.mkdtemp(dir=folder))
    try:
        share_plan(_readable_anywhere(plan), shared)
        begin = _in_processes if placement.cluster is None else _on_cluster
        with (
            epochs_told(shared, on_epoch),
            contextlib.closing(begin(run, plan, shared, units, placement)) as results,
        ):
            yield results
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _readable_anywhere(plan: TrainPlan) -> TrainPlan:
    # A worker of a cluster has a working folder of its own.
    if plan.options.pretrained is None or is_weights(plan.options.pretrained):
        return plan
    pretrained = str(Path(plan.options.pretrained).absolute())
    return replace(plan, options=replace(plan.options, pretrained=pretrained))


def _in_processes(
    run: RunDirectory, plan: TrainPlan, shared: Path, units: Sequence[Unit], placement: Placement
) -> UnitResults:
    workers = min(placement.workers or 1, len(units))
    pool: WorkerPool[Unit, FoldEnd | None] = WorkerPool(
        partial(fit_unit, run.path, shared),
        workers,
        partial(start_worker, run.path, keras.config.backend(), threads_of_worker(workers)),
        ahead=1,
    )
    with contextlib.closing(pool.run(units)) as results:
        yield from results


def _on_cluster(
    run: RunDirectory, plan: TrainPlan, shared: Path, units: Sequence[Unit], placement: Placement
) -> UnitResults:
    from ma2mi_preprocessing.cluster_pool import ClusterPool, connected_cluster
    from ma2mi_preprocessing.cluster_workers import check_machines, versions

    assert placement.cluster is not None
    backend = keras.config.backend()
    workers = min(placement.workers or available_cpus(), len(units))
    environment = thread_environment(threads_of_worker(workers)) | {"KERAS_BACKEND": backend}
    with connected_cluster(placement.cluster, placement.workers, len(units), environment) as client:
        check_machines(client, versions([*_PACKAGES, backend]), [str(shared.absolute())])
        function = partial(fit_unit_on_cluster, run.path.absolute(), shared.absolute(), backend)
        pool: ClusterPool[Unit, FoldEnd | None] = ClusterPool(
            client, placement.cluster, function, items_per_thread=1
        )
        with contextlib.closing(pool.run(units)) as results:
            yield from results


def threads_of_worker(workers: int) -> int:
    """Threads of each of so many processes: the cores of this machine, divided."""
    return max(1, available_cpus() // workers)


def fit_unit(run: Path, shared: Path, unit: Unit) -> FoldEnd | None:
    """Fits a unit in a process of a pool.

    Args:
        run: The run directory.
        shared: Where the plan is, and where epochs are told.
        unit: What to fit.
    """
    # As in preprocessing: a worker that waits ignores Ctrl-C, one that works stops at once.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return _fit(run, shared, unit)
    finally:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def fit_unit_on_cluster(run: Path, shared: Path, backend: str, unit: Unit) -> FoldEnd | None:
    """Fits a unit in a thread of a Dask worker; one at a time in a process."""
    from ma2mi_recipes.backend import use_backend

    with _one_unit_at_a_time:
        use_backend(backend, fits=True)
        return _fit(run, shared, unit)


def _fit(run: Path, shared: Path, unit: Unit) -> FoldEnd | None:
    if shared not in _runners:
        _runners.clear()
        _runners[shared] = FoldRunner(RunDirectory(run), shared_plan(shared))
    reporter = EpochReporter(shared)

    def on_epoch(end: EpochEnd) -> None:
        if stopping():
            raise CancelledError
        reporter.on_epoch(end)

    return _runners[shared].run(unit, on_epoch)
