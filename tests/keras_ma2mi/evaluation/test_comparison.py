"""Paired permutation test between runs."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from keras_ma2mi.evaluation import PredictionsError, paired_permutation_test, score
from tests.keras_ma2mi.evaluation.tables import CLASSES, random_table, table


def naive_p_value(a: pd.DataFrame, b: pd.DataFrame) -> float:
    def uf1(rows: pd.DataFrame) -> float:
        return f1_score(
            rows["label"], rows["prediction"], labels=CLASSES, average="macro", zero_division=0
        )

    subjects = sorted(a["subject"].unique())
    observed, extreme, total = abs(uf1(b) - uf1(a)), 0, 0
    for choice in itertools.product([False, True], repeat=len(subjects)):
        swapped = a["subject"].map(dict(zip(subjects, choice, strict=True))).to_numpy()
        swapped_a = a.assign(prediction=np.where(swapped, b["prediction"], a["prediction"]))
        swapped_b = b.assign(prediction=np.where(swapped, a["prediction"], b["prediction"]))
        extreme += abs(uf1(swapped_b) - uf1(swapped_a)) >= observed - 1e-12
        total += 1
    return extreme / total


def test_exact_p_value_equals_enumerating_every_exchange():
    a = random_table(0, subjects=6, clips=4, accuracy=0.2)
    b = random_table(0, subjects=6, clips=4, accuracy=0.8)
    result = paired_permutation_test(a, b, CLASSES)
    assert result.exact
    assert result.metrics["uf1"].p_value == pytest.approx(naive_p_value(a, b))


def test_differences_are_those_of_the_scores():
    a, b = random_table(4, accuracy=0.3), random_table(4, accuracy=0.6)
    result = paired_permutation_test(a, b, CLASSES)
    for metric, difference in result.metrics.items():
        assert difference.a == pytest.approx(score(a, CLASSES).metrics[metric])
        assert difference.b == pytest.approx(score(b, CLASSES).metrics[metric])
        assert difference.difference == pytest.approx(difference.b - difference.a)
        assert difference.low < difference.difference < difference.high


def test_a_run_does_not_differ_from_itself():
    rows = random_table(0)
    result = paired_permutation_test(rows, rows.sample(frac=1, random_state=1), CLASSES)
    assert {d.p_value for d in result.metrics.values()} == {1.0}
    assert {d.difference for d in result.metrics.values()} == {0.0}
    assert result.n_differing_subjects == 0


def test_the_test_is_symmetric():
    a, b = random_table(2, accuracy=0.3), random_table(2, accuracy=0.6)
    forward, backward = (
        paired_permutation_test(a, b, CLASSES).metrics["uar"],
        paired_permutation_test(b, a, CLASSES).metrics["uar"],
    )
    assert forward.p_value == backward.p_value
    assert forward.difference == -backward.difference


def test_few_subjects_are_enumerated_and_many_are_sampled():
    few = [random_table(0, subjects=5, accuracy=value) for value in (0.2, 0.8)]
    many = [random_table(0, subjects=30, accuracy=value) for value in (0.2, 0.8)]
    enumerated = paired_permutation_test(*few, CLASSES)
    sampled = paired_permutation_test(*many, CLASSES)
    assert (enumerated.exact, enumerated.permutations) == (True, 32)
    assert (sampled.exact, sampled.permutations) == (False, 10_000)
    assert sampled.metrics["accuracy"].p_value == pytest.approx(1 / 10_001)


def test_sampled_and_exact_p_values_agree():
    a, b = random_table(6, subjects=10, accuracy=0.4), random_table(6, subjects=10, accuracy=0.6)
    exact = paired_permutation_test(a, b, CLASSES)
    sampled = paired_permutation_test(a, b, CLASSES, permutations=1000)
    assert exact.exact and not sampled.exact
    for metric, difference in exact.metrics.items():
        assert sampled.metrics[metric].p_value == pytest.approx(difference.p_value, abs=0.05)


def test_equal_runs_are_called_different_about_as_often_as_the_level_says():
    p_values = [
        paired_permutation_test(
            random_table(seed, subjects=10, run_seed=0),
            random_table(seed, subjects=10, run_seed=1),
            CLASSES,
            permutations=1024,
            resamples=1,
        )
        .metrics["accuracy"]
        .p_value
        for seed in range(300)
    ]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.08
    assert np.mean(np.array(p_values) <= 0.5) >= 0.35


def test_clips_of_only_one_run_are_named():
    rows = table("a:nn b:pp c:ss")
    with pytest.raises(PredictionsError, match=r"1 only in the first run: 'd/clip2'"):
        paired_permutation_test(rows, rows.iloc[:2], CLASSES)
    with pytest.raises(PredictionsError, match=r"1 only in the second run: 'd/clip2'"):
        paired_permutation_test(rows.iloc[:2], rows, CLASSES)


@pytest.mark.parametrize(("column", "value"), [("label", "positive"), ("subject", "z")])
def test_clips_that_differ_in_label_or_subject_are_named(column, value):
    rows, changed = table("a:nn b:pp"), table("a:nn b:pp")
    changed.loc[0, column] = value
    with pytest.raises(PredictionsError, match=rf"disagree about the {column} .*'d/clip0'"):
        paired_permutation_test(rows, changed, CLASSES)


def test_runs_of_different_numbers_of_seeds_are_not_compared():
    one = random_table(0)
    two = pd.concat([random_table(0, run_seed=seed) for seed in (0, 1)])
    with pytest.raises(PredictionsError, match=r"numbers of seeds \(1 and 2\)"):
        paired_permutation_test(one, two, CLASSES)


def test_several_seeds_are_exchanged_together():
    a = pd.concat([random_table(0, subjects=6, accuracy=0.3, run_seed=s) for s in (0, 1)])
    b = pd.concat([random_table(0, subjects=6, accuracy=0.7, run_seed=s) for s in (0, 1)])
    result = paired_permutation_test(a, b, CLASSES)
    assert result.permutations == 64
    assert result.metrics["accuracy"].difference == pytest.approx(
        (b["label"] == b["prediction"]).mean() - (a["label"] == a["prediction"]).mean()
    )


def test_a_comparison_becomes_plain_values():
    result = paired_permutation_test(table("a:nn b:pn"), table("a:nn b:pp"), CLASSES).as_dict()
    assert result["metrics"]["accuracy"]["difference"] == 0.5
    assert result["n_subjects"] == 2
