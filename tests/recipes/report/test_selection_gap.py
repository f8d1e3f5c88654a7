"""How much the choice of the epoch adds, as the report tells it."""

import pytest

from keras_ma2mi.evaluation import paired_permutation_test
from ma2mi_recipes.report.selection_gap import selection_gaps
from tests.recipes.report.made_up import CLASSES, info, predictions, run


def peeked(name="literature", accuracy=0.8, **changes):
    return run(name, accuracy, info=info(select="peek"), **changes)


def test_a_run_that_peeked_is_set_against_the_last_epoch_of_its_own_trainings():
    (gap,) = selection_gaps([peeked(last_predictions=predictions(0.5))])
    expected = paired_permutation_test(predictions(0.5), predictions(0.8), CLASSES)
    assert gap.comparison.result.metrics["uf1"] == expected.metrics["uf1"]
    assert gap.same_trainings
    assert gap.comparison.candidate == "literature (peeked)"
    assert gap.comparison.baseline == "literature, last epoch"
    assert f"+{expected.metrics['uf1'].difference:.3f} UF1" in gap.sentence
    assert "very same trainings" in gap.sentence


def test_a_gap_that_chance_could_make_is_not_sold_as_one():
    (gap,) = selection_gaps([peeked(last_predictions=predictions(0.72))])
    assert gap.comparison.result.metrics["uf1"].p_value > 0.05
    assert "could be chance" in gap.sentence


def test_two_runs_that_differ_in_selection_alone_are_set_against_each_other():
    (gap,) = selection_gaps([peeked(), run("honest", 0.5)])
    assert (gap.comparison.baseline, gap.comparison.candidate) == ("honest", "literature (peeked)")
    assert not gap.same_trainings
    assert "different trainings" in gap.sentence


def test_runs_that_differ_in_more_are_not_taken_for_a_gap():
    other = run("honest", 0.5, info=info(options={"motion": "both", "epochs": 30}))
    (gap,) = selection_gaps([other, peeked()])
    assert "motion" in gap.also_differ
    assert "says nothing of the choice alone" in gap.sentence
    assert "adds" not in gap.sentence


@pytest.mark.parametrize("selects", [("last", "last"), ("peek", "peek"), ("last", None)])
def test_without_two_selections_there_is_no_gap(selects):
    runs = [run(str(number), info=info(select=select)) for number, select in enumerate(selects)]
    assert selection_gaps(runs) == []
