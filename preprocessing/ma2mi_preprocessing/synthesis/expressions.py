"""Emotions as distributions over combinations of action units.

As in recorded data, an emotion shows in several ways, and some ways are shared by two emotions, so
that no classifier, not even one that sees the action units, can be right every time: see
`bayes_accuracy`. The combinations of `EXPRESSIONS` are those usual in annotations of
micro-expression datasets and in EMFACS; their probabilities are ours. Those of
`LIFELIKE_EXPRESSIONS` follow the annotations of CASME II, SAMM and MMEW, those of
`POSED_EXPRESSIONS` the prototypes of FACS, as people show who are asked to show an emotion.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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

# After the shares in CASME II and SAMM: 57 clips of anger, 72 of disgust, 58 of happiness, 40 of
# surprise. Units that are not rendered, and rare combinations, went to their nearest.
# MMEW shows surprise as AU5 more often, so that has a larger share. Sadness has 6 clips in SAMM and
# 13 in MMEW: its shares are partly ours.
LIFELIKE_EXPRESSIONS: dict[str, tuple[Combination, ...]] = {
    "anger": (
        _way("7", 0.45),
        _way("4", 0.20),
        _way("4+7", 0.14),
        _way("4+5+7", 0.05),
        _way("4+24", 0.05),
        _way("17+24", 0.04),
        _way("S7", 0.04),
        _way("4+6+7", 0.03),
    ),
    "disgust": (
        _way("4+7", 0.24),
        _way("4+S10", 0.11),
        _way("4", 0.11),
        _way("S10", 0.10),
        _way("4+10", 0.08),
        _way("9", 0.06),
        _way("4+9", 0.06),
        _way("10", 0.05),
        _way("4+7+10", 0.04),
        _way("4+7+S10", 0.04),
        _way("4+7+9", 0.03),
        _way("6+7", 0.03),
        _way("S4", 0.02),
        _way("4+17", 0.02),
        _way("9+10", 0.01),
    ),
    "happiness": (
        _way("12", 0.31),
        _way("S12", 0.28),
        _way("6+12", 0.13),
        _way("7+12", 0.05),
        _way("14", 0.04),
        _way("12+25", 0.04),
        _way("S14", 0.04),
        _way("12+15", 0.03),
        _way("S12+S15", 0.03),
        _way("12+24", 0.03),
        _way("1+12", 0.02),
    ),
    "sadness": (
        _way("17", 0.22),
        _way("1", 0.18),
        _way("15+17", 0.14),
        _way("15", 0.12),
        _way("1+15", 0.10),
        _way("1+4", 0.10),
        _way("12+15", 0.04),
        _way("14", 0.04),
        _way("1+2", 0.03),
        _way("14+17", 0.03),
    ),
    "surprise": (
        _way("5", 0.20),
        _way("S1+S2", 0.18),
        _way("1+2", 0.16),
        _way("1+2+5", 0.13),
        _way("S2", 0.07),
        _way("1+S2", 0.06),
        _way("1", 0.05),
        _way("26", 0.05),
        _way("5+26", 0.03),
        _way("25+26", 0.03),
        _way("25", 0.02),
        _way("1+2+26", 0.02),
    ),
}

# Prototypes and their variants in the table of emotions of the FACS manual (Ekman and Friesen,
# 1978), as far as their units are rendered; how often each is met is ours. Corpora of
# macro-expressions such as CK+ ask for emotions and keep what comes near these.
POSED_EXPRESSIONS: dict[str, tuple[Combination, ...]] = {
    "anger": (
        _way("4+5+7+24", 0.34),
        _way("4+7+24", 0.22),
        _way("4+5+7", 0.22),
        _way("4+7+17+24", 0.12),
        _way("4+5+7+10+25", 0.10),
    ),
    "disgust": (
        _way("9", 0.26),
        _way("9+17", 0.24),
        _way("10", 0.18),
        _way("10+17", 0.20),
        _way("10+25+26", 0.12),
    ),
    "happiness": (
        _way("6+12", 0.40),
        _way("6+12+25", 0.40),
        _way("12", 0.20),
    ),
    "sadness": (
        _way("1+4+15", 0.36),
        _way("1+4+15+17", 0.30),
        _way("6+15", 0.18),
        _way("1+4", 0.16),
    ),
    "surprise": (
        _way("1+2+5+26", 0.46),
        _way("1+2+26", 0.24),
        _way("1+2+5", 0.18),
        _way("5+26", 0.12),
    ),
}

CLASSES = tuple(EXPRESSIONS)
"""Emotions that can be rendered."""


def sample_units(
    rng: np.random.Generator,
    label: str,
    expressions: Mapping[str, tuple[Combination, ...]] = EXPRESSIONS,
    preference: Sequence[float] | None = None,
) -> tuple[str, ...]:
    """Draw the action units that show the emotion this time, e.g. ``("AU6", "AU12")``.

    Parameters
    ----------
    rng : numpy.random.Generator
    label : str
    expressions : mapping
        The ways to show each emotion.
    preference : sequence of float, optional
        A person's own probabilities of these ways, in place of those written there.

    Raises
    ------
    ValueError
        `label` is not in `CLASSES`.
    """
    if label not in expressions:
        raise ValueError(f"`label` must be one of {', '.join(CLASSES)}. Received: label={label}")
    ways = expressions[label]
    usual = [way.probability for way in ways]
    chosen = ways[rng.choice(len(ways), p=usual if preference is None else preference)]
    side = "LR"[rng.integers(2)]
    return tuple(unit.replace("S", side) for unit in chosen.units)


def bayes_accuracy(
    expressions: Mapping[str, tuple[Combination, ...]] = LIFELIKE_EXPRESSIONS,
) -> float:
    """Accuracy of the best possible classifier that sees the true action units and nothing else.

    All classes are as frequent. With the published action units of recorded clips, classifiers
    reach an F1 of 0.87 on CASME II and of 0.96 on SAMM and on MMEW (Varanka et al., "Data leakage
    and evaluation issues in micro-expression analysis", 2023, table 2).
    """
    chances: dict[frozenset[str], list[float]] = defaultdict(list)
    for ways in expressions.values():
        for way in ways:
            chances[frozenset(way.units)].append(way.probability / len(expressions))
    return sum(max(shares) for shares in chances.values())
