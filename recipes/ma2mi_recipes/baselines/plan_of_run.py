"""The plan that a run on disk was made from."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from keras_ma2mi.evaluation import clip_list_hash
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.fine_tuning import TrainOptions, TrainPlan, plan_leave_one_subject_out
from ma2mi_recipes.labelled_clips import load_labelled_clips
from ma2mi_recipes.run_directory import RunDirectory


def plan_of_run(run: RunDirectory, store: Path) -> TrainPlan:
    """Reads a run and its store; returns clips, classes, folds and seeds as the run had them.

    Raises:
        InputError: Where the store no longer gives the clips of the run.
    """
    info = run.info
    options = _options(info["options"])
    clips = load_labelled_clips(
        open_store(store), options.motion, info["classes"], options.motion_scaling
    )
    plan = plan_leave_one_subject_out(clips, options, info["seeds"])
    if clip_list_hash(clips.clip_ids) != info["clip_list_hash"] or plan.split != info["protocol"]:
        raise InputError(
            f"{store} gives {len(clips)} clips under {plan.split}, but {run.path} was trained on "
            f"{info['clips']} under {info['protocol']}; give the store that it was trained on"
        )
    return plan


def _options(saved: dict[str, Any]) -> TrainOptions:
    known = {field.name for field in fields(TrainOptions)}
    return TrainOptions(**{name: value for name, value in saved.items() if name in known})
