"""Emotions are distributions over action units: learnable, but never a one-to-one code."""

from collections import defaultdict

import numpy as np
import pytest

from ma2mi_preprocessing.synthesis.action_units import split_side
from ma2mi_preprocessing.synthesis.expressions import CLASSES, EXPRESSIONS, sample_units


@pytest.mark.parametrize("label", CLASSES)
def test_probabilities_add_to_one(label: str) -> None:
    assert sum(way.probability for way in EXPRESSIONS[label]) == pytest.approx(1.0)


@pytest.mark.parametrize("label", CLASSES)
def test_every_draw_is_made_of_known_units(label: str) -> None:
    rng = np.random.default_rng(1)
    drawn = {sample_units(rng, label) for _ in range(300)}
    assert len(drawn) >= 5
    for units in drawn:
        for unit in units:
            split_side(unit)


def test_knowing_the_action_units_does_not_quite_give_the_emotion() -> None:
    chances: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for ways in EXPRESSIONS.values():
        for way in ways:
            chances[way.units].append(way.probability / len(CLASSES))
    best_possible_accuracy = sum(max(shares) for shares in chances.values())
    assert 0.85 < best_possible_accuracy < 0.98


def test_one_sided_expressions_come_on_both_sides() -> None:
    rng = np.random.default_rng(2)
    drawn = {unit for _ in range(400) for unit in sample_units(rng, "happiness")}
    assert {"AUL12", "AUR12"} <= drawn


def test_unknown_emotion_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="label=boredom"):
        sample_units(np.random.default_rng(0), "boredom")
