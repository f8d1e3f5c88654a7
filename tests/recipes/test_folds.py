"""Folds are compiled for once, run anywhere, and outlive kills."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import Fold
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions
from ma2mi_recipes.fine_tuning.fold_trainer import FoldTrainer
from ma2mi_recipes.fine_tuning.initial_weights import layers_drawn_from
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.networks import build_network
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, succeed

HERE = keras.config.backend()
OPTIONS = TrainOptions(preset="miacnet_motion28", epochs=1, batch_size=4)
QUICK = ("--epochs", 2, "--batch-size", 4, "--preset", "miacnet_motion28", "--backend", HERE)
PATIENCE = 240.0


@pytest.fixture(scope="module")
def clips() -> LabelledClips:
    rng = np.random.default_rng(0)
    return LabelledClips(
        clip_ids=[f"c{row}" for row in range(12)],
        datasets=["d"] * 12,
        subjects=[f"d/s{row // 4}" for row in range(12)],
        classes=["a", "b"],
        labels=np.array([0, 1] * 6, np.int32),
        onset=rng.integers(0, 256, (12, 28, 28, 3), dtype=np.uint8),
        motion=rng.normal(size=(12, 28, 28, 3)).astype(np.float32),
        left_out={},
    )


def fold_of(held_out: list[int]) -> Fold:
    rows = np.arange(12)
    return Fold(f"{held_out}", np.setdiff1d(rows, held_out), np.array(held_out))


def cpu_seconds_of_fold(trainer: FoldTrainer, clips: LabelledClips, held_out: list[int]) -> float:
    fold = fold_of(held_out)
    before = time.process_time()
    trainer.fit(TrainingRows(clips, fold), 7)
    trainer.predict(clips, fold.test)
    trainer.heat_maps(clips, fold.test)
    return time.process_time() - before


@pytest.mark.skipif(HERE == "torch", reason="PyTorch compiles nothing")
def test_later_folds_and_seeds_compile_nothing(clips: LabelledClips) -> None:
    trainer = FoldTrainer(clips, OPTIONS, 0)
    first = cpu_seconds_of_fold(trainer, clips, [0, 1, 2, 3])
    second = cpu_seconds_of_fold(trainer, clips, [4, 5, 6, 7])
    trainer.start_seed(1)
    other_seed = cpu_seconds_of_fold(trainer, clips, [4, 5, 6, 7, 8, 9, 10, 11])
    # A step takes milliseconds, so anything that is compiled again would be most of the time.
    assert max(second, other_seed) < first / 4


def test_a_seed_gives_the_same_fold_whatever_ran_before(clips: LabelledClips) -> None:
    fold = fold_of([8, 9, 10, 11])
    rows = TrainingRows(clips, fold)
    used = FoldTrainer(clips, OPTIONS, 0)
    used.fit(TrainingRows(clips, fold_of([0, 1, 2, 3])), 5)
    used.start_seed(3)
    used.fit(rows, 9)
    fresh = FoldTrainer(clips, OPTIONS, 3)
    fresh.fit(rows, 9)
    np.testing.assert_allclose(
        used.predict(clips, fold.test), fresh.predict(clips, fold.test), atol=1e-6
    )


def test_layers_are_those_of_the_seed_beside_threads_that_draw_as_well() -> None:
    keras.utils.set_random_seed(3)
    expected = build_network("miacnet_motion28", 28, "flow", 3).get_weights()
    over = threading.Event()

    def draw() -> None:
        while not over.is_set():
            random.randint(1, 9)
            # Without a pause the other thread would hardly get to build anything.
            time.sleep(1e-4)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        with layers_drawn_from(3):
            weights = build_network("miacnet_motion28", 28, "flow", 3).get_weights()
    finally:
        over.set()
        thread.join()
    for one, two in zip(weights, expected, strict=True):
        np.testing.assert_array_equal(one, two)


def start_training(chain: Chain, run: Path, *more: object) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "ma2mi_recipes",
        "train",
        chain.micro_store,
        run,
        *QUICK,
        *more,
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [str(part) for part in command], env=environment, stdout=subprocess.DEVNULL
    )


def wait_for(process: subprocess.Popen[bytes], run: Path, pattern: str) -> Path:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = sorted(run.glob(pattern))
        if found:
            return found[0]
        assert process.poll() is None, "the training ended before it could be killed"
        time.sleep(0.02)
    raise AssertionError(f"no {pattern} after {PATIENCE} s")


def undisturbed(chain: Chain, run: Path) -> Path:
    succeed("train", chain.micro_store, run, *QUICK)
    return run


def assert_same_predictions(one: Path, two: Path) -> None:
    first, second = (RunDirectory(run).read_table("predictions.csv") for run in (one, two))
    probabilities = [name for name in first if name.startswith("probability_")]
    # Frameworks add up in another order where they have another number of threads.
    np.testing.assert_allclose(first[probabilities], second[probabilities], atol=1e-4)
    pd.testing.assert_frame_equal(
        first.drop(columns=probabilities), second.drop(columns=probabilities)
    )


@pytest.mark.skipif(HERE != "torch", reason="one backend is enough here; all are among the slow")
def test_a_killed_training_goes_on_at_its_fold_with_the_same_predictions(
    chain: Chain, tmp_path: Path
) -> None:
    check_kill(chain, tmp_path, 1)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_training_killed_anywhere_goes_on_with_the_same_predictions(
    chain: Chain, tmp_path: Path, workers: int
) -> None:
    check_kill(chain, tmp_path, workers)


def check_kill(chain: Chain, folder: Path, workers: int) -> None:
    expected = undisturbed(chain, folder / "whole")
    process = start_training(chain, folder / "run", "--workers", workers)
    try:
        kept = wait_for(process, folder / "run", "folds/seed-0/[!.]*/predictions.csv")
        # During the next fold: a network so small is through it in about a tenth of a second.
        time.sleep(random.random() / 10)
    finally:
        process.kill()
        process.wait()
    before = kept.stat().st_mtime_ns
    assert not (folder / "run" / "predictions.csv").exists()
    succeed("train", chain.micro_store, folder / "run", *QUICK, "--workers", workers)
    assert kept.stat().st_mtime_ns == before
    assert_same_predictions(folder / "run", expected)
    assert not (folder / "run" / ".workers").exists()
    assert not list((folder / "run" / "folds").glob("seed-*/.*"))


@pytest.mark.slow
def test_a_killed_worker_costs_nothing(chain: Chain, tmp_path: Path) -> None:
    expected = undisturbed(chain, tmp_path / "whole")
    process = start_training(chain, tmp_path / "run", "--workers", 2)
    # A process that tells of epochs is at work; its number stands in the name of its file.
    word = wait_for(process, tmp_path / "run", ".workers/*/*.epochs")
    os.kill(int(word.stem.rpartition("-")[2]), signal.SIGKILL)
    assert process.wait(PATIENCE) == 0
    assert_same_predictions(tmp_path / "run", expected)


@pytest.mark.slow
def test_folds_on_a_cluster_give_the_same_predictions(chain: Chain, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    expected = undisturbed(chain, tmp_path / "whole")
    process = start_training(chain, tmp_path / "run", "--cluster", "local", "--workers", 2)
    assert process.wait(PATIENCE) == 0
    assert_same_predictions(tmp_path / "run", expected)
