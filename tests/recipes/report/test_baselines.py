"""The simple models of a report, and whether a run beats them."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from keras_ma2mi.evaluation import holm_adjusted, majority_baseline, paired_permutation_test, score
from ma2mi_recipes.report import baselines_of, compare_all
from ma2mi_recipes.report.notices import collapsed_latents, notices_of
from ma2mi_recipes.report.page import render
from ma2mi_recipes.report.sections import summary_of
from tests.recipes.report.made_up import (
    CLASSES,
    baseline,
    fits,
    history,
    info,
    predictions,
    run,
)


def said(one, comparisons=()):
    return " ".join(notice.text for notice in notices_of([one], [summary_of(one)], comparisons))


def test_the_most_frequent_class_of_the_table_stands_in_where_no_folder_holds_a_majority():
    (majority,) = baselines_of([run(predictions=predictions(0.5, seeds=(0, 1)))])
    assert majority.name == "most frequent class of all clips"
    expected = majority_baseline(predictions(0.5), CLASSES)
    assert score(majority.predictions, CLASSES).metrics == pytest.approx(expected.metrics)


def test_baselines_of_two_runs_are_shown_once_and_the_majority_last():
    models = [baseline("majority", 0.0), baseline("linear_svm", 0.3)]
    found = baselines_of([run("a", 0.7, baselines=models), run("b", 0.6, baselines=models)])
    assert [one.name for one in found] == ["linear SVM", "majority of training clips"]
    assert all(one.is_baseline for one in found)


def test_what_counts_training_labels_and_what_counts_all_labels_are_told_apart():
    counted = run("of folds", 0.6, baselines=[baseline("majority", 0.0)])
    alone = run("of a table", predictions=predictions(0.6).iloc[:-1])
    page = render("Two majorities", [counted, alone])
    rows = re.findall(r">(majority|most frequent)[^<]*\s*<span[^>]*>baseline: ([^<]+)<", page)
    assert rows == [
        ("majority", "in each fold what most of its training clips show"),
        ("most frequent", "one answer, known only from the labels that it is scored on"),
    ]
    # Neither is set against a baseline itself.
    itself = baseline("majority", 0.0)
    assert compare_all([itself]) == []


def test_baselines_that_differ_say_whose_they_are():
    runs = [
        run("a", 0.7, baselines=[baseline("linear_svm", 0.3)]),
        run("b", 0.6, baselines=[baseline("linear_svm", 0.4)]),
    ]
    assert [one.name for one in baselines_of(runs)][:2] == ["linear SVM, of a", "linear SVM, of b"]


def test_a_run_is_tested_against_the_best_baseline_whatever_its_seeds():
    models = [baseline("linear_svm", 0.3), baseline("rbf_svm", 0.5)]
    rows = predictions(0.7, seeds=(0, 1))
    (tested,) = compare_all([run("a", predictions=rows, baselines=models)])
    assert tested.with_baseline
    assert tested.baseline == "RBF SVM"
    both = [predictions(0.5).assign(seed=seed) for seed in (0, 1)]
    expected = paired_permutation_test(pd.concat(both), rows, CLASSES)
    assert tested.result.metrics["uf1"] == expected.metrics["uf1"]


def test_several_tests_are_corrected_together():
    tested = compare_all([run("a", 0.75), run("b", 0.5)])
    assert len(tested) == 3
    raw = [one.result.metrics["uar"].p_value for one in tested]
    assert [one.adjusted["uar"] for one in tested] == holm_adjusted(raw)
    assert compare_all([run("alone")])[0].adjusted == {}


def test_a_run_that_beats_no_baseline_is_told_so():
    weak = run("weak", 0.42, baselines=[baseline("rbf_svm", 0.4)])
    assert "weak is not shown to be better than" in said(weak, compare_all([weak])) or (
        "weak is no better than" in said(weak, compare_all([weak]))
    )
    strong = run("strong", 0.9, baselines=[baseline("rbf_svm", 0.2)])
    assert "better than" not in said(strong, compare_all([strong]))


def test_over_fitting_is_said_where_the_training_clips_are_known_by_heart():
    assert "it over-fits" in said(run("ma2mi", fits=fits(0.99, 0.4)))
    assert "over-fits" not in said(run(fits=fits(0.99, 0.97)))
    assert "over-fits" not in said(run(fits=fits(0.6, 0.4)))


def test_trainings_that_never_learnt_are_counted():
    curves = history(1.5, folds=3)
    rising = curves["fold"] == "sub01"
    curves.loc[rising, "loss"] = curves.loc[rising, "epoch"].astype(float)
    assert "in 1 training of 3 the loss never fell" in said(run(history=curves))
    curves.loc[curves["fold"] == "sub02", "loss"] = float("nan")
    assert "in 1 training the loss became not-a-number" in said(run(history=curves))
    assert "loss" not in said(run())


def test_a_protocol_that_is_not_complete_is_named_with_the_reason():
    published = {"name": "megc2019", "complete": False, "problems": ["3 clips are missing"]}
    text = said(run(info=info(published_protocol=published)))
    assert re.search(r"protocol megc2019 in part \(3 clips are missing\)", text)
    whole = {**published, "complete": True, "problems": []}
    assert "in part" not in said(run(info=info(published_protocol=whole)))


def test_a_run_whose_table_says_peek_has_peeked_whatever_its_folder_says():
    rows = predictions(0.6).assign(select="peek")
    assert run(predictions=rows).peeked
    assert not replace(run(), predictions=rows.assign(select="last")).peeked


def test_a_pre_training_that_collapsed_or_copies_is_told_so():
    curves = pd.DataFrame(
        {"epoch": [1, 2, 3], "latent_variance": [1.0, 0.5, 0.4], "motion_gain": [1.0, 1.1, 1.3]}
    )
    sound = replace(run("pretrained"), predictions=None, history=curves)
    assert collapsed_latents(sound) == []
    flat = replace(sound, history=curves.assign(latent_variance=[1.0, 0.1, 0.001]))
    assert "latent variance fell to 0.001 from 1: collapse" in collapsed_latents(flat)[0].text
    copies = replace(sound, history=curves.assign(motion_gain=1.0))
    assert "the frame is copied" in collapsed_latents(copies)[0].text
    assert collapsed_latents(run()) == []
