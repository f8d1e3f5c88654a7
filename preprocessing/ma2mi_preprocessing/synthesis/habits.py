"""What one person's expressions have in common: preferred ways, strength, speed, liveliness."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .expressions import LIFELIKE_EXPRESSIONS, Combination

# With habits fully on, a person's preferences are drawn as if from so many earlier expressions:
# most people show an emotion in two or three ways.
_EARLIER_EXPRESSIONS = 4.0
_LEAST_SHARE = 1e-9


@dataclass(frozen=True)
class Habits:
    """One person's style.

    Attributes
    ----------
    preferences : mapping
        For each emotion the probabilities of its ways, in the order of the table that they were
        drawn from. On the mean of many people they are those written there.
    vigour : float
        0..1, mean place of the person's peaks in the range of the kind of clip.
    pace : float
        Factor on durations, around 1.
    leaning : float
        Mean logarithm of left over right strength of two-sided units.
    liveliness : float
        Factor on how often the person blinks, looks about and speaks, around 1.
    """

    preferences: Mapping[str, tuple[float, ...]]
    vigour: float
    pace: float
    leaning: float
    liveliness: float


def sample_habits(
    rng: np.random.Generator,
    strength: float,
    expressions: Mapping[str, tuple[Combination, ...]] = LIFELIKE_EXPRESSIONS,
) -> Habits:
    """Draw a person's style; with `strength` 0 all people are alike, with 1 clearly different."""
    preferences = {}
    for label, ways in expressions.items():
        usual = np.array([way.probability for way in ways])
        own = rng.dirichlet(usual * _EARLIER_EXPRESSIONS) + _LEAST_SHARE
        # A mixture keeps the mean over people; 1 leaves nothing of the usual shares.
        mixed = strength * own / own.sum() + (1.0 - strength) * usual
        preferences[label] = tuple((mixed / mixed.sum()).tolist())
    return Habits(
        preferences=preferences,
        vigour=0.5 + strength * rng.uniform(-0.25, 0.25),
        pace=float(np.exp(0.12 * strength * rng.standard_normal())),
        leaning=0.08 * strength * rng.standard_normal(),
        liveliness=float(np.exp(0.4 * strength * rng.standard_normal())),
    )
