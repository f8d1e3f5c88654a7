"""Reading and checking tables of predicted action units."""

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import (
    PredictionsError,
    check_action_unit_predictions,
    predicted_units,
    predicts_action_units,
    read_action_unit_predictions,
)
from tests.keras_ma2mi.evaluation.unit_tables import UNITS, random_units


def with_probabilities(rows: pd.DataFrame) -> pd.DataFrame:
    values = np.random.default_rng(0).random((len(rows), 3))
    return rows.assign(**{f"probability_AU{unit}": values[:, i] for i, unit in enumerate(UNITS)})


def test_a_written_table_comes_back_equal(tmp_path):
    rows = check_action_unit_predictions(with_probabilities(random_units(0)))
    rows.to_csv(tmp_path / "p.csv", index=False)
    pd.testing.assert_frame_equal(read_action_unit_predictions(tmp_path / "p.csv"), rows)


def test_a_plain_csv_of_anybodys_code_can_be_read(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("clip_id,subject,label_AU4,prediction_AU4\n001,07,1,0\n002,08,0.0,1\n")
    rows = read_action_unit_predictions(path)
    assert rows["subject"].tolist() == ["07", "08"]
    assert rows["label_AU4"].tolist() == [1, 0]
    assert rows["seed"].tolist() == [0, 0]


def test_units_asked_for_are_taken_in_their_order_and_others_left_out():
    rows = check_action_unit_predictions(with_probabilities(random_units(0)), (7, 4))
    assert list(rows.columns[5:]) == [
        *("label_AU7", "label_AU4", "prediction_AU7", "prediction_AU4"),
        *("probability_AU7", "probability_AU4"),
    ]
    assert predicted_units(random_units(0)) == UNITS


@pytest.mark.parametrize("units", [(), (4, 4)])
def test_units_given_must_be_different_and_some(units):
    with pytest.raises(ValueError, match="`units` must be a non-empty sequence of different"):
        check_action_unit_predictions(random_units(0), units)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("label_AU4", 2, r"row 1: `label_AU4` is '2', not 0 or 1 \(60 such rows\)"),
        ("prediction_AU7", "yes", r"row 1: `prediction_AU7` is 'yes', not 0 or 1"),
        ("prediction_AU7", None, "row 1: `prediction_AU7` is 'None', not 0 or 1"),
        ("prediction_AU7", 0.5, r"row 1: `prediction_AU7` is '0\.5', not 0 or 1"),
        ("subject", " ", "row 1: `subject` is empty"),
        ("seed", "one", "row 1: the seed 'one' is not a whole number"),
        ("clip_id", "same", "more than once with the same seed: 'same'"),
        ("probability_AU12", 1.5, "row 1: a probability is not a number between 0 and 1"),
        ("probability_AU12", np.nan, "row 1: a probability is not a number between 0 and 1"),
    ],
)
def test_rows_that_cannot_be_scored_say_which_and_why(column, value, message):
    rows = with_probabilities(random_units(0))
    check_action_unit_predictions(rows)
    with pytest.raises(PredictionsError, match=message):
        check_action_unit_predictions(rows.assign(**{column: value}))


def test_missing_columns_are_named():
    rows = with_probabilities(random_units(0))
    with pytest.raises(PredictionsError, match="lack the columns 'dataset', 'prediction_AU12'"):
        check_action_unit_predictions(rows.drop(columns=["dataset", "prediction_AU12"]))
    with pytest.raises(PredictionsError, match="lack the columns 'label_AU9', 'prediction_AU9'"):
        check_action_unit_predictions(rows, (4, 9))
    with pytest.raises(PredictionsError, match="lack 'probability_AU7'; give a probability for"):
        check_action_unit_predictions(rows.drop(columns="probability_AU7"))


def test_a_table_without_units_says_what_it_needs(tmp_path):
    path = tmp_path / "emotions.csv"
    path.write_text("clip_id,subject,label,prediction\na,b,c,d\n")
    with pytest.raises(PredictionsError, match=r"emotions.csv: no `label_AU<number>` columns"):
        read_action_unit_predictions(path)


def test_the_header_tells_units_from_classes(tmp_path):
    random_units(0).to_csv(tmp_path / "units.csv", index=False)
    (tmp_path / "classes.csv").write_text("clip_id,subject,label,prediction,label_audit\n")
    assert predicts_action_units(tmp_path / "units.csv")
    assert not predicts_action_units(tmp_path / "classes.csv")
    with pytest.raises(PredictionsError, match=r"none.csv: no such file"):
        predicts_action_units(tmp_path / "none.csv")


def test_seeds_that_disagree_about_the_truth_are_refused():
    one, two = random_units(0), random_units(0, run_seed=1)
    two.loc[3, "label_AU4"] = 1 - two.loc[3, "label_AU4"]
    with pytest.raises(PredictionsError, match="disagree about the labels of 1 clips: 'd/s03/3'"):
        check_action_unit_predictions(pd.concat([one, two]))


def test_seeds_over_different_clips_are_refused():
    both = pd.concat([random_units(0), random_units(0, run_seed=1)])
    with pytest.raises(PredictionsError, match="seed 1 predicts 59 of 60 clips"):
        check_action_unit_predictions(both[:-1])


def test_the_given_table_is_left_alone():
    rows = random_units(0).astype({"seed": str})
    before = rows.copy(deep=True)
    check_action_unit_predictions(rows)
    pd.testing.assert_frame_equal(rows, before)
