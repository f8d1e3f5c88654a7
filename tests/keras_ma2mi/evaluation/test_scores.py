"""Scores against hand-computed cases and scikit-learn."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, recall_score

from keras_ma2mi.evaluation import (
    PredictionsError,
    majority_baseline,
    per_dataset,
    score,
    score_seeds,
)
from tests.keras_ma2mi.evaluation.tables import CLASSES, random_table, table


def test_scores_equal_the_figures_computed_by_hand():
    # negative: TP 2, FN 1, FP 1; positive: TP 1, FN 1, FP 1; surprise: TP 1, FN 0, FP 0.
    scores = score(table("a:nn a:nn a:np b:pp b:pn c:ss"), CLASSES)
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.uf1 == pytest.approx((4 / 6 + 2 / 4 + 1) / 3)
    assert scores.uar == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert scores.confusion.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert scores.support.tolist() == [3, 2, 1]
    assert (scores.n_clips, scores.n_subjects, scores.absent_classes) == (6, 3, ())


def test_a_class_without_clips_counts_zero_and_is_reported():
    scores = score(table("a:nn a:pp b:nn"), CLASSES)
    assert scores.absent_classes == ("surprise",)
    assert scores.accuracy == 1.0
    assert scores.uf1 == scores.uar == pytest.approx(2 / 3)


def test_predicting_an_absent_class_costs_the_class_that_was_right():
    scores = score(table("a:nn a:ns"), CLASSES)
    assert scores.absent_classes == ("positive", "surprise")
    assert scores.uf1 == pytest.approx((2 / 3) / 3)
    assert scores.uar == pytest.approx(0.5 / 3)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_scores_equal_scikit_learn_with_any_classes_absent(pairs):
    classes = ["a", "b", "c", "d"]
    labels = [classes[label] for label, _ in pairs]
    predictions = [classes[prediction] for _, prediction in pairs]
    scores = score(
        pd.DataFrame(
            {
                "clip_id": range(len(pairs)),
                "subject": [f"s{number % 3}" for number in range(len(pairs))],
                "label": labels,
                "prediction": predictions,
            }
        ),
        classes,
    )
    options = {"labels": classes, "average": "macro", "zero_division": 0}
    assert scores.accuracy == pytest.approx(accuracy_score(labels, predictions))
    assert scores.uf1 == pytest.approx(f1_score(labels, predictions, **options))
    assert scores.uar == pytest.approx(recall_score(labels, predictions, **options))
    np.testing.assert_array_equal(
        scores.confusion, confusion_matrix(labels, predictions, labels=classes)
    )


def test_the_order_of_the_class_set_orders_the_arrays_and_changes_no_summary():
    rows = random_table(3)
    forward, backward = score(rows, CLASSES), score(rows, CLASSES[::-1])
    np.testing.assert_array_equal(forward.confusion, backward.confusion[::-1, ::-1])
    assert forward.uf1 == pytest.approx(backward.uf1)


@pytest.mark.parametrize("column", ["label", "prediction"])
def test_an_unknown_class_is_named(column):
    rows = table("a:nn b:pp")
    rows.loc[1, column] = "disgust"
    with pytest.raises(ValueError, match=rf"`{column}` holds 'disgust'"):
        score(rows, CLASSES)


def test_a_clip_that_is_scored_twice_is_named():
    rows = table("a:nn b:pp")
    with pytest.raises(ValueError, match=r"more than once.*'d/clip0'"):
        score(pd.concat([rows, rows.iloc[:1]]), CLASSES)


@pytest.mark.parametrize("classes", [[], ["a", "a"]])
def test_a_class_set_must_be_non_empty_and_without_repeats(classes):
    with pytest.raises(ValueError, match="`classes` must be"):
        score(table("a:nn"), classes)


def test_an_empty_table_is_refused():
    with pytest.raises(PredictionsError, match="no rows"):
        score(table("a:nn").iloc[:0], CLASSES)


def test_a_missing_column_is_named():
    with pytest.raises(PredictionsError, match="lack 'subject', 'label'"):
        score(table("a:nn").drop(columns=["subject", "label"]), CLASSES)


def test_several_seeds_are_not_pooled_silently():
    rows = pd.concat([random_table(0, run_seed=1), random_table(0, run_seed=2)])
    with pytest.raises(PredictionsError, match=r"seeds \[1, 2\]"):
        score(rows, CLASSES)


def test_mean_and_spread_over_seeds_are_those_of_each_seeds_scores():
    tables = [random_table(0, run_seed=seed) for seed in (1, 2, 3)]
    summary = score_seeds(pd.concat(tables), CLASSES)
    uf1 = [score(rows, CLASSES).uf1 for rows in tables]
    assert list(summary.by_seed) == [1, 2, 3]
    assert summary.mean["uf1"] == pytest.approx(np.mean(uf1))
    assert summary.spread["uf1"] == pytest.approx(np.std(uf1, ddof=1))
    assert summary.confusion.sum() == 300


def test_one_seed_has_no_spread():
    assert np.isnan(score_seeds(random_table(0), CLASSES).spread["uar"])


def test_a_seed_that_lacks_a_clip_is_named_with_the_clip():
    rows = pd.concat([random_table(0, run_seed=1), random_table(0, run_seed=2).iloc[1:]])
    with pytest.raises(PredictionsError, match=r"seed 2 predicts 99 of 100 clips.*'s00/0'"):
        score_seeds(rows, CLASSES)


def test_each_dataset_is_scored_over_its_own_clips():
    rows = pd.concat([table("s1:nn s1:pp s2:ss", "x"), table("s1:np s1:pp", "y")])
    scores = per_dataset(rows, CLASSES)
    assert list(scores) == ["x", "y"]
    assert scores["x"].mean["accuracy"] == 1.0
    assert scores["y"].mean["accuracy"] == 0.5
    assert scores["y"].by_seed[0].absent_classes == ("surprise",)


def test_subjects_of_two_datasets_with_one_name_stay_two_people():
    rows = pd.concat([table("s1:nn", "x"), table("s1:nn", "y")])
    assert score(rows, CLASSES).n_subjects == 2
    assert score(rows.assign(subject=rows["dataset"] + "/s1"), CLASSES).n_subjects == 2


def test_the_majority_baseline_has_the_share_of_the_largest_class_and_chance_recall():
    rows = pd.concat([table("a:np a:np b:np b:ps c:sn").assign(seed=seed) for seed in (0, 1)])
    baseline = majority_baseline(rows, CLASSES)
    assert baseline.accuracy == pytest.approx(3 / 5)
    assert baseline.uar == pytest.approx(1 / 3)


def test_scores_survive_json():
    scores = score(table("a:nn a:np b:pp"), CLASSES)
    restored = json.loads(json.dumps(scores.as_dict()))
    assert restored["uf1"] == pytest.approx(scores.uf1)
    assert restored["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert restored["absent_classes"] == ["surprise"]
    assert restored["per_class"]["negative"] == {
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "support": 2,
    }
