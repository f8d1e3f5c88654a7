"""Runs that predict action units: their figures, and what is said of them."""

import json

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import (
    paired_action_unit_test,
    score_action_units,
    summarise_action_units,
)
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.evaluation_sources import read_sources
from ma2mi_recipes.evaluation_stage import evaluate_runs
from ma2mi_recipes.report.action_units import compare_unit_runs, unit_baselines
from tests.recipes.report.page_reading import Page
from tests.recipes.report.run_folders import run_folder

UNITS = {"AU1": 0.3, "AU4": 0.5, "AU12": 0.2}


def answers(accuracy, subjects=12, clips=4):
    """Labels are the same for every accuracy."""
    count = subjects * clips
    table = pd.DataFrame({"clip_id": [f"c{row}" for row in range(count)]})
    table["dataset"] = ["casme2" if row < count // 2 else "samm" for row in range(count)]
    table["subject"] = [f"s{row // clips}" for row in range(count)]
    table["fold"], table["seed"] = table["subject"], 0
    for number, (name, share) in enumerate(UNITS.items()):
        labels = np.random.default_rng(number).random(count) < share
        generator = np.random.default_rng([number, int(1000 * accuracy)])
        right = generator.random(count) < accuracy
        table[f"label_{name}"] = labels.astype(int)
        table[f"prediction_{name}"] = np.where(right, labels, ~labels).astype(int)
    return table


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("units")
    paths = []
    for name, accuracy, select in (("good", 0.9, "last"), ("poor", 0.6, "peek")):
        paths.append(
            run_folder(
                folder / name,
                tables={"predictions.csv": answers(accuracy).assign(select=select)},
                classes=list(UNITS),
                action_units=True,
                select=select,
            )
        )
    evaluate_runs(paths)
    return paths


def test_the_page_shows_f1_of_each_unit_and_their_mean_with_intervals(runs):
    text = Page((runs[0] / "report.html").read_text(encoding="utf-8")).text
    for accuracy in (0.9, 0.6):
        pooled = summarise_action_units(answers(accuracy))["pooled"]
        for block in (pooled["mean_f1"], *pooled["per_unit"].values()):
            assert f"{block.get('value', block.get('f1')):.3f}" in text
            assert f"[{block['low']:.2f}, {block['high']:.2f}]" in text
    assert "3 action units" in text
    assert "poor (peeked)" in text
    assert "always every unit" in text


def test_metrics_hold_the_summary_and_whether_the_run_peeked(runs):
    good, poor = (json.loads((path / "metrics.json").read_text()) for path in runs)
    expected = json.loads(json.dumps(summarise_action_units(answers(0.9))))
    assert good["pooled"] == expected["pooled"]
    assert (good["peeked"], poor["peeked"]) == (False, True)
    assert list(good["baselines"]) == ["always every unit"]


def test_runs_are_compared_by_their_mean_f1(runs):
    tested = compare_unit_runs([source.run for source in read_sources(runs)])
    assert [(one.baseline, one.candidate) for one in tested] == [
        ("good", "poor (peeked)"),
        ("always every unit", "good"),
        ("always every unit", "poor (peeked)"),
    ]
    expected = paired_action_unit_test(answers(0.9), answers(0.6)).metrics["mean_f1"]
    assert tested[0].result.metrics["mean_f1"] == expected


def test_the_page_shows_the_mean_f1_at_moved_and_found_key_frames(tmp_path):
    shifts = {("apex", 0): 0.9, ("apex", 3): 0.7, ("found", 0): 0.8}
    table = pd.concat(
        answers(accuracy).assign(moved=moved, frames=by) for (moved, by), accuracy in shifts.items()
    )
    path = run_folder(
        tmp_path / "moved",
        tables={"predictions.csv": answers(0.9), "key_frames.csv": table},
        classes=list(UNITS),
        action_units=True,
    )
    section = evaluate_runs([path]).read_text(encoding="utf-8").split('id="key-frames"')[1]
    told = Page(section.split("</section>")[0]).text
    for accuracy in shifts.values():
        assert f"{score_action_units(answers(accuracy)).mean_f1:.3f}" in told
    assert "apex moved" in told and "found" in told
    assert "UF1" not in told and "Mean F1" in told


def test_baselines_of_two_runs_that_differ_say_whose_they_are(tmp_path):
    paths = []
    for name, accuracy in (("a", 0.55), ("b", 0.6)):
        units = {"classes": list(UNITS), "action_units": True}
        paths.append(run_folder(tmp_path / name, tables={"predictions.csv": answers(0.9)}, **units))
        tables = {"predictions.csv": answers(accuracy)}
        svm = paths[-1] / "baselines" / "linear_svm"
        run_folder(svm, tables=tables, model="linear_svm", **units)
    found = unit_baselines([source.run for source in read_sources(paths)])
    assert [one.name for one in found] == [
        "linear SVM, of a",
        "linear SVM, of b",
        "always every unit",
    ]


def test_a_table_of_anybody_is_scored(tmp_path):
    path = tmp_path / "theirs.csv"
    table = answers(0.8).drop(columns=["dataset", "fold", "seed"])
    table.assign(prediction_AU12=0, label_AU1=0).to_csv(path, index=False)
    text = Page(evaluate_runs([path]).read_text(encoding="utf-8")).text
    assert "theirs never answers AU12." in text
    assert "No clip shows AU1" in text
    assert (tmp_path / "theirs.metrics.json").is_file()


def test_classes_and_action_units_are_not_mixed(runs, tmp_path):
    with pytest.raises(InputError, match="evaluate them apart"):
        read_sources([runs[0], run_folder(tmp_path / "classes")])


def test_a_table_of_units_that_cannot_be_scored_is_one_line(tmp_path):
    answers(0.8).assign(prediction_AU4=2).to_csv(tmp_path / "theirs.csv", index=False)
    with pytest.raises(InputError, match=r"theirs\.csv.*`prediction_AU4` is '2'"):
        evaluate_runs([tmp_path / "theirs.csv"])
