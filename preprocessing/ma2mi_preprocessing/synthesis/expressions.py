"""Emotions as distributions over combinations of action units.

As in recorded data, an emotion shows in several ways, and some ways are shared by two emotions, so
that no classifier, not even one that sees the action units, can be right every time. The
combinations are those usual in annotations of micro-expression datasets and in EMFACS; the
probabilities are ours.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Combination:
    """Action units that act together, and how often they stand for the emotion."""

    units: tuple[str, ...]
    probability: float


def _way(units: str, probability: float) -> Combination:
    return Combination(tuple(f"AU{code}" for code in units.split("+")), probability)


# `S12` is AU12 on one side, left or right with equal chance.
EXPRESSIONS: dict[str, tuple[Combination, ...]] = {
    "anger": (
        _way("4", 0.22),
        _way("4+7", 0.26),
        _way("4+5+7", 0.14),
        _way("4+24", 0.14),
        _way("4+7+17", 0.10),
        _way("7+24", 0.08),
        _way("9", 0.06),
    ),
    "disgust": (
        _way("9", 0.22),
        _way("10", 0.18),
        _way("4+9", 0.18),
        _way("9+10", 0.12),
        _way("S10", 0.10),
        _way("10+17", 0.10),
        _way("4+7", 0.10),
    ),
    "happiness": (
        _way("12", 0.30),
        _way("6+12", 0.32),
        _way("S12", 0.10),
        _way("12+25", 0.12),
        _way("6+12+25", 0.10),
        _way("14", 0.06),
    ),
    "sadness": (
        _way("1", 0.16),
        _way("1+4", 0.24),
        _way("15", 0.20),
        _way("1+15", 0.14),
        _way("15+17", 0.16),
        _way("4", 0.06),
        _way("14", 0.04),
    ),
    "surprise": (
        _way("1+2", 0.34),
        _way("1+2+5", 0.22),
        _way("1+2+26", 0.12),
        _way("1+2+5+26", 0.10),
        _way("S2", 0.08),
        _way("25+26", 0.08),
        _way("1", 0.06),
    ),
}

CLASSES = tuple(EXPRESSIONS)


def sample_units(rng: np.random.Generator, label: str) -> tuple[str, ...]:
    """Draw the action units that show the emotion this time, e.g. ``("AU6", "AU12")``.

    Raises ``ValueError`` if `label` is not in `CLASSES`.
    """
    if label not in EXPRESSIONS:
        raise ValueError(f"`label` must be one of {', '.join(CLASSES)}. Received: label={label}")
    ways = EXPRESSIONS[label]
    chosen = ways[rng.choice(len(ways), p=[way.probability for way in ways])]
    side = "LR"[rng.integers(2)]
    return tuple(unit.replace("S", side) for unit in chosen.units)
