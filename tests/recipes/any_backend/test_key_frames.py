"""Held-out clips at moved and found key frames, and training clips at jittered ones."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import SubjectLeakError
from ma2mi_preprocessing.motion import motion_features
from ma2mi_preprocessing.motion_scaling import minmax_scaled
from ma2mi_preprocessing.store import ClipStore, open_store
from ma2mi_recipes.batches import ClipBatches
from ma2mi_recipes.fine_tuning import (
    TrainingRows,
    TrainOptions,
    TrainPlan,
    fold_runner,
    plan_run,
    train_folds,
)
from ma2mi_recipes.key_frame_jitter import jitter_reach, with_jitter
from ma2mi_recipes.key_frame_pairs import jittered_pairs
from ma2mi_recipes.key_frame_preparation import prepare_key_frames
from ma2mi_recipes.key_frame_samples import KeyFrameSamples
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.any_backend.nearest_mean import NearestMean
from tests.recipes.conftest import succeed

ASKED = TrainOptions(model="majority", key_frames=(0, 2, 10), found_key_frames=True, batch_size=2)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ClipStore:
    folder = tmp_path_factory.mktemp("key_frames")
    succeed("synthesize", "micro", folder / "clips", "--subjects", 2, "--clips-per-subject", 2,
            "--size", 64)  # fmt: skip
    succeed("preprocess", folder / "clips" / "manifest.csv", folder / "a.store", "--size", 56,
            "--workers", 1, "--detector", "none")  # fmt: skip
    return open_store(folder / "a.store")


@pytest.fixture
def clips(store: ClipStore) -> LabelledClips:
    return load_labelled_clips(store, "flow")


@pytest.fixture(autouse=True)
def _nearest_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_runner, "build_classifier", lambda *_: NearestMean())


def planned(
    clips: LabelledClips, folder: Path, options: TrainOptions = ASKED
) -> tuple[RunDirectory, TrainPlan]:
    plan = plan_run(clips, options, [0, 1])
    return RunDirectory.create(folder, plan.describe(Path(clips.store))), plan


@pytest.fixture(scope="module")
def curve(
    store: ClipStore, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pd.DataFrame, pd.DataFrame, RunDirectory]:
    """`key_frames.csv`, `predictions.csv` and the run, of two seeds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold_runner, "build_classifier", lambda *_: NearestMean())
        run, plan = planned(load_labelled_clips(store, "flow"), tmp_path_factory.mktemp("r") / "r")
        train_folds(run, prepare_key_frames(run, plan))
    return run.read_table("key_frames.csv"), run.read_table("predictions.csv"), run


def test_every_clip_is_there_once_for_each_shift_and_seed(curve) -> None:
    table, predictions, _ = curve
    groups = table.groupby(["moved", "frames"])
    assert set(groups.groups) == {
        *((moved, by) for moved in ("onset", "apex", "both") for by in (0, 2, 10)),
        ("found", 0),
    }
    for _, group in groups:
        assert sorted(zip(group["seed"], group["clip_id"], strict=True)) == sorted(
            zip(predictions["seed"], predictions["clip_id"], strict=True)
        )
    assert (table["fold"] == table["subject"]).all()


def test_key_frames_moved_by_nothing_give_the_annotated_predictions_exactly(curve) -> None:
    table, predictions, _ = curve
    keys = ["seed", "clip_id"]
    columns = ["prediction", *(name for name in table if name.startswith("probability_"))]
    annotated = predictions.set_index(keys)[columns]
    for moved in ("onset", "apex", "both"):
        here = table[(table["moved"] == moved) & (table["frames"] == 0)].set_index(keys)
        pd.testing.assert_frame_equal(here.loc[annotated.index, columns], annotated)
    far = table[(table["moved"] == "both") & (table["frames"] == 10)].set_index(keys)
    assert (far.loc[annotated.index, columns[1]] != annotated[columns[1]]).all()


def test_samples_are_those_computed_from_the_stored_frames(store, clips) -> None:
    for kind, scaling in (("flow", "pixels"), ("both", "minmax"), ("difference", "pixels")):
        loaded = load_labelled_clips(store, kind, scaling=scaling)
        samples = KeyFrameSamples(loaded, kind)
        onset, apex = samples.movable[3].pair
        pair = (onset + 3, apex - 2)
        found = samples.at({3: [pair, (onset, apex)]})[3]
        frames = store.read(loaded.clip_ids[3]).frames
        direct = motion_features(frames[pair[0]], frames[pair[1]], kind=kind)
        expected = minmax_scaled(direct) if scaling == "minmax" else direct
        np.testing.assert_array_equal(found[pair].motion, expected)
        np.testing.assert_array_equal(found[pair].onset, frames[pair[0]])
        np.testing.assert_array_equal(found[onset, apex].motion, loaded.motion[3])


def test_what_is_kept_of_clips_has_a_limit(clips) -> None:
    one_clip = clips.onset[0].nbytes + clips.motion[0].nbytes
    samples = KeyFrameSamples(clips, "flow", cache_bytes=2 * one_clip)
    pairs = {row: [clip.pair] for row, clip in samples.movable.items()}
    first = samples.at(pairs)
    assert sum(row in samples._cache for row in pairs) == 2
    again = samples.at(pairs)
    for row, some in pairs.items():
        np.testing.assert_array_equal(first[row][some[0]].motion, again[row][some[0]].motion)


