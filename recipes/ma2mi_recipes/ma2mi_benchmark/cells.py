"""The smallest piece of the benchmark: one condition, one share of the labels, one seed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import Fold, leave_one_subject_out, moving_regions
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions
from ma2mi_recipes.fine_tuning.answers import share_right
from ma2mi_recipes.fine_tuning.classifiers import FoldClassifier
from ma2mi_recipes.fine_tuning.fold_results import answers_table
from ma2mi_recipes.fine_tuning.fold_runner import fold_seed
from ma2mi_recipes.fine_tuning.options import fitted_to_clips
from ma2mi_recipes.fine_tuning.selection import fit_fold
from ma2mi_recipes.key_frame_jitter import with_jitter
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.ma2mi_benchmark.compiled import CompiledClassifier
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition
from ma2mi_recipes.ma2mi_benchmark.heat_maps import Regions, has_action_maps, scored_heat_maps
from ma2mi_recipes.ma2mi_benchmark.kept import keep_predictions, keep_table, read_facts
from ma2mi_recipes.ma2mi_benchmark.keys import folder_name, key_of
from ma2mi_recipes.ma2mi_benchmark.known_labels import with_known_labels
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.starts import Start, start_of
from ma2mi_recipes.ma2mi_benchmark.stores import micro_rendering, micro_store
from ma2mi_recipes.ma2mi_benchmark.true_motion import Rendering, true_motion
from ma2mi_recipes.pretrained_check import check_pretrained
from ma2mi_recipes.run_directory import read_run_table


@dataclass(frozen=True)
class Cell:
    """Leave-one-subject-out under one condition.

    Attributes:
        condition: Its label, for people.
        options: How each fold is fitted, but for where encoders start.
        start: Where they do; None for weights as they are drawn.
        store: Micro clips.
        fraction: Share of the training labels that are known.
        seed: Of the initial weights, the order of clips, and whose labels are known.
        out: Where results are kept.
        explained: What the clips were rendered as, where heat maps are scored; else None.
    """

    condition: str
    options: TrainOptions
    start: Start | None
    store: Path
    fraction: float
    seed: int
    out: Path
    explained: Rendering | None = None

    @property
    def path(self) -> Path:
        """Its predictions; the file exists only when all folds are done."""
        start = None if self.start is None else self.start.key
        key = key_of(self.store.name, self.options, start, keras.config.backend())
        name = f"{100 * self.fraction:g}-percent-seed-{self.seed}.csv"
        return self.out / "cells" / folder_name(self.condition, key) / name

    @property
    def heat_maps_path(self) -> Path:
        """The scores of its heat maps, beside the predictions."""
        return self.path.with_name(f"{self.path.stem}-heat-maps.csv")

    @property
    def finished(self) -> bool:
        wanted = [self.path] if self.explained is None else [self.heat_maps_path, self.path]
        return all(path.is_file() for path in wanted)

    def files(self) -> list[Path]:
        """All that its figures are made from; what says that it is finished comes last."""
        heat_maps = [] if self.explained is None else [self.heat_maps_path]
        return [self.path.with_suffix(".json"), *heat_maps, self.path]

    def predictions(self) -> pd.DataFrame:
        """One row a clip, as `keras_ma2mi.evaluation` reads it."""
        return read_run_table(self.path)

    def heat_maps(self) -> pd.DataFrame:
        """How well each heat map shows where the face truly moves; see `scored_heat_maps`."""
        return read_run_table(self.heat_maps_path)

    def facts(self) -> dict[str, Any]:
        """`seconds`, `train_accuracy` (mean over folds) and `train_clips` (of a fold, mean)."""
        return read_facts(self.path)


def cells_of(plan: Plan, conditions: Sequence[Condition], out: Path) -> list[Cell]:
    """All cells; those that one compiled network serves follow each other.

    Heat maps are scored with the largest share of the labels.
    """
    most = max(plan.fractions)
    return [
        Cell(
            condition.label,
            condition.options(plan, fraction),
            start_of(plan, condition, seed, out),
            micro_store(plan, out),
            fraction,
            seed,
            out,
            micro_rendering(plan) if fraction == most and has_action_maps(condition) else None,
        )
        for condition in conditions
        for fraction in plan.fractions
        for seed in plan.seeds
    ]


class CellFitter:
    """Fits cells one after the other; what two of them share is loaded and compiled once."""

    def __init__(self, compiled: CompiledClassifier) -> None:
        self._compiled = compiled
        self._clips: tuple[str, LabelledClips] | None = None
        self._regions: tuple[str, Regions] | None = None

    def fit(self, cell: Cell) -> None:
        """Fits all folds and writes predictions; a cell that is finished is left as it is.

        Raises:
            InputError: Where the pre-training does not fit the fine-tuning.
            SubjectLeakError: Where somebody held out was pre-trained on.
        """
        if cell.finished:
            return
        begun = time.perf_counter()
        options = cell.options
        if cell.start is not None:
            options = replace(options, pretrained=str(cell.start.folder))
        clips = self._load(cell.store, options)
        options = fitted_to_clips(options, clips)
        if cell.start is not None:
            check_pretrained(cell.start.folder, clips, options)
        classifier = self._compiled.begin(clips, options, cell.seed)
        regions = self._regions_of(cell, clips)
        parts, right, counts, heat = [], [], [], []
        for fold in leave_one_subject_out(clips.subjects):
            rows, table = _fit_fold(classifier, clips, fold, options, cell)
            parts.append(table)
            counts.append(len(rows))
            right.append(share_right(classifier.predict(clips, rows.rows), rows.labels(rows.rows)))
            if regions is not None:
                scores = scored_heat_maps(classifier, clips, fold.test, regions)
                heat.append(scores.assign(fold=fold.name, seed=cell.seed))
        facts = {
            "seconds": round(time.perf_counter() - begun, 2),
            "train_accuracy": round(float(np.mean(right)), 6),
            "train_clips": round(float(np.mean(counts)), 2),
        }
        if heat:
            keep_table(cell.heat_maps_path, pd.concat(heat, ignore_index=True))
        keep_predictions(cell.path, pd.concat(parts, ignore_index=True), facts)

    def _load(self, store: Path, options: TrainOptions) -> LabelledClips:
        jitter = (options.jitter, options.jitter_frames, options.jitter_variants)
        key = key_of(str(store), options.motion, jitter)
        if self._clips is None or self._clips[0] != key:
            clips = load_labelled_clips(open_store(store), options.motion)
            share, most, count = jitter
            clips = with_jitter(clips, options.motion, share=share, most=most, count=count)
            self._clips = key, clips
        return self._clips[1]

    def _regions_of(self, cell: Cell, clips: LabelledClips) -> Regions | None:
        if cell.explained is None:
            return None
        key = key_of(str(cell.store), cell.explained, clips.clip_ids)
        if self._regions is None or self._regions[0] != key:
            motion = true_motion(open_store(cell.store), clips.clip_ids, cell.explained)
            self._regions = key, moving_regions(motion.flow)
        return self._regions[1]


def _fit_fold(
    classifier: FoldClassifier,
    clips: LabelledClips,
    fold: Fold,
    options: TrainOptions,
    cell: Cell,
) -> tuple[TrainingRows, pd.DataFrame]:
    known = with_known_labels(fold, clips.labels, cell.fraction, cell.seed)
    rows = TrainingRows(clips, known, fitted_before=cell.start.subjects() if cell.start else [])
    seed = fold_seed(cell.seed, fold)
    selected = fit_fold(classifier, clips, known, rows, options, seed)
    told = {"fold": fold.name, "seed": cell.seed, "select": options.select}
    return rows, answers_table(clips, known.test, selected.probabilities, told)
