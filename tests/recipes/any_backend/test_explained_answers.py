"""Which answers heat maps are of, and where their pictures lie."""

from pathlib import Path

import pandas as pd
import pytest

from ma2mi_recipes.explained_answers import explained_answers

UNITS = pd.DataFrame(
    {
        "clip_id": ["d/s1/a", "d/s1/b"] * 2,
        "seed": [0, 0, 1, 1],
        "label_AU4": [1, 0, 1, 0],
        "label_AU12": [0, 0, 0, 0],
        "prediction_AU4": [0, 0, 1, 1],
        "prediction_AU12": [0, 1, 1, 1],
        "probability_AU4": [0.25, 0.125, 0.9, 0.9],
        "probability_AU12": [0.0, 0.75, 0.9, 0.9],
    }
)


def test_each_unit_of_a_clip_is_an_answer_with_its_own_probability() -> None:
    found = [(one.unit, one.label, one.prediction, one.probability, one.hit)
             for one in explained_answers(UNITS)]  # fmt: skip
    assert found == [
        ("AU4", "AU4", "no AU4", 0.75, False),
        ("AU4", "no AU4", "no AU4", 0.875, True),
        ("AU12", "no AU12", "no AU12", 1.0, True),
        ("AU12", "no AU12", "AU12", 0.75, False),
    ]


def test_pictures_of_a_unit_have_a_folder_of_their_own() -> None:
    names = [one.picture for one in explained_answers(UNITS)]
    assert names[0] == "AU4/miss__d__s1__a.png"
    assert len(set(names)) == 4


def test_a_class_has_one_picture_a_clip_of_the_first_seed(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "clip_id": ["d/a", "d/b", "d/a"],
            "seed": [0, 0, 1],
            "label": ["x", "x", "x"],
            "prediction": ["x", "y", "y"],
            "probability_x": [0.9, 0.25, 0.1],
            "probability_y": [0.1, 0.75, 0.9],
        }
    )
    right, wrong = explained_answers(table)
    assert (right.hit, right.probability, right.picture) == (True, 0.9, "hit__d__a.png")
    assert (wrong.hit, wrong.probability, wrong.picture) == (False, 0.75, "miss__d__b.png")
    assert right.drawn_in(tmp_path) is None
    (tmp_path / "heat_maps").mkdir()
    (tmp_path / "heat_maps" / right.picture).write_bytes(b"")
    assert right.drawn_in(tmp_path) == tmp_path / "heat_maps" / "hit__d__a.png"


@pytest.mark.parametrize("table", [pd.DataFrame(), pd.DataFrame({"clip_id": ["a"]})])
def test_a_table_without_answers_has_none(table: pd.DataFrame) -> None:
    assert explained_answers(table) == []
