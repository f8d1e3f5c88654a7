"""Action units of a manifest as numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_ma2mi.evaluation import ProtocolError, multi_hot, parse_action_units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("AU4", {4}),
        ("AU4+AU7+AUL10", {4, 7, 10}),
        ("AUL12+AUR12", {12}),
        ("AUR12A + AU7b", {7, 12}),
        ("4+L14", {4, 14}),
        ("AUT28+AUB10", {10, 28}),
        ("", set()),
        (None, set()),
        (float("nan"), set()),
    ],
)
def test_sides_and_intensities_fold_into_the_unit(text, units):
    assert parse_action_units(text) == units


@pytest.mark.parametrize("text", ["AU", "AU4,AU7", "brow", "AU4-7", "AU123", "AU4+?"])
def test_what_is_no_code_is_refused_and_quoted(text):
    with pytest.raises(ValueError, match=re.escape(f"Received: '{text}'")):
        parse_action_units(text)


def test_columns_follow_the_units_asked_for():
    found = multi_hot(["AU4+AU45", None, "AUR12+AU4"], [12, 4])
    assert found.tolist() == [[0, 1], [0, 0], [1, 1]]
    assert multi_hot([], [1, 2, 4]).shape == (0, 3)


def test_an_unreadable_cell_names_its_row():
    with pytest.raises(ProtocolError, match="row 2: 'x' is not a list of action units"):
        multi_hot(["AU4", "x"], [4])


@given(st.lists(st.sets(st.integers(1, 69), max_size=6), max_size=10), st.sampled_from(["", "L"]))
def test_what_is_written_is_read(clips, side):
    units = list(range(1, 70))
    cells = ["+".join(f"AU{side}{unit}" for unit in clip) for clip in clips]
    found = multi_hot(cells, units)
    assert [{units[c] for c in row.nonzero()[0]} for row in found] == clips
