"""Intervals and paired tests of predicted action units."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import (
    PredictionsError,
    bootstrap_action_units,
    paired_action_unit_test,
    score_action_units,
)
from tests.keras_ma2mi.evaluation.unit_tables import random_units, unit_table


def test_intervals_hold_the_value_and_the_same_seed_gives_the_same():
    table = random_units(0)
    found = bootstrap_action_units(table, resamples=300, seed=3)
    assert found == bootstrap_action_units(table, resamples=300, seed=3)
    scores = score_action_units(table)
    low, high = found["mean_f1"]
    assert low < scores.mean_f1 < high
    for name, f1 in zip(("AU4", "AU12", "AU7"), scores.f1, strict=True):
        assert found[name][0] <= f1 <= found[name][1]


def test_intervals_draw_people_and_not_clips():
    # Every clip six times: more clips, and no more people.
    table = random_units(0)
    copies = [table.assign(clip_id=table["clip_id"] + f"-{n}") for n in range(6)]
    once = bootstrap_action_units(table, resamples=300)
    six_times = bootstrap_action_units(pd.concat(copies), resamples=300)
    for name, ends in once.items():
        assert six_times[name] == pytest.approx(ends)


def test_an_absent_unit_has_no_interval_and_a_rare_one_only_of_the_resamples_that_draw_it():
    truth = np.zeros((40, 3), int)
    truth[::2, 0] = 1
    truth[3, 1] = 1
    found = bootstrap_action_units(unit_table(truth, truth, subjects=8), resamples=300)
    assert found["AU4"] == found["AU12"] == (1.0, 1.0)
    assert all(map(math.isnan, found["AU7"]))
    # AU7 is shown by nobody and counts 0; AU12 is left out where nobody who shows it is drawn.
    assert found["mean_f1"] == pytest.approx((1 / 2, 2 / 3))


def test_one_subject_has_no_interval():
    found = bootstrap_action_units(random_units(0, subjects=1), resamples=10)
    assert all(math.isnan(end) for ends in found.values() for end in ends)


def test_bad_resampling_is_refused():
    with pytest.raises(ValueError, match="`resamples` must be positive"):
        bootstrap_action_units(random_units(0), resamples=0)
    with pytest.raises(ValueError, match="`permutations` must be positive"):
        paired_action_unit_test(random_units(0), random_units(0), permutations=0)


def test_the_exact_p_value_equals_enumerating_every_exchange():
    a = random_units(4, clips=12, subjects=4, accuracy=0.5)
    b = random_units(4, clips=12, subjects=4, accuracy=0.9)
    found = paired_action_unit_test(a, b)
    observed = score_action_units(b).mean_f1 - score_action_units(a).mean_f1
    differences = []
    for swapped in itertools.product([False, True], repeat=4):
        chosen = a["subject"].isin([f"s{n:02d}" for n, one in enumerate(swapped) if one])
        answers = [name for name in a if name.startswith("prediction_")]
        one, two = a.copy(), b.copy()
        one.loc[chosen, answers] = b.loc[chosen, answers]
        two.loc[chosen, answers] = a.loc[chosen, answers]
        differences.append(score_action_units(two).mean_f1 - score_action_units(one).mean_f1)
    expected = np.mean(np.abs(differences) >= abs(observed) - 1e-12)
    assert found.exact and found.permutations == 2**found.n_differing_subjects
    assert found.metrics["mean_f1"].p_value == pytest.approx(expected)
    assert found.metrics["mean_f1"].difference == pytest.approx(observed)
    assert list(found.metrics) == ["mean_f1"]


def test_a_run_compared_with_itself_does_not_differ():
    table = pd.concat([random_units(0, run_seed=seed) for seed in range(2)])
    found = paired_action_unit_test(table, table)
    assert found.n_differing_subjects == 0
    assert found.metrics["mean_f1"].p_value == 1.0
    assert found.metrics["mean_f1"].difference == 0.0


def test_a_clearly_better_run_is_found_and_the_interval_excludes_zero():
    a, b = (random_units(1, clips=240, subjects=24, accuracy=p) for p in (0.6, 0.95))
    found = paired_action_unit_test(a, b, permutations=2000, resamples=500)
    assert found.metrics["mean_f1"].p_value < 0.01
    assert found.metrics["mean_f1"].low > 0
    assert (found.n_clips, found.n_subjects) == (240, 24)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t[1:], r"1 only in the first run: 'd/s00/0'"),
        (lambda t: t.assign(label_AU4=1), "disagree about the label_AU4 of"),
        (lambda t: t.assign(subject="x"), "disagree about the subject of"),
        (lambda t: pd.concat([t, t.assign(seed=1)]), r"numbers of seeds \(1 and 2\)"),
    ],
)
def test_runs_that_cannot_be_compared_say_why(change, message):
    table = random_units(0)
    with pytest.raises(PredictionsError, match=message):
        paired_action_unit_test(table, change(table))
