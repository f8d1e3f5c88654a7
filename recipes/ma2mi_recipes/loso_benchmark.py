"""How much faster leave-one-subject-out is when one compilation serves all folds."""

import importlib
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from statistics import median
from typing import Any

import numpy as np

from ma2mi_preprocessing.available_cpus import available_cpus
from ma2mi_preprocessing.benchmarks.machine import machine_facts
from ma2mi_preprocessing.versions import installed_version
from ma2mi_recipes.backend import Backend, use_backend

GOAL = 3.0
"""How many times faster all folds of a run shall be."""

_WAYS = "ma2mi_recipes.loso_ways"
EPOCHS_SHOWN = (5, 10, 20, 30, 50)

OnStep = Callable[[str], None]
OnProgress = Callable[[int, int], None]


def benchmark_loso(
    backends: Sequence[Backend],
    setting: dict[str, Any],
    workers: int | None,
    anew: int,
    *,
    on_progress: OnProgress = lambda done, of: None,
    on_step: OnStep = lambda words: None,
) -> dict[str, Any]:
    """Measure every backend.

    Args:
        backends: Keras backends; each way has a process of its own under each.
        setting: Arguments of `LosoSetting`.
        workers: Processes that fit folds side by side; None for one a core, 0 for none.
        anew: How many of the folds, evenly spaced, are built and compiled anew.
        on_progress: Told how many of the folds are done.
        on_step: Told what is measured.

    Returns:
        A document for JSON: `machine`, `setting`, `seconds`, and a row a backend in `loso`.
    """
    start, rows = time.perf_counter(), []
    total = len(backends) * setting["subjects"]
    count = available_cpus() if workers is None else workers
    for number, backend in enumerate(backends):
        on_step(f"{backend}")

        def on_fold(done: int, before: int = number * setting["subjects"]) -> None:
            on_progress(before + done, total)

        rows.append(_measure(backend, setting, count, anew, on_fold))
    machine = machine_facts()
    machine["versions"] = {**machine["versions"], **_framework_versions(backends)}
    return {
        "seconds": time.perf_counter() - start,
        "machine": machine,
        "setting": setting,
        "workers": count,
        "loso": rows,
    }


def _measure(
    backend: Backend,
    setting: dict[str, Any],
    workers: int,
    anew_folds: int,
    on_fold: Callable[[int], None],
) -> dict[str, Any]:
    folds = range(setting["subjects"])
    step = max(1, len(folds) // anew_folds)
    with tempfile.TemporaryDirectory() as folder:
        # The two take turns, fold by fold, so that a machine that slows down slows both.
        with _process(backend) as anew, _process(backend) as shared:
            of_anew: dict[int, dict[str, Any]] = {}
            of_shared: list[dict[str, Any]] = []
            for place in folds:
                if place % step == 0 and len(of_anew) < anew_folds:
                    of_anew[place] = anew("fit_anew", setting, place)
                of_shared.append(shared("fit_shared", setting, place, f"{folder}/shared"))
                on_fold(place + 1)
        beside = None
        if workers > 1:
            with _process(backend) as parent:
                beside = parent("fit_side_by_side", setting, workers, f"{folder}/beside")
    return _row(backend, setting, of_anew, of_shared, beside)


@contextmanager
def _process(backend: Backend) -> Iterator[Callable[..., dict[str, Any]]]:
    """A function that runs a way of `loso_ways` in a process of its own, always the same one."""
    executor = ProcessPoolExecutor(
        1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=use_backend,
        initargs=(str(backend), True),
    )
    try:
        # Starting Python and importing a framework is no part of a fold.
        executor.submit(_load).result()
        yield lambda way, setting, *rest: executor.submit(_call, way, setting, *rest).result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _load() -> None:
    importlib.import_module(_WAYS)


def _call(way: str, setting: dict[str, Any], *rest: Any) -> dict[str, Any]:
    module = importlib.import_module(_WAYS)
    found: dict[str, Any] = getattr(module, way)(module.LosoSetting(**setting), *rest)
    return found


def _row(
    backend: Backend,
    setting: dict[str, Any],
    anew: dict[int, dict[str, Any]],
    shared: list[dict[str, Any]],
    beside: dict[str, Any] | None,
) -> dict[str, Any]:
    total = setting["subjects"] * median(fold["seconds"] for fold in anew.values())
    pieces = {"anew": _pieces(list(anew.values()), setting), "shared": _pieces(shared, setting)}
    row = {
        "backend": str(backend),
        "anew_folds": len(anew),
        "anew_seconds": total,
        "shared_seconds": sum(fold["seconds"] for fold in shared),
        "pieces": pieces,
        "by_epochs": [
            {"epochs": epochs, **_at_epochs(pieces, setting["subjects"], epochs)}
            for epochs in EPOCHS_SHOWN
        ],
        "agreement": _agreement(anew, [fold["probabilities"] for fold in shared]),
        "beside_seconds": None if beside is None else beside["seconds"],
    }
    row["ratio"] = total / row["shared_seconds"]
    if beside is not None:
        row["beside_ratio"] = total / beside["seconds"]
        row["beside_agreement"] = _agreement(anew, beside["folds"])
    return row


def _pieces(folds: list[dict[str, Any]], setting: dict[str, Any]) -> dict[str, float]:
    """Medians over folds but the first, and the seconds that the first takes more."""
    epoch = median(fold["later"] / max(1, setting["epochs"] - 1) for fold in folds)
    others = folds[1:]
    fold = median(fold["seconds"] for fold in others)
    return {
        "fold": fold,
        "fold_low": min(fold["seconds"] for fold in others),
        "fold_high": max(fold["seconds"] for fold in others),
        "epoch": epoch,
        "beside_epochs": fold - epoch * setting["epochs"],
        "first_more": folds[0]["seconds"] - fold,
    }


def _at_epochs(pieces: dict[str, dict[str, float]], subjects: int, epochs: int) -> dict[str, float]:
    seconds = {
        way: piece["first_more"] + subjects * (piece["beside_epochs"] + epochs * piece["epoch"])
        for way, piece in pieces.items()
    }
    return {**seconds, "ratio": seconds["anew"] / seconds["shared"]}


def _agreement(
    anew: dict[int, dict[str, Any]], others: list[list[list[float]]]
) -> dict[str, float]:
    one = np.concatenate([fold["probabilities"] for fold in anew.values()])
    two = np.concatenate([others[place] for place in anew])
    same = one.argmax(axis=1) == two.argmax(axis=1)
    return {
        "clips": len(one),
        "same_answers": float(same.mean()),
        "largest_difference": float(np.abs(one - two).max()),
    }


def _framework_versions(backends: Sequence[Backend]) -> dict[str, str]:
    found = {name: installed_version(name) for name in ["keras", *map(str, backends)]}
    return {name: version for name, version in found.items() if version is not None}