def test_key_frames_found_on_rendered_clips_are_near_the_truth(curve) -> None:
    table, _, run = curve
    found = table[(table["moved"] == "found") & (table["seed"] == 0)]
    assert found["apex_error"].abs().median() <= 3
    kept = run.read_table("found_key_frames.csv").set_index("clip_id")
    for _, line in found.iterrows():
        assert kept.loc[line["clip_id"], "apex_error"] == line["apex_error"]


def test_a_run_that_was_cut_off_has_the_same_key_frames_in_the_end(
    clips, curve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, plan = planned(clips, tmp_path / "run")
    # Searched before anything is fitted, so that a run that is cut off has them already.
    shutil.copy(curve[2].path / "found_key_frames.csv", run.path)
    keep = fold_runner.keep_fold

    def stop_at_the_third(run, clips, result):  # type: ignore[no-untyped-def]
        if len(list(run.path.glob("folds/*/*"))) == 2:
            raise KeyboardInterrupt
        return keep(run, clips, result)

    monkeypatch.setattr(fold_runner, "keep_fold", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        train_folds(run, plan)
    assert not (run.path / "key_frames.csv").exists()
    monkeypatch.setattr(fold_runner, "keep_fold", keep)
    train_folds(run, plan)
    assert (run.path / "key_frames.csv").read_bytes() == (
        curve[2].path / "key_frames.csv"
    ).read_bytes()


def test_clips_without_frames_are_left_out_and_listed(clips, tmp_path: Path, monkeypatch) -> None:
    look = KeyFrameSamples._look_at

    def without_apex(self, row, stored):  # type: ignore[no-untyped-def]
        if row == 1:
            stored.apex = stored.onset
        look(self, row, stored)

    monkeypatch.setattr(KeyFrameSamples, "_look_at", without_apex)
    run, plan = planned(clips, tmp_path / "run", replace(ASKED, found_key_frames=False))
    train_folds(run, prepare_key_frames(run, plan))
    assert list(run.read_json("key_frames.json")["left_out"]) == [clips.clip_ids[1]]
    assert set(run.read_table("key_frames.csv")["clip_id"]) == {*clips.clip_ids} - {
        clips.clip_ids[1]
    }
    assert set(run.read_table("predictions.csv")["clip_id"]) == {*clips.clip_ids}


def test_jittered_samples_are_those_of_the_drawn_frames(store, clips) -> None:
    jittered = with_jitter(clips, "flow", most=4, count=3)
    assert jitter_reach(jittered) == 1
    rows = folds_rows(jittered)
    assert rows.variants == 4
    row = int(rows.rows[0])
    stored = store.read(clips.clip_ids[row])
    annotated = (stored.onset, stored.apex)
    drawn = jittered_pairs(
        clips.clip_ids[row], annotated, stored.frames.shape[0], share=0, most=4, count=3
    )
    for variant, pair in enumerate([annotated, *drawn]):
        asked = np.array([row]), np.array([variant])
        direct = motion_features(stored.frames[pair[0]], stored.frames[pair[1]])
        np.testing.assert_array_equal(rows.motion(*asked)[0], direct)
        np.testing.assert_array_equal(rows.onset(*asked)[0], stored.frames[pair[0]])


def test_jitter_leaves_the_annotated_samples_alone_and_repeats(clips) -> None:
    one, two = (with_jitter(clips, "flow", most=4) for _ in range(2))
    np.testing.assert_array_equal(one.motion, clips.motion)
    np.testing.assert_array_equal(one.onset, clips.onset)
    assert one.jittered is not None and two.jittered is not None
    np.testing.assert_array_equal(one.jittered.place, two.jittered.place)
    np.testing.assert_array_equal(one.jittered.motion, two.jittered.motion)
    assert with_jitter(clips, "flow") is clips


def test_jittered_samples_of_a_held_out_clip_are_closed(clips) -> None:
    rows = folds_rows(with_jitter(clips, "flow", most=4))
    held_out = np.setdiff1d(np.arange(len(clips)), rows.rows)[:1]
    for look in (rows.motion, rows.onset):
        with pytest.raises(SubjectLeakError):
            look(held_out, np.array([1]))


def test_batches_draw_variants_by_seed_and_epoch(clips) -> None:
    def epochs(seed: int, jittered: LabelledClips) -> list[np.ndarray]:
        batches = ClipBatches(folds_rows(jittered), ["motion"], "flow", 3, seed)
        shown = []
        for _ in range(4):
            shown.append(batches[0][0]["motion"][batches.order.argsort()])
            batches.on_epoch_end()
        return shown

    plain, jittered = epochs(5, clips), epochs(5, with_jitter(clips, "flow", most=4))
    for one, other in zip(jittered, epochs(5, with_jitter(clips, "flow", most=4)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert all(np.array_equal(shown, plain[0]) for shown in plain)
    assert not all(np.array_equal(shown, jittered[0]) for shown in jittered)


def folds_rows(clips: LabelledClips) -> TrainingRows:
    """The first fold's rows."""
    return TrainingRows(clips, plan_run(clips, TrainOptions(), [0]).folds[0])
