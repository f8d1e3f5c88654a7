"""Baselines of a run: the same clips, classes, folds and seeds, in folders of their own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import summarise, summarise_action_units
from ma2mi_recipes.baselines.choice import baseline_options
from ma2mi_recipes.fine_tuning import Listeners, TrainPlan, epochs_left, train_folds
from ma2mi_recipes.fine_tuning.options import ModelName
from ma2mi_recipes.run_directory import RunDirectory

FOLDER = "baselines"

Progress = Callable[[str, int, str], AbstractContextManager[Listeners]]
"""Given what is done, the number of steps and their unit, listeners that show it."""


def train_baseline(
    folder: Path, plan: TrainPlan, model: ModelName, store: Path, progress: Progress
) -> RunDirectory:
    """Fits one baseline in `folder / model`, or goes on where it was cut off.

    Args:
        folder: Where the baselines lie.
        plan: The run that they stand beside; only its options are replaced.
        model: Name of the baseline.
        store: The clip store, for `run.json`.
        progress: Shows how it goes on.

    Returns:
        The finished run directory, a run of kind `train` like any other.

    Raises:
        InputError: Where the folder holds a baseline of other clips, folds or seeds.
    """
    own = replace(plan, options=baseline_options(model, plan.options))
    run = RunDirectory.create(folder / model, own.describe(store))
    if run.finished:
        return run
    unit = "epoch" if own.options.is_network else "fold"
    with progress(model, epochs_left(run, own), unit) as listeners:
        predictions = train_folds(run, own, listeners)
    run.write_json("metrics.json", _summary(predictions, plan))
    run.finish(classes_without_training_clips=classes_without_clips(plan))
    return run


def _summary(predictions: pd.DataFrame, plan: TrainPlan) -> dict[str, Any]:
    if plan.clips.multi_label:
        return summarise_action_units(predictions)
    return summarise(predictions, plan.clips.classes)


def classes_without_clips(plan: TrainPlan) -> dict[str, list[str]]:
    """Folds whose training rows lack a class, and the classes that they lack.

    Majority and support vectors give such a class probability 0: they can never be right about it.
    """
    classes = plan.clips.classes
    lacking: dict[str, list[str]] = {}
    for fold in plan.folds:
        labels = plan.clips.labels[fold.train]
        counts = (
            labels.sum(axis=0)
            if plan.clips.multi_label
            else np.bincount(labels, minlength=len(classes))
        )
        absent = [classes[place] for place in np.flatnonzero(counts == 0)]
        if absent:
            lacking[fold.name] = absent
    return lacking
