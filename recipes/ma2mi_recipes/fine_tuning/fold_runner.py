"""Fits folds of a plan in one process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

from keras_ma2mi.evaluation import Fold
from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_recipes.fine_tuning.answers import share_right
from ma2mi_recipes.fine_tuning.classifiers import ChangesSeed, FoldClassifier, build_classifier
from ma2mi_recipes.fine_tuning.events import EpochEnd, FoldEnd
from ma2mi_recipes.fine_tuning.fold_results import FoldResult, fold_folder, keep_fold
from ma2mi_recipes.fine_tuning.jittered_plan import with_jittered_clips
from ma2mi_recipes.fine_tuning.key_frame_predictions import KeyFramePredictions
from ma2mi_recipes.fine_tuning.plan import TrainPlan
from ma2mi_recipes.fine_tuning.selection import fit_fold, inner_fits
from ma2mi_recipes.fine_tuning.training_rows import TrainingRows
from ma2mi_recipes.run_directory import RunDirectory

FINAL = "all subjects"

OnEpoch = Callable[[EpochEnd], None]


@dataclass(frozen=True)
class Unit:
    """A piece of a run that can be fitted anywhere.

    Attributes:
        seed: Seed of the run.
        place: Place of the fold in the plan; None for the final network on all clips.
    """

    seed: int
    place: int | None


class FoldRunner:
    """Fits folds of a plan one by one, with one classifier that is compiled once."""

    def __init__(self, directory: RunDirectory, plan: TrainPlan) -> None:
        self.directory, self.plan = directory, with_jittered_clips(plan)
        self._key_frames = KeyFramePredictions(directory, self.plan)
        self._classifier: FoldClassifier | None = None
        self._seed: int | None = None

    def classifier(self, seed: int) -> FoldClassifier:
        """The classifier as it begins under a seed of the run; one for all seeds where it can."""
        if self._classifier is None or self._seed != seed:
            if isinstance(self._classifier, ChangesSeed):
                self._classifier.start_seed(seed)
            else:
                self._classifier = build_classifier(self.plan.clips, self.plan.options, seed)
            self._seed = seed
        return self._classifier

    def rows_of(self, fold: Fold) -> TrainingRows:
        """What a fold may fit on.

        Raises:
            SubjectLeakError: Where something of a held-out subject is among it.
        """
        return TrainingRows(self.plan.clips, fold, fitted_before=self.plan.fitted_before)

    def run(self, unit: Unit, on_epoch: OnEpoch) -> FoldEnd | None:
        """Fits a unit and keeps its result; what is there already is left as it is.

        Returns:
            How the fold ended; None for the final network, and for a fold that was there.
        """
        if unit.place is None:
            if not self.directory.model_path.is_file():
                self._fit_final(on_epoch)
            return None
        fold = self.plan.folds[unit.place]
        if fold_folder(self.directory, unit.seed, fold).is_dir():
            return None
        return self._run_fold(unit.seed, fold, on_epoch)

    def _run_fold(self, seed: int, fold: Fold, on_epoch: OnEpoch) -> FoldEnd:
        plan, rows = self.plan, self.rows_of(fold)
        classifier = self.classifier(seed)
        steps = _Steps(seed, fold.name, epochs_of_fold(plan), on_epoch)
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
        facts = keep_fold(self.directory, plan.clips, result)
        return FoldEnd(
            seed,
            fold.name,
            facts["train_accuracy"],
            facts["held_out_accuracy"],
            facts["held_out_clips"],
        )

    def _fit_final(self, on_epoch: OnEpoch) -> None:
        """Fits a network to all clips, for `predict`, and saves it.

        It trains as long as the folds did in the middle, so that no clip had to be held out to
        choose its epoch.
        """
        plan, seed = self.plan, self.plan.seeds[0]
        everything = np.arange(len(plan.clips))
        fold = Fold(FINAL, everything, everything[:0])
        steps = _Steps(seed, FINAL, plan.options.epochs, on_epoch)
        self.classifier(seed).fit(
            TrainingRows(plan.clips, fold),
            fold_seed(seed, fold),
            epochs=self._final_epochs(),
            told=steps.told,
        )
        steps.complete()
        with atomic_path(self.directory.model_path) as partial:
            self.classifier(seed).save(partial)

    def _final_epochs(self) -> int:
        # A peeked epoch is no guide: it was chosen for one subject.
        if self.plan.options.select != "nested":
            return self.plan.options.epochs
        chosen = [
            json.loads((fold_folder(self.directory, seed, fold) / "fold.json").read_text())[
                "epochs"
            ]
            for seed in self.plan.seeds
            for fold in self.plan.folds
        ]
        return max(1, round(median(chosen)))


def epochs_of_fold(plan: TrainPlan) -> int:
    """Epochs that a fold counts for, inner selection included."""
    options = plan.options
    return options.epochs * (1 + inner_fits(options)) if options.is_network else 1


def fold_seed(seed: int, fold: Fold) -> int:
    """Seed of a fold: the same whichever folds run before it, and wherever."""
    return int(np.random.SeedSequence([seed, *fold.name.encode()]).generate_state(1)[0])


class _Steps:
    """Counts the epochs of a fold, so that one that stops early still fills its part of the bar."""

    def __init__(self, seed: int, fold: str, total: int, on_epoch: OnEpoch) -> None:
        self.seed, self.fold, self.total, self.on_epoch = seed, fold, total, on_epoch
        self.done, self.last = 0, (0, 0.0)

    def told(self, epoch: int, loss: float) -> None:
        self.done += 1
        self.last = (epoch, loss)
        self.on_epoch(EpochEnd(self.seed, self.fold, epoch, loss))

    def complete(self) -> None:
        if self.done < self.total:
            self.on_epoch(EpochEnd(self.seed, self.fold, *self.last, steps=self.total - self.done))
