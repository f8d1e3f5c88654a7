"""Scores as key frames are moved or found."""

import pandas as pd
import pytest

from keras_ma2mi.evaluation import bootstrap_over_subjects, score
from ma2mi_recipes.report.fold_plots import key_frame_plot
from ma2mi_recipes.report.key_frame_curves import key_frame_curves
from tests.recipes.report.made_up import CLASSES, key_frames, predictions, run


@pytest.fixture(scope="module")
def table():
    return key_frames(0.8, frames=(0, 4, 8))


def test_points_are_the_scores_of_the_predictions_behind_them(table):
    curves = key_frame_curves(run(key_frames=table))
    row = curves.curves["apex"].set_index("frames").loc[8]
    rows = predictions(0.8 - 8 * 0.03)
    assert row["uf1"] == pytest.approx(score(rows, CLASSES).uf1)
    low, high = bootstrap_over_subjects(rows, CLASSES, resamples=1000)["uf1"]
    assert (row["uf1_low"], row["uf1_high"]) == pytest.approx((low, high))
    assert curves.found["uar"] == pytest.approx(score(predictions(0.8 - 0.06), CLASSES).uar)
    assert curves.n_clips == 72


def test_what_is_not_moved_stands_in_every_curve_though_written_once(table):
    once = pd.concat([table[table["frames"] > 0], table[(table["frames"] == 0)].iloc[:72]])
    curves = key_frame_curves(run(key_frames=once)).curves
    assert all(curve["frames"].tolist() == [0, 4, 8] for curve in curves.values())
    assert curves["onset"]["accuracy"][0] == curves["both"]["accuracy"][0]


def test_found_key_frames_are_not_taken_for_annotated_ones(table):
    moved = table[(table["moved"] == "found") | (table["frames"] > 0)]
    assert key_frame_curves(run(key_frames=moved)).curves["apex"]["frames"].tolist() == [4, 8]


def test_the_picture_tells_its_figures_in_words(table):
    curves = key_frame_curves(run(key_frames=table))
    drawn = key_frame_plot("UF1", "uf1", curves, "x")
    last = curves.curves["both"]["uf1"].iloc[-1]
    assert f"both moved by 8 frames {last:.3f}" in drawn
    assert f"found instead of annotated {curves.found['uf1']:.3f}" in drawn


def test_a_run_without_moved_key_frames_has_no_curves():
    assert key_frame_curves(run()) is None
