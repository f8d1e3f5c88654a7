"""The curve of scores over the distance of key frames from their annotation."""

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import (
    PredictionsError,
    action_unit_key_frame_curve,
    bootstrap_over_subjects,
    key_frame_curve,
    score_seeds,
)
from tests.keras_ma2mi.evaluation.tables import CLASSES, random_table, table


def moved(rows: pd.DataFrame, how: str, frames: int, **columns: object) -> pd.DataFrame:
    return rows.assign(moved=how, frames=frames, **columns)


def two_seeds(accuracy: float) -> pd.DataFrame:
    return pd.concat([random_table(3, accuracy=accuracy, run_seed=seed) for seed in (0, 1)])


def test_each_point_is_the_score_of_its_group_with_the_usual_interval():
    groups = {
        ("apex", 0): two_seeds(0.8),
        ("apex", 10): two_seeds(0.3),
        ("found", 0): two_seeds(0.5),
    }
    whole = pd.concat([moved(rows, *group) for group, rows in groups.items()])
    curve = key_frame_curve(whole.sample(frac=1, random_state=0), CLASSES)
    assert list(zip(curve["moved"], curve["frames"], strict=True)) == list(groups)
    for (_, point), rows in zip(curve.iterrows(), groups.values(), strict=True):
        intervals = bootstrap_over_subjects(rows, CLASSES)
        for metric, value in score_seeds(rows, CLASSES).mean.items():
            assert point[metric] == pytest.approx(value)
            np.testing.assert_allclose(
                point[[f"{metric}_low", f"{metric}_high"]].astype(float), intervals[metric]
            )


def test_change_is_measured_against_the_annotated_key_frames_over_the_same_subjects():
    right, wrong = table("s1:nn s1:pp s2:nn s2:pp"), table("s1:nn s1:pn s2:nn s2:pn")
    curve = key_frame_curve(
        pd.concat([moved(right, "onset", 0), moved(right, "onset", 1), moved(wrong, "onset", 9)]),
        CLASSES[:2],
    ).set_index("frames")
    assert curve.loc[1, "accuracy_change"] == curve.loc[1, "accuracy_change_low"] == 0
    # Every subject loses half of its clips, so every resample does.
    for name in ("accuracy_change", "accuracy_change_low", "accuracy_change_high"):
        assert curve.loc[9, name] == pytest.approx(-0.5)


def test_without_annotated_predictions_there_is_no_change():
    curve = key_frame_curve(moved(random_table(1), "found", 0), CLASSES)
    assert curve["uf1"].notna().all()
    assert curve[["uf1_change", "uf1_change_low"]].isna().all(axis=None)


def test_one_subject_has_no_interval():
    curve = key_frame_curve(moved(table("s1:nn s1:pp"), "apex", 0), CLASSES)
    assert curve.loc[0, "accuracy"] == 1
    assert curve[["accuracy_low", "accuracy_change_high"]].isna().all(axis=None)


def test_errors_of_the_key_frames_are_medians_of_their_size():
    rows = table("s1:nn s2:pp s2:ss")
    rows = moved(rows, "found", 0, onset_error=[-4, 2, 0], apex_error=[1, -1, 9])
    rows["at_border"] = [True, False, False]
    point = key_frame_curve(rows, CLASSES).iloc[0]
    assert (point["onset_error"], point["apex_error"]) == (2, 1)
    assert point["at_border"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="moved"), "lacks `moved`"),
        (lambda rows: rows.assign(moved="nose"), "'nose'"),
        (lambda rows: rows.assign(frames=-1), "whole numbers"),
        (lambda rows: rows.assign(frames="x"), "whole numbers"),
        (lambda rows: rows.iloc[:-1], "other clips"),
        (lambda rows: pd.concat([rows, rows.iloc[:1]]), "more than once"),
        (lambda rows: rows.iloc[:0], "no rows"),
    ],
)
def test_a_table_that_is_no_curve_is_refused(change, message):
    rows = random_table(2, subjects=3)
    whole = pd.concat([moved(rows, "apex", 0), moved(rows, "apex", 3)], ignore_index=True)
    with pytest.raises(PredictionsError, match=message):
        key_frame_curve(change(whole), CLASSES)


def test_action_units_have_a_curve_of_their_mean_f1():
    rows = pd.DataFrame(
        {
            "clip_id": ["a", "b", "c"],
            "subject": ["s1", "s1", "s2"],
            "label_AU4": [1, 0, 1],
            "prediction_AU4": [1, 0, 1],
            "label_AU12": [0, 1, 1],
            "prediction_AU12": [0, 1, 1],
        }
    )
    worse = rows.assign(prediction_AU12=[1, 0, 0])
    curve = action_unit_key_frame_curve(
        pd.concat([moved(rows, "apex", 0), moved(worse, "apex", 4)]), [4, 12]
    )
    assert curve["mean_f1"].tolist() == [1.0, 0.5]
    assert curve["mean_f1_change"].tolist() == [0.0, -0.5]
    assert curve.loc[1, "mean_f1_change_high"] == -0.5
