"""Features judged by a linear classifier under leave-one-subject-out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import leave_one_subject_out
from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.action_features import MAP_GRID
from ma2mi_recipes.fine_tuning import TrainingRows
from ma2mi_recipes.fine_tuning.fold_results import answers_table
from ma2mi_recipes.fine_tuning.fold_runner import fold_seed
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.ma2mi_benchmark.compiled import CompiledClassifier
from ma2mi_recipes.ma2mi_benchmark.experiment_features import (
    FLOW_GRID,
    flow_features,
    start_features,
    untrained_features,
)
from ma2mi_recipes.ma2mi_benchmark.experiments import Experiment, Kind
from ma2mi_recipes.ma2mi_benchmark.kept import keep_predictions, read_facts
from ma2mi_recipes.ma2mi_benchmark.keys import folder_name, key_of
from ma2mi_recipes.ma2mi_benchmark.known_labels import with_known_labels
from ma2mi_recipes.ma2mi_benchmark.logistic_probe import COSTS, INNER_FOLDS, Features, fit_probe
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.starts import Start, start_of
from ma2mi_recipes.ma2mi_benchmark.stores import micro_store
from ma2mi_recipes.pretraining import PretrainOptions
from ma2mi_recipes.run_directory import read_run_table

_SETTING = (COSTS, INNER_FOLDS, FLOW_GRID, MAP_GRID)


@dataclass(frozen=True)
class Probe:
    """The features of one experiment and seed, judged at each share of the labels.

    Attributes:
        experiment: Its name, for people.
        kind: What is probed.
        start: The pre-training; of an untrained network the one that is not done; None for flow.
        motion: What flow is taken from where there is no pre-training.
        store: Micro clips.
        fractions: Shares of the training labels that are known.
        seed: Of the pre-training, of whose labels are known, and of inner folds.
        out: Where results are kept.
    """

    experiment: str
    kind: Kind
    start: Start | None
    motion: MotionKind
    store: Path
    fractions: tuple[float, ...]
    seed: int
    out: Path

    def path(self, fraction: float) -> Path:
        """Predictions at a share; the file exists only when all folds are done."""
        start = None if self.start is None else self.start.key
        key = key_of(self.store.name, self.kind, start, self.motion, _SETTING)
        name = f"{100 * fraction:g}-percent-seed-{self.seed}.csv"
        return self.out / "probes" / folder_name(self.experiment, key) / name

    @property
    def finished(self) -> bool:
        return not self._left()

    @property
    def begins_with(self) -> Start | None:
        """The pre-training that must be done before."""
        return None if self.kind == "untrained" else self.start

    def files(self) -> list[Path]:
        """All that its figures are made from; what says that it is finished comes last."""
        paths = [self.path(fraction) for fraction in self.fractions]
        return [*(path.with_suffix(".json") for path in paths), *paths]

    def predictions(self, fraction: float) -> pd.DataFrame:
        """One row a clip, as `keras_ma2mi.evaluation` reads it."""
        return read_run_table(self.path(fraction))

    def facts(self, fraction: float) -> dict[str, Any]:
        """`features` in words, `train_clips` of a fold (mean), and `seconds`."""
        return read_facts(self.path(fraction))

    def fit(self, compiled: CompiledClassifier) -> None:
        """Judges what is not judged yet.

        Args:
            compiled: Not needed.

        Raises:
            SubjectLeakError: Where somebody held out was pre-trained on.
        """
        left = self._left()
        if not left:
            return
        begun = time.perf_counter()
        clips = self._clips()
        features, words = self._features(clips)
        known_before = self._pretrained_on()
        for fraction in left:
            table, count = _held_out(clips, features, known_before, fraction, self.seed)
            facts = {
                "features": words,
                "train_clips": round(count, 2),
                "seconds": round(time.perf_counter() - begun, 2),
            }
            keep_predictions(self.path(fraction), table, facts)
            begun = time.perf_counter()

    def _left(self) -> list[float]:
        return [fraction for fraction in self.fractions if not self.path(fraction).is_file()]

    def _clips(self) -> LabelledClips:
        if self.start is None:
            return _loaded(self.store, self.motion, None)
        options = self.start.options
        scaling = options.motion_scaling if isinstance(options, PretrainOptions) else None
        return _loaded(self.store, options.motion, scaling)

    def _features(self, clips: LabelledClips) -> tuple[Features, str]:
        if self.start is None:
            return flow_features(clips)
        if self.kind == "untrained" and isinstance(self.start.options, PretrainOptions):
            return untrained_features(self.start.options, self.seed, clips)
        return start_features(self.start, clips)

    def _pretrained_on(self) -> list[str]:
        return [] if self.begins_with is None else self.begins_with.subjects()


def probes_of(plan: Plan, experiments: Sequence[Experiment], out: Path) -> list[Probe]:
    """One for each experiment and seed, in this order."""
    return [
        Probe(
            one.name,
            one.kind,
            start_of(one.plan(plan), one.condition(), seed, out),
            plan.motion,
            micro_store(plan, out),
            plan.fractions,
            seed,
            out,
        )
        for one in experiments
        for seed in plan.seeds
    ]


@lru_cache(maxsize=1)
def _loaded(store: Path, motion: MotionKind, scaling: MotionScaling | None) -> LabelledClips:
    return load_labelled_clips(open_store(store), motion, scaling=scaling)


def _held_out(
    clips: LabelledClips,
    features: Features,
    pretrained_on: Sequence[str],
    fraction: float,
    seed: int,
) -> tuple[pd.DataFrame, float]:
    """Predictions, each subject's by a probe fitted without them; and training clips of a fold."""
    parts, counts = [], []
    for fold in leave_one_subject_out(clips.subjects):
        known = with_known_labels(fold, clips.labels, fraction, seed)
        rows = TrainingRows(clips, known, fitted_before=pretrained_on)
        probe = fit_probe(
            features[rows.rows],
            rows.labels(rows.rows),
            rows.subjects,
            len(clips.classes),
            fold_seed(seed, fold),
        )
        said = probe.probabilities(features[known.test])
        parts.append(answers_table(clips, known.test, said, {"fold": fold.name, "seed": seed}))
        counts.append(len(rows))
    return pd.concat(parts, ignore_index=True), float(np.mean(counts))
