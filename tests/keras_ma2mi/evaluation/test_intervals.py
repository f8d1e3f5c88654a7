"""Bootstrap over subjects."""

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import bootstrap_over_subjects, score
from tests.keras_ma2mi.evaluation.tables import CLASSES, random_table, table


def naive_bootstrap_accuracy(rows: pd.DataFrame, resamples: int) -> tuple[float, float]:
    generator = np.random.default_rng(1)
    groups = [group for _, group in rows.groupby("subject")]
    values = []
    for _ in range(resamples):
        drawn = pd.concat([groups[i] for i in generator.integers(0, len(groups), len(groups))])
        values.append((drawn["label"] == drawn["prediction"]).mean())
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def test_interval_agrees_with_drawing_whole_subjects_one_by_one():
    rows = random_table(5, subjects=12, clips=6)
    ours = bootstrap_over_subjects(rows, CLASSES, resamples=4000)["accuracy"]
    np.testing.assert_allclose(ours, naive_bootstrap_accuracy(rows, 400), atol=0.03)


def test_interval_holds_the_score_and_lies_between_zero_and_one():
    rows = random_table(1)
    scores = score(rows, CLASSES)
    for metric, (low, high) in bootstrap_over_subjects(rows, CLASSES).items():
        assert 0 <= low < scores.metrics[metric] < high <= 1


def test_interval_covers_the_truth_about_as_often_as_it_says():
    # Accuracy of the generator: 0.5 copied + 0.5 guessed among three classes.
    truth, hits = 0.5 + 0.5 / 3, 0
    for seed in range(200):
        low, high = bootstrap_over_subjects(random_table(seed), CLASSES, resamples=400)["accuracy"]
        hits += low <= truth <= high
    assert 0.87 <= hits / 200 <= 0.99


def test_subjects_and_not_clips_decide_the_width():
    # Ten people whose clips all succeed or all fail: 100 clips carry the evidence of 10.
    rows = random_table(2, subjects=10, clips=10)
    wrong = rows["label"].map(
        {"negative": "positive", "positive": "surprise", "surprise": "negative"}
    )
    clustered = rows.assign(
        prediction=rows["label"].where(rows["subject"].isin([f"s{n:02d}" for n in range(5)]), wrong)
    )
    spread_out = rows.assign(prediction=rows["label"].where(rows.index % 2 == 0, wrong))
    wide = bootstrap_over_subjects(clustered, CLASSES)["accuracy"]
    narrow = bootstrap_over_subjects(spread_out, CLASSES)["accuracy"]
    assert wide[1] - wide[0] > 0.4
    assert narrow[1] - narrow[0] < 0.1


def test_the_seed_fixes_the_interval():
    rows = random_table(1)
    first = bootstrap_over_subjects(rows, CLASSES, seed=7)
    assert first == bootstrap_over_subjects(rows, CLASSES, seed=7)
    assert first != bootstrap_over_subjects(rows, CLASSES, seed=8)


def test_perfect_predictions_stay_perfect_in_resamples_that_miss_a_class():
    # Each person shows one class, so most resamples miss one; that is no mistake of the model.
    intervals = bootstrap_over_subjects(table("a:nn b:pp c:ss"), CLASSES)
    assert intervals == {"accuracy": (1.0, 1.0), "uf1": (1.0, 1.0), "uar": (1.0, 1.0)}


def test_a_class_that_the_data_lacks_counts_zero_in_every_resample():
    perfect = table("a:nn a:pp b:nn b:pp")
    assert bootstrap_over_subjects(perfect, CLASSES)["uar"] == pytest.approx((2 / 3, 2 / 3))
    # A resample of only `a` leaves out positive, which it missed, but not surprise: (1 + 0) / 2.
    one_class_each = table("a:nn b:pp")
    assert bootstrap_over_subjects(one_class_each, CLASSES)["uar"] == pytest.approx((1 / 2, 2 / 3))


def test_one_subject_gives_no_interval():
    assert all(np.isnan(bootstrap_over_subjects(table("a:nn a:pn"), CLASSES)["uf1"]))


def test_interval_of_several_seeds_is_of_their_mean():
    twice = pd.concat([random_table(1, run_seed=0), random_table(1, run_seed=0).assign(seed=1)])
    assert bootstrap_over_subjects(twice, CLASSES) == bootstrap_over_subjects(
        random_table(1, run_seed=0), CLASSES
    )


def test_an_interval_over_seeds_too_tells_how_far_seeds_are_apart():
    rows = random_table(4, subjects=40, clips=10)
    wrong = rows["label"].map(
        {"negative": "positive", "positive": "surprise", "surprise": "negative"}
    )
    # Everybody fares alike, so that people tell nothing: one seed is always right, one never.
    right = rows.assign(prediction=rows["label"], seed=0)
    two = pd.concat([right, rows.assign(prediction=wrong, seed=1)])
    assert bootstrap_over_subjects(two, CLASSES)["accuracy"] == (0.5, 0.5)
    assert bootstrap_over_subjects(two, CLASSES, over_seeds=True)["accuracy"] == (0.0, 1.0)
    # Of a single seed there is nothing to draw.
    alone = random_table(5).assign(seed=3)
    assert bootstrap_over_subjects(alone, CLASSES, over_seeds=True) == bootstrap_over_subjects(
        alone, CLASSES
    )


@pytest.mark.parametrize("options", [{"resamples": 0}, {"level": 1.0}, {"level": 0.0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError, match="Received"):
        bootstrap_over_subjects(table("a:nn b:pp"), CLASSES, **options)
