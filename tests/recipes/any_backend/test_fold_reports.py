"""What processes that fit folds share: the plan, and word of their epochs."""

import multiprocessing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ma2mi_recipes.fine_tuning import EpochEnd, TrainOptions, TrainPlan, plan_run
from ma2mi_recipes.fine_tuning.epoch_reports import EpochReader, EpochReporter, epochs_told
from ma2mi_recipes.fine_tuning.shared_plan import share_plan, shared_plan
from ma2mi_recipes.labelled_clips import LabelledClips


def plan_of(rng: np.random.Generator) -> TrainPlan:
    clips = LabelledClips(
        clip_ids=[f"c{row}" for row in range(6)],
        datasets=["d"] * 6,
        subjects=[f"d/s{row // 2}" for row in range(6)],
        classes=["a", "b"],
        labels=np.array([0, 1] * 3, np.int32),
        onset=rng.integers(0, 256, (6, 28, 28, 3), dtype=np.uint8),
        motion=rng.normal(size=(6, 28, 28, 3)).astype(np.float32),
        left_out={"c9": "no apex"},
    )
    return plan_run(clips, TrainOptions(epochs=2), [0, 4])


def test_a_shared_plan_comes_back_as_it_was_with_arrays_nobody_can_change(
    rng: np.random.Generator, tmp_path: Path
) -> None:
    plan = plan_of(rng)
    share_plan(plan, tmp_path)
    back = shared_plan(tmp_path)
    assert back.options == plan.options
    assert back.seeds == plan.seeds
    assert back.clips.clip_ids == plan.clips.clip_ids
    assert back.clips.left_out == plan.clips.left_out
    for name in ("onset", "motion", "labels"):
        np.testing.assert_array_equal(getattr(back.clips, name), getattr(plan.clips, name))
    for one, two in zip(back.folds, plan.folds, strict=True):
        assert one.name == two.name
        np.testing.assert_array_equal(one.train, two.train)
    with pytest.raises(ValueError, match="read-only"):
        back.clips.motion[0] = 0


def test_epochs_are_told_once_though_a_dead_process_told_some_before(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    reader = EpochReader(tmp_path, lambda end: told.append((end.fold, end.steps)))
    dead, alive = tmp_path / "host-1.epochs", tmp_path / "host-2.epochs"
    line = '{"seed": 0, "fold": "s1", "epoch": %d, "loss": 1.0, "steps": 1}\n'
    dead.write_text(line % 0 + line % 1 + (line % 2)[:20])
    reader.look()
    assert told == [("s1", 1)] * 2
    alive.write_text(line % 0 + line % 1)
    reader.look()
    assert told == [("s1", 1)] * 2
    with alive.open("a") as file:
        file.write(line % 2)
    reader.look()
    reader.look()
    assert told == [("s1", 1)] * 3


def test_epochs_of_another_process_are_told(tmp_path: Path) -> None:
    told: list[Any] = []
    with epochs_told(tmp_path, told.append):
        process = multiprocessing.get_context("spawn").Process(target=tell, args=(tmp_path,))
        process.start()
        process.join()
    assert told == [EpochEnd(0, "s1", epoch, 0.5) for epoch in range(3)]


def tell(folder: Path) -> None:
    reporter = EpochReporter(folder)
    for epoch in range(3):
        reporter.on_epoch(EpochEnd(0, "s1", epoch, 0.5))
