"""Every kind of leak is planted, and seen to be caught before anything is written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from keras_ma2mi.evaluation import Fold, SubjectLeakError, leave_one_subject_out
from ma2mi_recipes.batches import ClipBatches
from ma2mi_recipes.fine_tuning import (
    TrainingRows,
    TrainOptions,
    TrainPlan,
    fold_runner,
    plan_run,
    train_folds,
)
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.any_backend.scripted_classifier import ScriptedClassifier
from tests.recipes.made_up_clips import made_up_clips

EVERYTHING = np.arange(16)


def class_weights_of_all_clips(rows: TrainingRows) -> object:
    return np.bincount(rows.labels(EVERYTHING))


def normalisation_by_all_clips(rows: TrainingRows) -> object:
    return rows.motion(EVERYTHING).mean(axis=(0, 1, 2))


def statistics_of_augmentation_by_all_clips(rows: TrainingRows) -> object:
    return rows.motion(EVERYTHING).std()


def mean_face_of_all_clips(rows: TrainingRows) -> object:
    return rows.onset(EVERYTHING).mean(axis=0)


def batches_with_one_more_clip(rows: TrainingRows) -> object:
    batches = ClipBatches(rows, ["motion"], "flow", 16, 0)
    missing = np.setdiff1d(EVERYTHING, rows.rows)[:1]
    batches.order = np.concatenate([missing, batches.order])
    return batches[0]


def inner_fold_over_all_clips(rows: TrainingRows) -> object:
    return rows.within(Fold("inner", EVERYTHING[:8], EVERYTHING[8:]))


def watching_a_held_out_clip(rows: TrainingRows) -> object:
    return rows.watched(EVERYTHING)


@pytest.mark.parametrize(
    "leak",
    [
        class_weights_of_all_clips,
        normalisation_by_all_clips,
        statistics_of_augmentation_by_all_clips,
        mean_face_of_all_clips,
        batches_with_one_more_clip,
        inner_fold_over_all_clips,
        watching_a_held_out_clip,
    ],
)
@pytest.mark.parametrize("select", ["last", "nested"])
def test_fitting_anything_on_a_held_out_subject_raises(
    leak: Callable[[TrainingRows], object],
    select: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, plan = run_of(made_up_clips(), TrainOptions(epochs=5, select=select), tmp_path)
    classifier = ScriptedClassifier(skill=lambda rows, epoch: np.array(0.9), looks=leak)
    monkeypatch.setattr(fold_runner, "build_classifier", lambda *_: classifier)
    with pytest.raises(SubjectLeakError, match=r"fold 'd/s0.*'.* asked for"):
        train_folds(run, plan)
    assert not list(run.path.glob("folds/*/*"))


def test_the_same_run_without_a_leak_goes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, plan = run_of(made_up_clips(), TrainOptions(epochs=5, select="nested"), tmp_path)
    classifier = ScriptedClassifier(skill=lambda rows, epoch: np.array(0.9))
    monkeypatch.setattr(fold_runner, "build_classifier", lambda *_: classifier)
    assert (train_folds(run, plan).eval("label == prediction")).all()


def test_pre_training_on_a_held_out_subject_raises(tmp_path: Path) -> None:
    pretrained = RunDirectory.create(
        tmp_path / "pretrained", {"kind": "pretrain", "subjects": ["other/s9", "d/s2"]}
    )
    options = TrainOptions(pretrained=str(pretrained.path))
    run, plan = run_of(made_up_clips(), options, tmp_path)
    with pytest.raises(SubjectLeakError, match=r"fold 'd/s2'.*d/s2"):
        for fold in plan.folds:
            TrainingRows(plan.clips, fold, fitted_before=plan.fitted_before)
    with pytest.raises(SubjectLeakError):
        train_folds(run, plan)


def test_pre_training_clips_of_unknown_people_are_counted(tmp_path: Path) -> None:
    info = {"kind": "pretrain", "subjects": [], "clips_without_subject": 7}
    pretrained = RunDirectory.create(tmp_path / "pretrained", info)
    run, _ = run_of(made_up_clips(), TrainOptions(pretrained=str(pretrained.path)), tmp_path)
    assert run.info["pretrained_clips_without_subject"] == 7


def test_a_clip_that_is_there_twice_under_two_subjects_raises(tmp_path: Path) -> None:
    clips = made_up_clips()
    clips.motion[13] = clips.motion[2]
    run, plan = run_of(clips, TrainOptions(), tmp_path)
    with pytest.raises(SubjectLeakError, match=r"c2 is held out, and trained on as d/s3/c13"):
        train_folds(run, plan)


def test_clips_in_which_nothing_moves_are_no_copies_of_each_other() -> None:
    clips = made_up_clips()
    clips.motion[[2, 13]] = 0.0
    for fold in leave_one_subject_out(clips.subjects):
        TrainingRows(clips, fold)


def test_a_subject_on_both_sides_of_a_fold_raises() -> None:
    clips = made_up_clips()
    with pytest.raises(SubjectLeakError, match="d/s0"):
        TrainingRows(clips, Fold("mixed", EVERYTHING[:2], EVERYTHING[2:6]))


def test_inner_folds_keep_the_outer_subject_closed() -> None:
    clips = made_up_clips()
    outer = TrainingRows(clips, leave_one_subject_out(clips.subjects)[0])
    inner = outer.within(outer.part("inner", np.arange(4), np.arange(4, 8)))
    assert set(inner.subjects) == {"d/s1"}
    for closed in ([0], [8], [12]):
        with pytest.raises(SubjectLeakError):
            inner.motion(np.array(closed))


def run_of(
    clips: LabelledClips, options: TrainOptions, folder: Path
) -> tuple[RunDirectory, TrainPlan]:
    plan = plan_run(replace(clips), options, [0])
    return RunDirectory.create(folder / "run", plan.describe(folder / "a.store")), plan
