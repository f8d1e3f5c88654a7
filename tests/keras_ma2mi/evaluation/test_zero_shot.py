"""Emotions from action units: cases by hand, and what must hold for any probabilities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.evaluation import (
    emotion_combinations,
    emotion_probabilities,
    emotions_of,
    emotions_of_class,
)

UNITS = tuple(f"AU{n}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 24, 25, 26))
SHARES = np.full(len(UNITS), 0.125)
THREE = {
    "negative": ["anger", "disgust", "fear", "sadness"],
    "positive": ["happiness"],
    "surprise": ["surprise"],
}
FIVE = {name: [name] for name in ("anger", "disgust", "happiness", "sadness", "surprise")}
ALL = {name: [name] for name in emotion_combinations()}

few = settings(max_examples=30, deadline=None)
probabilities = st.lists(st.floats(0.0, 1.0), min_size=len(UNITS), max_size=len(UNITS))


def shown(*units: int, present: float = 0.95, absent: float = 0.02) -> np.ndarray:
    names = {f"AU{unit}" for unit in units}
    return np.array([[present if name in names else absent for name in UNITS]])


def said(units: np.ndarray, classes: dict[str, list[str]]) -> str:
    answer = emotion_probabilities(units, UNITS, classes, SHARES)[0]
    return list(classes)[int(answer.argmax())]


@pytest.mark.parametrize(
    ("units", "emotion"),
    [
        ((6, 12), "happiness"),
        ((12,), "happiness"),
        ((1, 2, 5), "surprise"),
        ((1, 2), "surprise"),
        ((4, 7), "anger"),
        ((4, 5, 7), "anger"),
        ((9,), "disgust"),
        ((10, 17), "disgust"),
        ((1, 4, 15), "sadness"),
        ((15,), "sadness"),
    ],
)
def test_textbook_combinations_are_told(units: tuple[int, ...], emotion: str) -> None:
    assert said(shown(*units), FIVE) == emotion
    in_three = next(name for name, labels in THREE.items() if emotion in labels)
    assert said(shown(*units), THREE) == in_three


def test_nothing_known_leaves_every_class_the_same_chance() -> None:
    usual = SHARES[None]
    for classes in (THREE, FIVE, ALL):
        answer = emotion_probabilities(usual, UNITS, classes, SHARES)
        np.testing.assert_allclose(answer, 1 / len(classes), atol=1e-12)


def test_one_unit_by_hand() -> None:
    # Two units, one combination each: anger of AU4 against happiness of AU12.
    hit, stray = 0.7, 0.5 * 0.25
    seen, unseen = 0.9 / 0.25, 0.1 / 0.75
    fits, strays = hit * seen + (1 - hit) * unseen, stray * seen + (1 - stray) * unseen
    usual = 1.0
    answer = emotion_probabilities(
        [[0.9, 0.25]], ["AU4", "AU12"], {"bad": ["anger"], "good": ["happiness"]}, [0.25, 0.25]
    )
    np.testing.assert_allclose(answer[0, 0], fits * usual / (fits + strays), rtol=1e-12)


@few
@given(probabilities, st.sampled_from([THREE, FIVE, ALL]))
def test_probabilities_of_a_clip_sum_to_one(
    row: list[float], classes: dict[str, list[str]]
) -> None:
    answer = emotion_probabilities([row], UNITS, classes, SHARES)
    assert np.all(answer >= 0)
    np.testing.assert_allclose(answer.sum(axis=1), 1.0, rtol=1e-9)


@few
@given(
    probabilities,
    st.floats(0.01, 1.0),
    st.sampled_from([("AU12", "happiness"), ("AU2", "surprise"), ("AU9", "disgust")]),
)
def test_a_unit_of_one_emotion_alone_speaks_for_it(
    row: list[float], step: float, case: tuple[str, str]
) -> None:
    name, emotion = case
    others = [label for label in FIVE if label != emotion]
    assert not [
        text
        for label in others
        for text in emotion_combinations()[label]
        if name[2:] in text.split("+")
    ]
    place = UNITS.index(name)
    raised = list(row)
    raised[place] = min(1.0, row[place] + step)
    low, high = emotion_probabilities([row, raised], UNITS, FIVE, SHARES)
    column = list(FIVE).index(emotion)
    assert high[column] >= low[column] - 1e-12


@few
@given(probabilities)
def test_clips_do_not_depend_on_each_other_nor_on_the_order_of_units(row: list[float]) -> None:
    alone = emotion_probabilities([row], UNITS, THREE, SHARES)
    beside = emotion_probabilities([SHARES, row], UNITS, THREE, SHARES)[1:]
    turned = emotion_probabilities([row[::-1]], UNITS[::-1], THREE, SHARES)
    np.testing.assert_allclose(beside, alone, atol=1e-12)
    np.testing.assert_allclose(turned, alone, atol=1e-9)


def test_a_class_without_units_is_never_said() -> None:
    answer = emotion_probabilities(
        shown(12), UNITS, {"happy": ["happiness"], "others": ["others"], "bad": ["anger"]}, SHARES
    )
    assert answer[0, 1] == 0.0
    assert answer.sum() == pytest.approx(1.0)


def test_labels_of_datasets_stand_for_emotions() -> None:
    assert emotions_of(" Happy ") == ("happiness",)
    assert "repression" in emotions_of("negative")
    assert emotions_of("others") == ()
    assert emotions_of_class(["sad", "sadness", "tense"]) == ("sadness",)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (([[0.5]], ["AU4"], {"a": ["others"], "b": ["anger"]}, [0.1]), "`classes` must have two"),
        (([[0.5]], ["AU4"], {"a": ["anger"], "b": ["happiness"]}, [0.1]), "`names` must hold"),
        (([[0.5, 0.5]], ["AU4"], THREE, [0.1]), "a number for each of 1 names"),
        (([[1.5]], ["AU4"], THREE, [0.1]), "probabilities from 0 to 1"),
        (([[np.nan]], ["AU4"], THREE, [0.1]), "probabilities from 0 to 1"),
        (([[0.5]], ["AU4"], THREE, [0.0]), "`shares` must lie between"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[object, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        emotion_probabilities(*arguments)  # type: ignore[arg-type]
