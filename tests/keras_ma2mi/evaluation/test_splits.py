"""Splits by name, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.evaluation import (
    Fold,
    ProtocolError,
    SubjectLeakError,
    check_folds,
    not_predicted,
    not_used,
    parse_split,
)

IDS = ["x/a/1", "x/a/2", "x/b/1", "y/c/1", "z/d/1"]
SUBJECTS = ["x/a", "x/a", "x/b", "y/c", "z/d"]
DATASETS = ["x", "x", "x", "y", "z"]


def divided(text):
    folds = parse_split(text).folds(IDS, SUBJECTS, DATASETS)
    return [(fold.name, fold.train.tolist(), fold.test.tolist()) for fold in folds]


@pytest.mark.parametrize(
    ("text", "description", "names"),
    [
        ("loso", "leave-one-subject-out", ["x/a", "x/b", "y/c", "z/d"]),
        ("lodo", "leave-one-dataset-out", ["x", "y", "z"]),
        ("holdout:y", "holdout-database, predicted y", ["y"]),
        ("holdout:y,z", "holdout-database, predicted y, z", ["y+z"]),
        ("k-fold:2:0", "2-fold by subject, seed 0", ["fold-1", "fold-2"]),
    ],
)
def test_a_split_has_a_name_a_text_and_folds(text, description, names):
    split = parse_split(text)
    assert (split.spec, split.description) == (text, description)
    assert [name for name, _, _ in divided(text)] == names
    assert parse_split(split.spec) == split


def test_a_holdout_fits_on_the_other_datasets_and_predicts_its_own_alone():
    assert divided("holdout:y,z") == [("y+z", [0, 1, 2], [3, 4])]


def test_seed_of_a_k_fold_is_optional_and_heeded():
    assert parse_split("k-fold:3") == parse_split("k-fold:3:0") != parse_split("k-fold:3:1")


NO_SPLITS = (
    "|loso:1|holdout|holdout:|holdout:,|holdout:x,x|k-fold|k-fold:one|k-fold:5:1:2|k-fold:1|k-fold:-3"
    "|fixed|LOSO"
)


@pytest.mark.parametrize("text", NO_SPLITS.split("|"))
def test_a_text_that_names_no_split_is_one_line(text):
    with pytest.raises(ProtocolError) as caught:
        parse_split(text)
    assert "\n" not in str(caught.value)


def test_an_unknown_split_is_answered_with_the_known_ones():
    with pytest.raises(ProtocolError, match=r"no split 'lopo'; known: loso, lodo, holdout:DATASET"):
        parse_split("lopo")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("holdout:w", r"holds out 'w', of which there is no clip; datasets at hand: 'x', 'y', 'z'"),
        ("holdout:x,y,z", "nothing is left to fit on"),
        ("k-fold:5", "5 folds by subject need at least 5 subjects; there are 4"),
    ],
)
def test_a_split_that_the_clips_do_not_fit_says_why(text, message):
    with pytest.raises(ProtocolError, match=message):
        divided(text)


def test_a_person_on_both_sides_of_a_holdout_is_named():
    with pytest.raises(SubjectLeakError, match=r"fold 'y' trains on 1 .*'anna'"):
        parse_split("holdout:y").folds(["1", "2"], ["anna", "anna"], ["x", "y"])


def fixed(tmp_path, text):
    path = tmp_path / "split.csv"
    path.write_text(text, encoding="utf-8")
    return parse_split(f"fixed:{path}")


def test_a_fixed_split_of_subjects_takes_all_their_clips(tmp_path):
    split = fixed(tmp_path, "subject,split\nx/a,train\nx/b,test\ny/c,train\n")
    (fold,) = split.folds(IDS, SUBJECTS, DATASETS)
    assert (fold.train.tolist(), fold.test.tolist()) == ([0, 1, 3], [2])
    assert not_predicted([fold], 5).tolist() == [0, 1, 3, 4]
    assert not_used([fold], 5).tolist() == [4]
    assert split.description.startswith("fixed split of 2 and 1 subjects (split.csv, ")


def test_a_fixed_split_of_clips_is_read_by_column_name(tmp_path):
    text = "\ufeffnote,split , clip_id\nq, Test,z/d/1\nq,train,x/b/1\nq,train,x/b/1\n"
    (fold,) = fixed(tmp_path, text).folds(IDS, SUBJECTS, DATASETS)
    assert (fold.train.tolist(), fold.test.tolist()) == ([2], [4])


def test_a_fixed_split_that_divides_a_person_is_a_leak(tmp_path):
    split = fixed(tmp_path, "clip_id,split\nx/a/1,train\nx/a/2,test\n")
    with pytest.raises(SubjectLeakError, match="'x/a'"):
        split.folds(IDS, SUBJECTS, DATASETS)


def test_a_fixed_split_of_clips_that_are_not_there_is_refused(tmp_path):
    split = fixed(tmp_path, "clip_id,split\nx/a/1,train\nx/q/1,train\ny/q/2,test\nz/d/1,test\n")
    with pytest.raises(
        ProtocolError, match=r"1 for train, such as 'x/q/1'; 1 for test, such as 'y/q/2'"
    ):
        split.folds(IDS, SUBJECTS, DATASETS)
    (fold,) = replace(split, allow_missing=True).folds(IDS, SUBJECTS, DATASETS)
    assert (fold.train.tolist(), fold.test.tolist()) == ([0], [4])
    assert split.missing(IDS, SUBJECTS) == {"train": ["x/q/1"], "test": ["y/q/2"]}
    with pytest.raises(ProtocolError, match="of what it marks 'test' no clip is there"):
        replace(split, allow_missing=True).folds(IDS[:2], SUBJECTS[:2], DATASETS[:2])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs the columns clip_id,split or subject,split; columns found: none"),
        ("clip_id,side\n", "columns found: clip_id, side"),
        ("clip_id,subject,split\n", "needs the columns"),
        ("clip_id,split\na,val\n", "row 2: the split of 'a' is 'val'; write train or test"),
        ("clip_id,split\na,train\n,test\n", "row 3: clip_id is empty"),
        ("clip_id,split\na,train\na,test\n", "row 3: 'a' is both train and test"),
        ("clip_id,split\na,train\n", "no clip_id is marked 'test'"),
    ],
)
def test_a_file_of_a_fixed_split_that_cannot_be_used_says_where(tmp_path, text, message):
    with pytest.raises(ProtocolError, match=message):
        fixed(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ProtocolError, match=r"none.csv: no such file"):
        parse_split(f"fixed:{tmp_path / 'none.csv'}")


def test_hash_of_a_fixed_split_does_not_depend_on_the_order_of_its_rows(tmp_path):
    one = fixed(tmp_path, "subject,split\na,train\nb,test\n").hash
    assert fixed(tmp_path, "subject,split\nb,test\na,train\n").hash == one
    assert fixed(tmp_path, "subject,split\nb,train\na,test\n").hash != one


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcd")), min_size=3, max_size=30),
    st.sampled_from(["loso", "lodo", "holdout:x", "k-fold:2:3"]),
)
def test_no_split_ever_has_a_subject_on_both_sides(pairs, text):
    datasets = [dataset for dataset, _ in pairs]
    subjects = [f"{dataset}/{name}" for dataset, name in pairs]
    ids = [f"{subject}/{row}" for row, subject in enumerate(subjects)]
    split = parse_split(text)
    try:
        folds = split.folds(ids, subjects, datasets)
    except ValueError:
        # One dataset or one person alone cannot be divided.
        assert len(set(subjects)) < 2 or len(set(datasets)) < 2 or "x" not in datasets
        return
    for fold in folds:
        assert not {subjects[row] for row in fold.train} & {subjects[row] for row in fold.test}
    check_folds(folds, subjects, every_clip=split.every_clip)
    assert not len(not_used(folds, len(ids)))
    assert len(not_predicted(folds, len(ids))) == 0 or text.startswith("holdout")


def test_a_holdout_may_leave_clips_unpredicted_but_predicts_none_twice():
    once = Fold("one", np.array([0]), np.array([1]))
    check_folds([once], ["a", "b", "c"], every_clip=False)
    with pytest.raises(ValueError, match="exactly once"):
        check_folds([once], ["a", "b", "c"])
    with pytest.raises(ValueError, match=r"at most once\. .*clip 1 held out 2 times"):
        check_folds([once, once], ["a", "b", "c"], every_clip=False)


def test_a_fold_without_clips_to_fit_or_predict_is_refused():
    with pytest.raises(ValueError, match="fold 'empty' with 2 and 0"):
        check_folds([Fold("empty", np.array([0, 1]), np.array([], int))], ["a", "b"])
