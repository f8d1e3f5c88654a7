"""The plan of a run that is on disk, and of baselines that stand alone."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from keras_ma2mi.evaluation import clip_list_hash
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.chosen_clips import choose_clips
from ma2mi_recipes.fine_tuning import TrainOptions, TrainPlan, fitted_to_clips, plan_run
from ma2mi_recipes.labelled_clips import load_labelled_clips
from ma2mi_recipes.run_directory import RunDirectory


def plan_from_store(
    store: Path,
    options: TrainOptions,
    seeds: Sequence[int],
    choice: Mapping[str, Any],
    scaling: MotionScaling | None = None,
) -> TrainPlan:
    """Loads the clips of a choice and divides them into folds.

    Args:
        store: The clip store.
        options: How each fold is fitted.
        seeds: One set of folds for each.
        choice: Arguments of `choose_clips`.
        scaling: What all motion is brought to; by default what the store has.

    Raises:
        InputError: Where the store does not fit the choice.
    """
    opened = open_store(store)
    chosen = choose_clips(opened, **choice)
    clips = load_labelled_clips(opened, options.motion, chosen, scaling, size=options.input_size)
    return plan_run(clips, fitted_to_clips(options, clips), seeds, chosen)


def plan_of_run(run: RunDirectory, store: Path) -> TrainPlan:
    """Clips, classes, folds and seeds as a run of `train` had them.

    Raises:
        InputError: Where the store no longer gives the clips of the run, or the run is too old to
            say how they were chosen.
    """
    info = run.info
    if "clip_choice" not in info:
        raise InputError(f"{run.path} does not say how its clips were chosen; repeat the run")
    options = _options(info["options"])
    plan = plan_from_store(
        store, options, info["seeds"], info["clip_choice"], options.motion_scaling
    )
    if clip_list_hash(plan.clips.clip_ids) != info["clip_list_hash"]:
        raise InputError(
            f"{store} gives {len(plan.clips)} clips, others than the {info['clips']} of "
            f"{run.path}; give the store that it was trained on"
        )
    return plan


def _options(saved: Mapping[str, Any]) -> TrainOptions:
    known = {field.name for field in fields(TrainOptions)}
    return TrainOptions(**{name: value for name, value in saved.items() if name in known})
