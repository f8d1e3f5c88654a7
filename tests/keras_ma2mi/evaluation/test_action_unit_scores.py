"""F1 of action units against scikit-learn and by hand."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, precision_recall_fscore_support

from keras_ma2mi.evaluation import (
    PredictionsError,
    always_present_baseline,
    per_dataset_action_units,
    score_action_unit_seeds,
    score_action_units,
    summarise_action_units,
)
from tests.keras_ma2mi.evaluation.unit_tables import UNITS, random_units, unit_table

ANSWERS = st.integers(1, 25).flatmap(
    lambda clips: st.tuples(
        *[arrays(np.int64, (clips, 3), elements=st.integers(0, 1)) for _ in range(2)]
    )
)


@settings(deadline=None, max_examples=30)
@given(ANSWERS)
def test_scores_equal_scikit_learn_with_any_units_absent(both):
    truth, answers = both
    scores = score_action_units(unit_table(truth, answers))
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, answers, average=None, zero_division=0
    )
    np.testing.assert_allclose(scores.precision, precision, atol=1e-12)
    np.testing.assert_allclose(scores.recall, recall, atol=1e-12)
    np.testing.assert_allclose(scores.f1, f1, atol=1e-12)
    assert math.isclose(scores.mean_f1, f1.mean(), abs_tol=1e-12)
    assert scores.support.tolist() == truth.sum(axis=0).tolist()
    assert scores.predicted.tolist() == answers.sum(axis=0).tolist()
    assert scores.absent_units == tuple(np.array(UNITS)[truth.sum(axis=0) == 0])


def test_scores_of_a_small_table_by_hand():
    truth = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 0, 0]])
    answers = np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0]])
    scores = score_action_units(unit_table(truth, answers))
    # AU4: TP 2, FP 1, FN 1. AU12: TP 0. AU7: never shown, never predicted.
    np.testing.assert_allclose(scores.f1, [2 / 3, 0, 0])
    assert scores.absent_units == (7,)
    assert math.isclose(scores.mean_f1, 2 / 9)
    assert math.isclose(scores.mean_f1_shown, 1 / 3)
    assert (scores.n_clips, scores.n_subjects) == (4, 4)


def test_a_table_that_shows_no_unit_has_no_mean_over_the_shown():
    nothing = np.zeros((4, 3), int)
    scores = score_action_units(unit_table(nothing, nothing))
    assert scores.mean_f1 == 0 and math.isnan(scores.mean_f1_shown)


def test_mean_f1_is_the_macro_average_of_scikit_learn():
    table = random_units(8)
    truth, answers = (
        table[[f"{what}_AU{unit}" for unit in UNITS]] for what in ("label", "prediction")
    )
    expected = f1_score(truth.to_numpy(), answers.to_numpy(), average="macro")
    assert math.isclose(score_action_units(table).mean_f1, expected)


def test_folds_are_pooled_and_never_averaged():
    table = random_units(3)
    shuffled = table.sample(frac=1, random_state=0).assign(fold="one")
    assert score_action_units(shuffled).metrics == score_action_units(table).metrics
    per_subject = [score_action_units(one).mean_f1 for _, one in table.groupby("subject")]
    assert not math.isclose(np.mean(per_subject), score_action_units(table).mean_f1)


def test_seeds_have_a_mean_and_a_spread():
    tables = [random_units(1, run_seed=seed) for seed in range(3)]
    scores = score_action_unit_seeds(pd.concat(tables))
    values = [score_action_units(one).mean_f1 for one in tables]
    assert list(scores.by_seed) == [0, 1, 2]
    assert math.isclose(scores.mean["mean_f1"], np.mean(values))
    assert math.isclose(scores.spread["mean_f1"], np.std(values, ddof=1))
    assert math.isnan(score_action_unit_seeds(tables[0]).spread["mean_f1"])
    with pytest.raises(PredictionsError, match=r"holds the seeds \[0, 1, 2\]; score one seed"):
        score_action_units(pd.concat(tables))


def test_each_dataset_is_scored_over_the_same_units():
    one = unit_table(np.array([[1, 0, 0]] * 4), np.array([[1, 0, 0]] * 4), dataset="x")
    two = unit_table(np.array([[0, 1, 1]] * 4), np.array([[0, 1, 0]] * 4), dataset="y")
    found = per_dataset_action_units(pd.concat([one, two]))
    assert {name: scores.mean["mean_f1"] for name, scores in found.items()} == {
        "x": pytest.approx(1 / 3),
        "y": pytest.approx(1 / 3),
    }
    assert found["x"].by_seed[0].absent_units == (12, 7)
    assert found["x"].mean["mean_f1_shown"] == 1.0
    with pytest.raises(PredictionsError, match="lack the column 'dataset'"):
        per_dataset_action_units(one.drop(columns="dataset"))


def test_answering_present_always_has_the_f1_that_the_frequency_gives():
    tables = [random_units(5, run_seed=seed) for seed in range(2)]
    truth = tables[0][[f"label_AU{unit}" for unit in UNITS]].to_numpy()
    frequency = truth.mean(axis=0)
    baseline = always_present_baseline(pd.concat(tables))
    np.testing.assert_allclose(baseline.f1, 2 * frequency / (1 + frequency))
    assert baseline.n_clips == 60


def test_the_summary_is_json_and_its_figures_are_those_of_the_scores():
    both = pd.concat(
        [random_units(2, run_seed=0), random_units(2, run_seed=1)],
    )
    other = both.assign(dataset="e", clip_id="e/" + both["clip_id"])
    both = pd.concat([both, other])
    found = summarise_action_units(both, resamples=50)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    scores = score_action_unit_seeds(both)
    assert found["units"] == ["AU4", "AU12", "AU7"]
    assert found["pooled"]["mean_f1"]["value"] == scores.mean["mean_f1"]
    assert found["pooled"]["per_unit"]["AU12"]["f1"] == pytest.approx(
        np.mean([one.f1[1] for one in scores.by_seed.values()])
    )
    # The two datasets hold the same answers.
    for name in ("d", "e"):
        assert found["per_dataset"][name]["mean_f1"] == found["per_dataset"]["d"]["mean_f1"]
    assert found["mean_over_datasets"] == found["per_dataset"]["d"]["mean_f1"]["value"]
    assert found["pooled"]["n_clips"] == 120


def test_what_cannot_be_known_is_none_in_the_summary():
    nothing = np.zeros((3, 3), int)
    block = summarise_action_units(unit_table(nothing, nothing, subjects=1))["pooled"]
    assert block["mean_f1"] == {"value": 0.0, "low": None, "high": None, "spread": None}
    assert block["mean_f1_shown"] == {"value": None, "spread": None}
    assert block["absent_units"] == ["AU4", "AU12", "AU7"]
