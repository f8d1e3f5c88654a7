"""One classifier, fitted to all people of a style, and what it says of other people elsewhere."""

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import Fold
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.fine_tuning import FoldClassifier, TrainingRows, TrainOptions
from ma2mi_recipes.fine_tuning.answers import share_right
from ma2mi_recipes.fine_tuning.fold_results import answers_table
from ma2mi_recipes.fine_tuning.fold_runner import fold_seed
from ma2mi_recipes.fine_tuning.options import fitted_to_clips
from ma2mi_recipes.key_frame_jitter import with_jitter
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.ma2mi_benchmark.compiled import CompiledClassifier
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition
from ma2mi_recipes.ma2mi_benchmark.kept import keep_predictions, read_facts
from ma2mi_recipes.ma2mi_benchmark.keys import folder_name, key_of
from ma2mi_recipes.ma2mi_benchmark.known_labels import with_known_labels
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.starts import Start, start_of
from ma2mi_recipes.ma2mi_benchmark.stores import micro_store
from ma2mi_recipes.pretrained_check import check_pretrained
from ma2mi_recipes.run_directory import read_run_table

_STORES_AT_ONCE = 16


@dataclass(frozen=True)
class Training:
    """A piece of work.

    Attributes:
        condition: How it comes to a classifier.
        plan: Clips in the style that is fine-tuned on, and in the one that is pre-trained on.
        tests: Style and store of each set that it is tested on.
        fraction: Share of the labels that are known.
        seed: Of the pre-training, the initial weights, the order of clips and the known labels.
        out: Where results are kept.
    """

    condition: Condition
    plan: Plan
    tests: tuple[tuple[str, Path], ...]
    fraction: float
    seed: int
    out: Path

    @property
    def style(self) -> str:
        """Fine-tuned on."""
        return self.plan.micro.style

    @property
    def pretraining_style(self) -> str | None:
        """Pre-trained on, if anything was."""
        return None if self.condition.pretraining is None else self.plan.macro.style

    @property
    def start(self) -> Start | None:
        """The pre-training that it begins with."""
        return start_of(self.plan, self.condition, self.seed, self.out)

    @property
    def path(self) -> Path:
        """Its predictions; the file exists only when all test sets are in it."""
        store, start = micro_store(self.plan, self.out), self.start
        key = key_of(
            store.name,
            self.condition.options(self.plan, self.fraction),
            None if start is None else start.key,
            [test.name for _, test in self.tests],
            keras.config.backend(),
        )
        words = f"{self.condition.label} {self.pretraining_style or ''} {self.style}"
        name = f"{100 * self.fraction:g}-percent-seed-{self.seed}.csv"
        return self.out / "shifts" / folder_name(words, key) / name

    @property
    def finished(self) -> bool:
        return self.path.is_file()

    def files(self) -> list[Path]:
        """All that its figures are made from; what says that it is finished comes last."""
        return [self.path.with_suffix(".json"), self.path]

    def predictions(self, style: str) -> pd.DataFrame:
        """What it says of the test set in a style, as `keras_ma2mi.evaluation` reads it."""
        table = read_run_table(self.path)
        return table[table["test"] == style].reset_index(drop=True)

    def facts(self) -> dict[str, Any]:
        """`seconds`, `train_accuracy` and `train_clips`."""
        return read_facts(self.path)

    def fit(self, compiled: CompiledClassifier) -> None:
        """Fits and writes predictions; what is finished is left as it is.

        Raises:
            InputError: Where the pre-training does not fit the fine-tuning, or a test set has other
                classes.
        """
        if self.finished:
            return
        begun = time.perf_counter()
        options = self.condition.options(self.plan, self.fraction)
        start = self.start
        if start is not None:
            options = replace(options, pretrained=str(start.folder))
        clips = _learnt_from(micro_store(self.plan, self.out), options)
        options = fitted_to_clips(options, clips)
        if start is not None:
            check_pretrained(start.folder, clips, options)
        classifier = compiled.begin(clips, options, self.seed)
        rows = self._rows(clips)
        classifier.fit(rows, fold_seed(self.seed, _everybody(clips)))
        table = pd.concat(
            [self._tested(classifier, options, clips, *test) for test in self.tests],
            ignore_index=True,
        )
        right = share_right(classifier.predict(clips, rows.rows), rows.labels(rows.rows))
        facts = {
            "seconds": round(time.perf_counter() - begun, 2),
            "train_accuracy": round(float(right), 6),
            "train_clips": len(rows),
        }
        keep_predictions(self.path, table, facts)

    def _rows(self, clips: LabelledClips) -> TrainingRows:
        known = with_known_labels(_everybody(clips), clips.labels, self.fraction, self.seed)
        return TrainingRows(clips, known)

    def _tested(
        self,
        classifier: FoldClassifier,
        options: TrainOptions,
        learnt: LabelledClips,
        style: str,
        store: Path,
    ) -> pd.DataFrame:
        clips = _loaded(store, options.motion)
        if clips.classes != learnt.classes:
            raise InputError(
                f"{store} has the classes {', '.join(clips.classes)}, but "
                f"{', '.join(learnt.classes)} were learnt; test on as many clips as there are "
                "classes, or more"
            )
        rows = np.arange(len(clips))
        told = {"test": style, "seed": self.seed, "select": options.select}
        return answers_table(clips, rows, classifier.predict(clips, rows), told)


def _everybody(clips: LabelledClips) -> Fold:
    """Nobody is held out: who is tested on is in another store."""
    everything = np.arange(len(clips))
    return Fold("all training people", everything, everything[:0])


@lru_cache(maxsize=_STORES_AT_ONCE)
def _loaded(store: Path, motion: MotionKind) -> LabelledClips:
    # The photograph shows one person, and nobody has to be left out here.
    return load_labelled_clips(open_store(store), motion, least_subjects=1)


def _learnt_from(store: Path, options: TrainOptions) -> LabelledClips:
    return with_jitter(
        _loaded(store, options.motion),
        options.motion,
        share=options.jitter,
        most=options.jitter_frames,
        count=options.jitter_variants,
    )
