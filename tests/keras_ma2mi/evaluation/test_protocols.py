"""Folds, their checks, and the hash of a clip list."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.evaluation import (
    Fold,
    SubjectLeakError,
    check_folds,
    check_subject_disjoint,
    clip_list_hash,
    k_fold_by_subject,
    leave_one_dataset_out,
    leave_one_subject_out,
)

SUBJECTS = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=40).filter(
    lambda subjects: len(set(subjects)) >= 2
)


def test_loso_holds_out_each_subject_once():
    folds = leave_one_subject_out(["b", "a", "b", "c"])
    assert [(fold.name, fold.train.tolist(), fold.test.tolist()) for fold in folds] == [
        ("a", [0, 2, 3], [1]),
        ("b", [1, 3], [0, 2]),
        ("c", [0, 1, 2], [3]),
    ]


@settings(deadline=None)
@given(SUBJECTS)
def test_loso_never_trains_on_the_held_out_subject(subjects):
    folds = leave_one_subject_out(subjects)
    assert len(folds) == len(set(subjects))
    check_folds(folds, subjects)
    for fold in folds:
        assert sorted([*fold.train, *fold.test]) == list(range(len(subjects)))


@settings(deadline=None)
@given(SUBJECTS, st.integers(0, 5), st.data())
def test_k_folds_are_disjoint_by_subject_and_balanced(subjects, seed, data):
    k = data.draw(st.integers(2, len(set(subjects))))
    folds = k_fold_by_subject(subjects, k, seed=seed)
    assert len(folds) == k
    check_folds(folds, subjects)
    sizes = [len(fold.test) for fold in folds]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= max(subjects.count(name) for name in set(subjects))


def test_the_seed_decides_which_subjects_share_a_fold():
    subjects = [f"s{number}" for number in range(12)]
    same = [[f.test.tolist() for f in k_fold_by_subject(subjects, 3, seed=4)] for _ in range(2)]
    other = [f.test.tolist() for f in k_fold_by_subject(subjects, 3, seed=5)]
    assert same[0] == same[1] != other


@pytest.mark.parametrize("k", [1, 4])
def test_impossible_numbers_of_folds_are_refused(k):
    with pytest.raises(ValueError, match=rf"between 2 and .* 3. Received: k={k}"):
        k_fold_by_subject(["a", "b", "c"], k)


def test_leave_one_dataset_out_tests_each_dataset():
    folds = leave_one_dataset_out(["y", "x", "x"], ["y/1", "x/1", "x/2"])
    assert [(fold.name, fold.test.tolist()) for fold in folds] == [("x", [1, 2]), ("y", [0])]


def test_a_person_in_two_datasets_is_a_leak():
    with pytest.raises(SubjectLeakError, match="'sub01'"):
        leave_one_dataset_out(["x", "y"], ["sub01", "sub01"])


def test_clips_without_a_subject_are_refused():
    with pytest.raises(ValueError, match=r"empty name for clip 1 \(2 such clips\)"):
        leave_one_subject_out(["a", "", " "])


@pytest.mark.parametrize("subjects", [[], ["a", "a"]])
def test_fewer_than_two_subjects_are_refused(subjects):
    with pytest.raises(ValueError, match="at least two different names"):
        leave_one_subject_out(subjects)


def test_a_planted_leak_is_caught_and_names_the_subjects():
    subjects = ["a", "b", "c", "d"]
    clean = Fold("clean", np.array([0, 1]), np.array([2, 3]))
    check_subject_disjoint(subjects, clean)
    with pytest.raises(SubjectLeakError, match=r"'leaky' trains on 2 .*'c', 'd'"):
        check_subject_disjoint(subjects, Fold("leaky", np.arange(4), clean.test))


def test_pre_training_on_a_held_out_subject_is_caught():
    fold = Fold("clean", np.array([0]), np.array([1]))
    check_subject_disjoint(["a", "b"], fold, fitted_before=["a", "z"])
    with pytest.raises(SubjectLeakError, match=r"'clean' starts from something fitted on 1 .*'b'"):
        check_subject_disjoint(["a", "b"], fold, fitted_before=["z", "b"])


def test_a_planted_leak_between_folds_is_caught():
    leaky = [
        Fold("one", np.array([0, 1]), np.array([2])),
        Fold("two", np.array([2]), np.array([0, 1])),
    ]
    with pytest.raises(SubjectLeakError, match=r"fold 'one'.*'a'"):
        check_folds(leaky, ["a", "b", "a"])


def test_a_clip_that_is_never_or_twice_held_out_is_caught():
    once = Fold("one", np.array([1]), np.array([0]))
    with pytest.raises(ValueError, match="clip 1 held out 0 times"):
        check_folds([once], ["a", "b"])
    with pytest.raises(ValueError, match="clip 0 held out 2 times"):
        check_folds([once, once], ["a", "b"])


def test_the_hash_knows_the_clips_and_not_their_order():
    assert clip_list_hash(["a", "b"]) == clip_list_hash(["b", "a"])
    assert clip_list_hash(["a", "b"]) != clip_list_hash(["a", "b", "c"])
    assert clip_list_hash(["a\nb"]) != clip_list_hash(["a", "b"])
    assert len(clip_list_hash([])) == 16


def test_the_hash_stays_the_same_between_versions():
    # Published results name this value: a change of it makes them look like other clip lists.
    assert clip_list_hash(["casme2/sub01/EP02_01f", "samm/006/006_1_2"]) == "76cd20a534e49a82"


def test_a_repeated_clip_is_named():
    with pytest.raises(ValueError, match="'a' more than once"):
        clip_list_hash(["a", "b", "a"])
