"""Fits and predicts every fold of a run that is not there yet."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import Fold
from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_recipes.fine_tuning.answers import share_right
from ma2mi_recipes.fine_tuning.classifiers import FoldClassifier, build_classifier
from ma2mi_recipes.fine_tuning.fold_results import FoldResult, fold_folder, keep_fold, pool_folds
from ma2mi_recipes.fine_tuning.jittered_plan import with_jittered_clips
from ma2mi_recipes.fine_tuning.key_frame_predictions import KeyFramePredictions
from ma2mi_recipes.fine_tuning.plan import TrainPlan
from ma2mi_recipes.fine_tuning.selection import fit_fold, inner_fits
from ma2mi_recipes.fine_tuning.training_rows import TrainingRows
from ma2mi_recipes.run_directory import RunDirectory

FINAL = "all subjects"


@dataclass(frozen=True)
class EpochEnd:
    """Told after each epoch.

    Attributes:
        seed: Seed of the run.
        fold: What is held out.
        epoch: From 0.
        loss: Of the training clips.
        steps: Epochs that the fold is nearer to its end.
    """

    seed: int
    fold: str
    epoch: int
    loss: float
    steps: int = 1


@dataclass(frozen=True)
class FoldEnd:
    """Told after each fold: what `fits.csv` says of it, so that over-fitting shows early."""

    seed: int
    fold: str
    train_accuracy: float
    held_out_accuracy: float
    held_out_clips: int


@dataclass(frozen=True)
class Listeners:
    """Who is told how a run goes on."""

    on_epoch: Callable[[EpochEnd], None] = lambda _: None
    on_fold: Callable[[FoldEnd], None] = lambda _: None


class FoldRunner:
    """Fits folds of a plan one by one, with one classifier a seed that is compiled once."""

    def __init__(self, run: RunDirectory, plan: TrainPlan) -> None:
        self.run, self.plan = run, with_jittered_clips(plan)
        self._classifiers: dict[int, FoldClassifier] = {}
        self._key_frames = KeyFramePredictions(run, self.plan)

    def classifier(self, seed: int) -> FoldClassifier:
        """The classifier of a seed; that of another seed is let go."""
        if seed not in self._classifiers:
            self._classifiers = {seed: build_classifier(self.plan.clips, self.plan.options, seed)}
        return self._classifiers[seed]

    def rows_of(self, fold: Fold) -> TrainingRows:
        """What a fold may fit on.

        Raises:
            SubjectLeakError: Where something of a held-out subject is among it.
        """
        return TrainingRows(self.plan.clips, fold, fitted_before=self.plan.fitted_before)

    def run_fold(self, seed: int, fold: Fold, listeners: Listeners) -> None:
        """Fits a fold, predicts what it holds out, and keeps the result."""
        plan, rows = self.plan, self.rows_of(fold)
        classifier = self.classifier(seed)
        steps = _Steps(seed, fold.name, epochs_of_fold(plan), listeners)
        selected = fit_fold(
            classifier, plan.clips, fold, rows, plan.options, fold_seed(seed, fold), steps.told
        )
        steps.complete()
        on_training = classifier.predict(plan.clips, rows.rows)
        result = FoldResult(
            seed=seed,
            fold=fold,
            select=plan.options.select,
            epochs=selected.epochs,
            probabilities=selected.probabilities,
            last=selected.last,
            history=selected.history,
            train_accuracy=share_right(on_training, rows.labels(rows.rows)),
            heat_maps=classifier.heat_maps(plan.clips, fold.test),
            key_frames=self._key_frames.of_fold(classifier, seed, fold, selected),
        )
        facts = keep_fold(self.run, plan.clips, result)
        listeners.on_fold(
            FoldEnd(
                seed,
                fold.name,
                facts["train_accuracy"],
                facts["held_out_accuracy"],
                facts["held_out_clips"],
            )
        )

    def fit_final(self, listeners: Listeners) -> None:
        """Fits a network to all clips, for `predict`, and saves it.

        It trains as long as the folds did in the middle, so that no clip had to be held out to
        choose its epoch.
        """
        plan, seed = self.plan, self.plan.seeds[0]
        everything = np.arange(len(plan.clips))
        fold = Fold(FINAL, everything, everything[:0])
        steps = _Steps(seed, FINAL, plan.options.epochs, listeners)
        self.classifier(seed).fit(
            TrainingRows(plan.clips, fold),
            fold_seed(seed, fold),
            epochs=self._final_epochs(),
            told=steps.told,
        )
        steps.complete()
        with atomic_path(self.run.model_path) as partial:
            self.classifier(seed).save(partial)

    def _final_epochs(self) -> int:
        # A peeked epoch is no guide: it was chosen for one subject.
        if self.plan.options.select != "nested":
            return self.plan.options.epochs
        chosen = [
            json.loads((fold_folder(self.run, seed, fold) / "fold.json").read_text())["epochs"]
            for seed in self.plan.seeds
            for fold in self.plan.folds
        ]
        return max(1, round(median(chosen)))


def train_folds(
    run: RunDirectory, plan: TrainPlan, listeners: Listeners | None = None
) -> pd.DataFrame:
    """Fits and predicts every fold not there yet, then a final network on all clips.

    Returns:
        The pooled predictions, one row a clip and seed; also written to `predictions.csv`.
    """
    listeners = listeners or Listeners()
    runner = FoldRunner(run, plan)
    for fold in plan.folds:
        # All of them before any is fitted: a leak in the last fold is no news for tomorrow.
        runner.rows_of(fold)
    for seed, fold in folds_left(run, plan):
        runner.run_fold(seed, fold, listeners)
    if final_left(run, plan):
        runner.fit_final(listeners)
    return pool_folds(run, plan.folds, plan.seeds)


def folds_left(run: RunDirectory, plan: TrainPlan) -> list[tuple[int, Fold]]:
    """Seeds and folds that have no result yet."""
    return [
        (seed, fold)
        for seed in plan.seeds
        for fold in plan.folds
        if not fold_folder(run, seed, fold).is_dir()
    ]


def final_left(run: RunDirectory, plan: TrainPlan) -> bool:
    """Whether the network for `predict` is still to be fitted."""
    return plan.options.is_network and not run.model_path.is_file()


def epochs_left(run: RunDirectory, plan: TrainPlan) -> int:
    """How many epochs are still to do, for the progress bar."""
    final = plan.options.epochs if final_left(run, plan) else 0
    return len(folds_left(run, plan)) * epochs_of_fold(plan) + final


def epochs_of_fold(plan: TrainPlan) -> int:
    """Epochs that a fold counts for, inner selection included."""
    options = plan.options
    return options.epochs * (1 + inner_fits(options)) if options.is_network else 1


def fold_seed(seed: int, fold: Fold) -> int:
    """Seed of a fold: the same whichever folds run before it, and wherever."""
    return int(np.random.SeedSequence([seed, *fold.name.encode()]).generate_state(1)[0])


class _Steps:
    """Counts the epochs of a fold, so that one that stops early still fills its part of the bar."""

    def __init__(self, seed: int, fold: str, total: int, listeners: Listeners) -> None:
        self.seed, self.fold, self.total, self.listeners = seed, fold, total, listeners
        self.done, self.last = 0, (0, 0.0)

    def told(self, epoch: int, loss: float) -> None:
        self.done += 1
        self.last = (epoch, loss)
        self.listeners.on_epoch(EpochEnd(self.seed, self.fold, epoch, loss))

    def complete(self) -> None:
        if self.done < self.total:
            self.listeners.on_epoch(
                EpochEnd(self.seed, self.fold, *self.last, steps=self.total - self.done)
            )
