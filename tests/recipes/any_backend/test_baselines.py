"""Baselines without a network: what they answer, what they may look at, what they leave behind."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.evaluation import Fold, SubjectLeakError, leave_one_subject_out
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.baselines import (
    MajorityClassifier,
    SupportVectorClassifier,
    baseline_options,
    build_baseline,
)
from ma2mi_recipes.baselines.beside_run import classes_without_clips, train_baseline
from ma2mi_recipes.baselines.grid_features import ChannelScaling, grid_means
from ma2mi_recipes.baselines.residual_motion import residual_motion
from ma2mi_recipes.fine_tuning import (
    FoldClassifier,
    Listeners,
    TrainingRows,
    TrainOptions,
    fitted_to_clips,
    plan_run,
)
from ma2mi_recipes.labelled_clips import LabelledClips

CLASSES = ["brow", "cheek", "mouth"]


def faces(subjects: int = 6, clips_each: int = 6, shuffled: bool = False) -> LabelledClips:
    """Each class moves a third of the face down, and everything trembles."""
    random = np.random.default_rng(5)
    count = subjects * clips_each
    labels = np.arange(count, dtype=np.int32) % len(CLASSES)
    motion = random.normal(0, 0.2, (count, 24, 24, 3)).astype(np.float32)
    for row, label in enumerate(labels):
        motion[row, 8 * label : 8 * label + 8, :, 1] += 0.3
    return LabelledClips(
        clip_ids=[f"d/s{row // clips_each}/c{row}" for row in range(count)],
        datasets=["d"] * count,
        subjects=[f"d/s{row // clips_each}" for row in range(count)],
        classes=CLASSES,
        labels=random.permutation(labels) if shuffled else labels,
        onset=np.zeros((count, 24, 24, 3), np.uint8),
        motion=motion,
        left_out={},
    )


def left_out(create: Callable[[], FoldClassifier], clips: LabelledClips) -> np.ndarray:
    """Probabilities of each clip by the classifier that did not see its subject."""
    probabilities = np.full((len(clips), len(CLASSES)), np.nan)
    for fold in leave_one_subject_out(clips.subjects):
        classifier = create()
        classifier.fit(TrainingRows(clips, fold), 0)
        probabilities[fold.test] = classifier.predict(clips, fold.test)
    return probabilities


def accuracy(probabilities: np.ndarray, clips: LabelledClips) -> float:
    return float((probabilities.argmax(axis=1) == clips.labels).mean())


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_support_vectors_beat_the_majority_where_there_is_something_to_learn(kernel: Any) -> None:
    clips = faces()
    assert accuracy(left_out(lambda: SupportVectorClassifier(kernel), clips), clips) > 0.9
    assert accuracy(left_out(MajorityClassifier, clips), clips) <= 1 / 3


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_shuffled_labels_give_chance(kernel: Any) -> None:
    clips = faces(subjects=5, clips_each=12, shuffled=True)
    # Of 60 guesses among three, three deviations of their share are 0.18.
    assert (
        abs(accuracy(left_out(lambda: SupportVectorClassifier(kernel), clips), clips) - 1 / 3)
        < 0.18
    )


@pytest.mark.parametrize("name", ["majority", "linear_svm", "rbf_svm", "rbf_svm_residual"])
def test_probabilities_are_a_distribution_and_the_same_again(name: str) -> None:
    clips = faces(subjects=4)
    first = left_out(lambda: build_baseline(name), clips)
    assert first.shape == (len(clips), 3) and (first >= 0).all()
    np.testing.assert_allclose(first.sum(axis=1), 1.0)
    np.testing.assert_array_equal(first, left_out(lambda: build_baseline(name), clips))


@pytest.mark.parametrize("name", ["majority", "linear_svm", "rbf_svm", "rbf_svm_residual"])
def test_folds_leave_nothing_behind_for_the_next(name: str) -> None:
    clips, classifier = faces(subjects=4), build_baseline(name)
    first, second, *_ = leave_one_subject_out(clips.subjects)
    classifier.fit(TrainingRows(clips, first), 0)
    classifier.fit(TrainingRows(clips, second), 1)
    fresh = build_baseline(name)
    fresh.fit(TrainingRows(clips, second), 1)
    np.testing.assert_array_equal(
        classifier.predict(clips, second.test), fresh.predict(clips, second.test)
    )


@pytest.mark.parametrize("name", ["majority", "linear_svm", "rbf_svm", "rbf_svm_residual"])
def test_what_the_held_out_subject_shows_changes_nothing_that_is_fitted(name: str) -> None:
    clips = faces(subjects=4)
    fold = leave_one_subject_out(clips.subjects)[0]
    other = replace(clips, motion=clips.motion.copy(), labels=clips.labels.copy())
    other.motion[fold.test] = 9.0 * other.motion[fold.test] + 5.0
    other.labels[fold.test] = 2
    answers = []
    for seen in (clips, other):
        classifier = build_baseline(name)
        classifier.fit(TrainingRows(seen, fold), 0)
        answers.append(classifier.predict(clips, fold.test))
    np.testing.assert_array_equal(*answers)


def test_a_baseline_that_asks_for_a_held_out_clip_is_stopped() -> None:
    class Leaking(SupportVectorClassifier):
        def fit(self, rows: TrainingRows, fold_seed: int, **_: Any) -> Any:
            # Normalisation over everybody, a mistake made easily.
            ChannelScaling.fitted_to(grid_means(rows.motion(np.arange(24)), self.grid))
            return super().fit(rows, fold_seed)

    with pytest.raises(SubjectLeakError, match="d/s0"):
        left_out(lambda: Leaking("linear"), faces(subjects=4))


def test_majority_counts_training_clips_alone() -> None:
    clips = faces(subjects=2)
    clips.labels[:] = [0] * 6 + [1, 1, 1, 1, 2, 2]
    first, second = left_out(MajorityClassifier, clips)[[0, 6]]
    np.testing.assert_allclose(first, [0, 4 / 6, 2 / 6])
    np.testing.assert_allclose(second, [1, 0, 0])


@pytest.mark.parametrize("name", ["majority", "linear_svm", "rbf_svm", "rbf_svm_residual"])
def test_a_class_without_a_training_clip_gets_probability_zero_and_is_named(name: str) -> None:
    clips = faces(subjects=4)
    clips.labels[clips.labels == 2] = 1
    clips.labels[3] = 2
    plan = plan_run(clips, TrainOptions(), [0])
    assert classes_without_clips(plan) == {"d/s0": ["mouth"]}
    probabilities = left_out(lambda: build_baseline(name), clips)
    assert (probabilities[:6, 2] == 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_one_training_subject_with_one_class_is_answered_with_it(kernel: Any) -> None:
    clips = faces(subjects=2)
    clips.labels[:6] = 1
    probabilities = left_out(lambda: SupportVectorClassifier(kernel), clips)
    np.testing.assert_array_equal(probabilities[6:], np.tile([0.0, 1.0, 0.0], (6, 1)))


def test_motion_that_is_nowhere_is_fitted_without_a_warning(recwarn: Any) -> None:
    clips = faces(subjects=3)
    clips.motion[:] = 0.0
    assert np.isfinite(left_out(lambda: SupportVectorClassifier("rbf"), clips)).all()
    assert not recwarn.list


@settings(max_examples=15, deadline=None)
@given(size=st.integers(2, 40), grid=st.integers(1, 12), count=st.sampled_from([1, 3, 65]))
def test_grid_means_keep_the_mean_and_the_unit(size: int, grid: int, count: int) -> None:
    motion = np.random.default_rng(size).normal(size=(count, size, size, 3)).astype(np.float32)
    means = grid_means(motion, grid)
    assert means.shape == (count, grid, grid, 3)
    np.testing.assert_allclose(means.mean(axis=(1, 2)), motion.mean(axis=(1, 2)), atol=1e-5)


def test_scaling_is_one_number_a_channel_and_leaves_quiet_cells_quiet() -> None:
    features = np.random.default_rng(0).normal(size=(50, 4, 4, 3)) * [1.0, 10.0, 0.0]
    features[:, 0, 0] *= 0.01
    scaled = ChannelScaling.fitted_to(features)(features).reshape(50, 4, 4, 3)
    np.testing.assert_allclose(scaled.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(scaled[..., :2].std(axis=(0, 1, 2)), 1.0)
    assert scaled[:, 0, 0, :2].std() < 0.02 and (scaled[..., 2] == 0).all()


def test_a_baseline_is_a_run_that_goes_on_where_it_was_cut_off(tmp_path: Path) -> None:
    clips = faces(subjects=3)
    plan = plan_run(clips, TrainOptions(epochs=7, select="peek"), [0, 1])

    def fitted(folder: Path) -> pd.DataFrame:
        quiet = lambda *_: nullcontext(Listeners())  # noqa: E731
        run = train_baseline(folder, plan, "linear_svm", tmp_path / "a.store", quiet)
        assert run.finished and run.info["model"] == "linear_svm"
        # Nothing is peeked at where there are no epochs.
        assert run.info["select"] == "last"
        assert 0 <= run.read_json("metrics.json")["pooled"]["uf1"]["value"] <= 1
        return run.read_table("predictions.csv")

    whole = fitted(tmp_path / "whole")
    assert set(whole["seed"]) == {0, 1} and set(whole["fold"]) == {f"d/s{i}" for i in range(3)}
    assert len(whole) == 2 * len(clips)

    class PowerCut(Exception):
        pass

    def pull_the_plug(_: object) -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        train_baseline(
            tmp_path / "cut", plan, "linear_svm", tmp_path / "a.store",
            lambda *_: nullcontext(Listeners(on_fold=pull_the_plug)),
        )  # fmt: skip
    assert len(list((tmp_path / "cut").glob("linear_svm/folds/seed-0/d__s*"))) == 1
    pd.testing.assert_frame_equal(fitted(tmp_path / "cut"), whole)


def test_a_baseline_of_other_clips_is_not_taken_for_this_one(tmp_path: Path) -> None:
    def fit(clips: LabelledClips) -> None:
        plan = plan_run(clips, TrainOptions(), [0])
        quiet = lambda *_: nullcontext(Listeners())  # noqa: E731
        train_baseline(tmp_path, plan, "majority", tmp_path / "a.store", quiet)

    fit(faces(subjects=3))
    with pytest.raises(InputError, match="clip_list_hash"):
        fit(faces(subjects=4))


def units_of(clips: LabelledClips) -> LabelledClips:
    """Action units instead of classes: a third of the face each, and one that nobody shows."""
    shown = np.stack([clips.labels == 0, clips.labels == 2, clips.labels != 0, clips.labels > 9])
    return replace(clips, classes=["AU1", "AU2", "AU4", "AU6"], labels=shown.T.astype(np.int32))


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_action_units_are_answered_each_for_itself(kernel: Any) -> None:
    clips = units_of(faces())
    fold = leave_one_subject_out(clips.subjects)[1]
    classifier, majority = SupportVectorClassifier(kernel), MajorityClassifier()
    for one in (classifier, majority):
        one.fit(TrainingRows(clips, fold), 0)
    said = classifier.predict(clips, fold.test)
    assert said.shape == (6, 4) and ((said >= 0) & (said <= 1)).all()
    assert ((said >= 0.5) == clips.labels[fold.test]).mean() > 0.9
    assert (said[:, 3] == 0).all()
    np.testing.assert_allclose(majority.predict(clips, fold.test)[0], [1 / 3, 1 / 3, 2 / 3, 0])


def test_a_run_on_action_units_has_baselines_and_their_scores(tmp_path: Path) -> None:
    plan = plan_run(units_of(faces(subjects=3)), TrainOptions(), [0])
    quiet = lambda *_: nullcontext(Listeners())  # noqa: E731
    run = train_baseline(tmp_path, plan, "linear_svm", tmp_path / "a.store", quiet)
    assert run.read_json("metrics.json")["units"] == ["AU1", "AU2", "AU4", "AU6"]
    assert run.info["classes_without_training_clips"]["d/s0"] == ["AU6"]


def test_options_of_the_run_do_not_make_its_baselines_weaker() -> None:
    weak = TrainOptions(motion="both", select="nested", epochs=1, learning_rate=0.0, freeze="first")
    network = baseline_options("three_stream_cnn", weak)
    assert (network.motion, network.select) == ("both", "nested")
    assert network.epochs > 10 and network.learning_rate > 0 and network.freeze == "none"
    assert baseline_options("rbf_svm", weak) == TrainOptions(model="rbf_svm", motion="both")


def test_what_only_miacnet_has_is_not_asked_of_a_baseline() -> None:
    for arguments in ({"pretrained": "runs/x"}, {"preset": "miacnet_tiny"}, {"freeze": "first"}):
        (name,) = arguments
        with pytest.raises(InputError, match=f"--{name} is for --model miacnet"):
            fitted_to_clips(TrainOptions(model="three_stream_cnn", **arguments), faces(subjects=2))


def test_what_has_no_epochs_never_peeks() -> None:
    fitted = fitted_to_clips(TrainOptions(model="rbf_svm", select="peek"), faces(subjects=2))
    assert fitted.select == "last"


def test_what_is_no_network_is_not_saved_as_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no network"):
        build_baseline("majority").save(tmp_path / "model.keras")
    with pytest.raises(InputError, match="there is no model 'oracle'"):
        build_baseline("oracle")


def test_a_fold_may_hold_out_several_subjects() -> None:
    clips = faces(subjects=5)
    fold = Fold("two", np.arange(12, 30), np.arange(12))
    classifier = build_baseline("linear_svm")
    classifier.fit(TrainingRows(clips, fold), 0)
    assert (
        accuracy(classifier.predict(clips, fold.test), replace(clips, labels=clips.labels[:12]))
        > 0.8
    )


def test_the_head_is_taken_off_flow_only() -> None:
    options = TrainOptions(model="rbf_svm_residual", motion="difference")
    with pytest.raises(InputError, match="takes the motion of the head off flow"):
        fitted_to_clips(options, faces(subjects=2))


def test_a_stiff_head_leaves_no_motion_and_a_moving_brow_does() -> None:
    y, x = np.mgrid[0:40, 0:48] / 40
    head = np.stack([0.5 + 0.2 * x - 0.1 * y, -0.3 + 0.1 * x + 0.4 * y, 0 * x], axis=-1)
    brow = np.zeros_like(head)
    brow[6:12, 8:40, 1] = -0.8
    motion = np.stack([head, head + brow, -head + brow]).astype(np.float32)
    left = residual_motion(motion)
    np.testing.assert_allclose(left[0, ..., :2], 0, atol=1e-4)
    for moved in left[1:]:
        np.testing.assert_allclose(moved[..., 1], brow[..., 1], atol=0.02)
        np.testing.assert_allclose(moved[..., 0], 0, atol=0.02)
    np.testing.assert_array_equal(left[..., 2], motion[..., 2])
    assert not residual_motion(np.zeros((1, 8, 8, 3), np.float32)).any()


def test_other_channels_stay_and_noise_is_not_smoothed(rng: np.random.Generator) -> None:
    motion = rng.normal(size=(2, 16, 16, 6)).astype(np.float32)
    left = residual_motion(motion)
    np.testing.assert_array_equal(left[..., :3], motion[..., :3])
    assert np.corrcoef(left[..., 3].ravel(), motion[..., 3].ravel())[0, 1] > 0.95
