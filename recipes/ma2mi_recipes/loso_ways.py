"""Leave-one-subject-out in two ways: the network built for each fold, and one for all folds.

Each function runs in a process that does nothing else, under the backend that it was started with.
"""

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_ma2mi.models.presets import PRESETS
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning import (
    EpochEnd,
    FoldRunner,
    Placement,
    TrainOptions,
    TrainPlan,
    Unit,
    plan_run,
)
from ma2mi_recipes.fine_tuning.fold_results import fold_folder
from ma2mi_recipes.fine_tuning.fold_runner import fold_seed
from ma2mi_recipes.fine_tuning.fold_trainer import FoldTrainer
from ma2mi_recipes.fine_tuning.fold_workers import results_elsewhere
from ma2mi_recipes.fine_tuning.training_rows import TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.run_directory import RunDirectory, read_run_table

_CLASSES = ("negative", "positive", "surprise")
_SEED = 0


@dataclass(frozen=True)
class LosoSetting:
    """What is fitted.

    Attributes:
        preset: A MIACNet preset.
        subjects: How many, each of them a fold.
        clips_per_subject: Clips of each.
        epochs: Of each fold.
        batch_size: Clips a step.
    """

    preset: str
    subjects: int
    clips_per_subject: int
    epochs: int
    batch_size: int


def fit_anew(setting: LosoSetting, place: int) -> dict[str, Any]:
    """A fold as it is often written: a fresh network is built and compiled, fitted, and predicts.

    It is the same training as `fit_shared`; only nothing is left of the fold before.

    Returns:
        `seconds`, `first` (until the end of the first epoch, compiling included), `later` (of the
        other epochs together) and `probabilities` of the held-out clips.
    """
    plan = _plan(setting)
    fold = plan.folds[place]
    clock = _Clock()
    keras.backend.clear_session()
    keras.utils.set_random_seed(_SEED)
    trainer = FoldTrainer(plan.clips, plan.options, _SEED)
    rows = TrainingRows(plan.clips, fold)
    trainer.fit(rows, fold_seed(_SEED, fold), told=clock.told)
    probabilities = trainer.predict(plan.clips, fold.test)
    return clock.facts(probabilities)


def fit_shared(setting: LosoSetting, place: int, folder: str) -> dict[str, Any]:
    """A fold as `train` fits it, with all that it writes; returns the same as `fit_anew`."""
    clock = _Clock()
    runner = _runner(setting, folder)
    runner.run(Unit(_SEED, place), clock.on_epoch)
    return clock.facts(_kept(runner.directory, runner.plan, place))


def fit_side_by_side(setting: LosoSetting, workers: int, folder: str) -> dict[str, Any]:
    """All folds in processes, from their start to their end.

    Returns:
        `seconds`, and in `folds` the probabilities of the held-out clips of each fold.
    """
    plan, run = _plan(setting), RunDirectory(Path(folder))
    units = [Unit(_SEED, place) for place in range(len(plan.folds))]
    clock = _Clock()
    with results_elsewhere(run, plan, units, Placement(workers), lambda _: None) as results:
        for _, result in results:
            if isinstance(result, Exception):
                raise result
    seconds = clock.seconds
    kept = [_kept(run, plan, place).tolist() for place in range(len(plan.folds))]
    return {"seconds": seconds, "folds": kept}


def generated_clips(subjects: int, clips_per_subject: int, size: int) -> LabelledClips:
    """Clips whose class can be learned from where they move, with noise; the same each time."""
    random = np.random.default_rng(_SEED)
    count = subjects * clips_per_subject
    labels = np.arange(count, dtype=np.int32) % len(_CLASSES)
    random.shuffle(labels)
    across, down = np.meshgrid(*[np.linspace(-1, 1, size, dtype=np.float32)] * 2)
    centres = random.normal(np.array([-0.5, 0.0, 0.5])[labels], 0.15)
    moving = np.exp(-((across - centres[:, None, None]) ** 2 + (down - 0.3) ** 2) / 0.05)
    noise = random.normal(0, 0.2, (count, size, size, 3))
    motion = (moving[..., None] + noise).astype(np.float32)
    return LabelledClips(
        clip_ids=[f"generated/{row:03}" for row in range(count)],
        datasets=["generated"] * count,
        subjects=[f"generated/s{row // clips_per_subject:02}" for row in range(count)],
        classes=list(_CLASSES),
        labels=labels,
        onset=random.integers(0, 256, (count, size, size, 3), dtype=np.uint8),
        motion=motion,
        left_out={},
    )


@cache
def _plan(setting: LosoSetting) -> TrainPlan:
    if setting.preset not in PRESETS:
        raise InputError(f"there is no preset {setting.preset!r}; known: {', '.join(PRESETS)}")
    size = int(PRESETS[setting.preset]["config"]["input_size"])
    clips = generated_clips(setting.subjects, setting.clips_per_subject, size)
    options = TrainOptions(
        preset=setting.preset, epochs=setting.epochs, batch_size=setting.batch_size
    )
    return plan_run(clips, options, [_SEED])


@cache
def _runner(setting: LosoSetting, folder: str) -> FoldRunner:
    return FoldRunner(RunDirectory(Path(folder)), _plan(setting))


def _kept(run: RunDirectory, plan: TrainPlan, place: int) -> np.ndarray:
    table = read_run_table(fold_folder(run, _SEED, plan.folds[place]) / "predictions.csv")
    return table.filter(like="probability_").to_numpy()


class _Clock:
    """Seconds of a fold, and of its first and later epochs."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._epochs: list[float] = []

    def told(self, epoch: int, loss: float) -> None:
        self._epochs.append(time.perf_counter())

    def on_epoch(self, end: EpochEnd) -> None:
        self._epochs.append(time.perf_counter())

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start

    def facts(self, probabilities: np.ndarray) -> dict[str, Any]:
        facts: dict[str, Any] = {"seconds": self.seconds, "probabilities": probabilities.tolist()}
        if self._epochs:
            facts["first"] = self._epochs[0] - self._start
            facts["later"] = self._epochs[-1] - self._epochs[0]
        return facts
