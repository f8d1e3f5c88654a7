"""Reading and checking tables of predictions."""

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import (
    PREDICTION_COLUMNS,
    PredictionsError,
    check_predictions,
    probability_classes,
    read_predictions,
    score,
)
from tests.keras_ma2mi.evaluation.tables import CLASSES, random_table, table


def with_probabilities(rows: pd.DataFrame) -> pd.DataFrame:
    values = np.random.default_rng(0).dirichlet(np.ones(3), len(rows))
    return rows.assign(**{f"probability_{name}": values[:, i] for i, name in enumerate(CLASSES)})


def test_a_written_table_comes_back_equal(tmp_path):
    rows = check_predictions(with_probabilities(random_table(0)), CLASSES)
    rows.to_csv(tmp_path / "predictions.csv", index=False)
    pd.testing.assert_frame_equal(read_predictions(tmp_path / "predictions.csv"), rows)
    pd.testing.assert_frame_equal(read_predictions(tmp_path / "predictions.csv", CLASSES), rows)


def test_a_plain_csv_of_anybodys_code_can_be_scored(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("clip_id,subject,label,prediction\n001,07,None,None\n002,08,NA,None\n")
    rows = read_predictions(path, ["None", "NA"])
    assert list(rows.columns) == list(PREDICTION_COLUMNS)
    assert rows["subject"].tolist() == ["07", "08"]
    assert rows["seed"].tolist() == [0, 0]
    assert score(rows, ["None", "NA"]).accuracy == 0.5


def test_classes_given_as_numbers_are_names():
    rows = table("a:nn b:pp").assign(label=[0, 1], prediction=[0, 0], seed=3)
    checked = check_predictions(rows, [0, 1])
    assert checked["label"].tolist() == ["0", "1"]
    assert score(checked, ["0", "1"]).accuracy == 0.5


def test_a_file_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(PredictionsError, match=r"nothing.csv: no such file"):
        read_predictions(tmp_path / "nothing.csv", CLASSES)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01\x02", b'a,b\n"unclosed'])
def test_a_file_that_is_no_table_is_named(tmp_path, content):
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(PredictionsError, match=r"^\S*broken.csv: .+$") as caught:
        read_predictions(path, CLASSES)
    assert "\n" not in str(caught.value)


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("clip_id,label\na,negative\n")
    with pytest.raises(PredictionsError, match=r"short.csv: .* columns 'subject', 'prediction'"):
        read_predictions(path, CLASSES)


def test_without_probabilities_the_class_set_has_to_be_given(tmp_path):
    table("a:nn").to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(PredictionsError, match="name the classes"):
        read_predictions(tmp_path / "p.csv")


def test_the_class_set_is_never_taken_from_what_happens_to_occur():
    rows = table("a:nn b:pp")
    assert score(check_predictions(rows, CLASSES), CLASSES).absent_classes == ("surprise",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prediction": ["negative", "fear"]}, "`prediction` holds 'fear'"),
        ({"subject": ["a", ""]}, "row 2: `subject` is empty"),
        ({"subject": [None, "b"]}, "row 1: `subject` is empty"),
        ({"clip_id": ["x", "x"]}, "more than once with the same seed: 'x'"),
        ({"seed": ["0", "one"]}, "row 2: the seed 'one'"),
        ({"seed": [0, 0.5]}, "row 2: the seed '0.5'"),
        ({"seed": [0, 1]}, "seed 0 predicts 1 of 2 clips"),
        ({"probability_positive": [0.5, 2.0]}, "row 2: a probability is not"),
        ({"probability_positive": [0.5, np.nan]}, "row 2: a probability is not"),
        ({"probability_positive": [0.9, 0.5]}, "row 1: the probabilities sum to 1.4, not to 1"),
    ],
)
def test_rows_that_cannot_be_scored_say_which_and_why(change, message):
    rows = table("a:nn b:pp").assign(
        probability_negative=0.5, probability_positive=0.5, probability_surprise=0.0
    )
    check_predictions(rows, CLASSES)
    with pytest.raises(PredictionsError, match=message):
        check_predictions(rows.assign(**change), CLASSES)


def test_probabilities_of_another_class_set_are_refused():
    rows = with_probabilities(table("a:nn b:pp"))
    with pytest.raises(PredictionsError, match="the class set is"):
        check_predictions(rows, [*CLASSES, "others"])
    with pytest.raises(PredictionsError, match="probability columns name"):
        check_predictions(rows.drop(columns="probability_surprise"), CLASSES)


def test_probability_columns_follow_the_class_set():
    checked = check_predictions(with_probabilities(table("a:nn b:pp")), CLASSES[::-1])
    assert probability_classes(checked) == CLASSES[::-1]


def test_rounded_probabilities_pass():
    rows = table("a:nn").assign(
        probability_negative=0.333, probability_positive=0.333, probability_surprise=0.333
    )
    assert len(check_predictions(rows, CLASSES)) == 1


def test_the_given_table_is_left_alone():
    rows = with_probabilities(table("a:nn b:pp")).astype({"seed": str})
    before = rows.copy(deep=True)
    check_predictions(rows, CLASSES)
    pd.testing.assert_frame_equal(rows, before)
