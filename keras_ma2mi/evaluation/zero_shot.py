"""Emotions from action units, without a single labelled clip.

An emotion shows in several combinations of action units. Given how likely each unit is, every
combination is as likely as that its units act and no other does; an emotion is as likely as its
combinations together. This is Bayes' rule with units that are judged independently of each other:

.. math:: P(e \\mid p) \\propto P(e) \\sum_{c \\in e} \\frac{1}{n_e} \\prod_u
   \\left( h_{cu} \\frac{p_u}{\\pi_u} + (1 - h_{cu}) \\frac{1 - p_u}{1 - \\pi_u} \\right)

with :math:`p_u` the probability of unit u, :math:`\\pi_u` its share among the clips that the judge
of units was trained on, and :math:`h_{cu}` the chance that u acts where combination c is shown.

References:
    - Friesen and Ekman, "EMFACS-7: Emotional Facial Action Coding System", 1983.
    - Davison, Merghani and Yap, "Objective Classes for Micro-Facial Expression Recognition",
      Journal of Imaging 4(10), 2018.
    - Yan et al., "CASME II: An Improved Spontaneous Micro-Expression Database and the Baseline
      Evaluation", PLoS ONE 9(1), 2014 (criteria by which clips were labelled).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float64]

_HIT = 0.7
"""Chance that a unit of a combination is seen where the combination is shown."""

_STRAY = 0.5
"""How often another unit acts beside a combination, as a share of how often it acts at all."""

_COMBINATIONS: dict[str, tuple[str, ...]] = {
    "anger": ("4", "4+5", "4+7", "4+5+7", "4+24", "7+24", "17+24"),
    "contempt": ("14", "12+14"),
    "disgust": ("9", "10", "4+9", "4+7+9", "7+10", "9+10", "9+17", "10+17", "4+7+10"),
    "fear": ("1+2+4", "1+2+4+5", "1+4+20", "20", "20+25"),
    "happiness": ("12", "6+12", "7+12", "6+7+12", "12+25", "6+12+25"),
    "repression": ("14", "15", "17", "15+17", "14+17", "24"),
    "sadness": ("1", "1+4", "15", "1+15", "1+4+15", "15+17", "6+15"),
    "surprise": ("1+2", "2", "5", "1+2+5", "25", "25+26", "1+2+25", "1+2+26", "1+2+5+26"),
}
"""Combinations of each emotion, numbers of FACS.

Our reading: the combinations of EMFACS, of the objective classes of Davison et al. and of the
criteria of CASME II, as far as their units are known here (no intensities, heads or eyes). All
combinations of an emotion count alike.
"""

_SYNONYMS = {"sad": "sadness", "happy": "happiness"}
_GROUPS = {
    "negative": ("anger", "contempt", "disgust", "fear", "repression", "sadness"),
    "positive": ("happiness",),
}


def emotion_combinations() -> dict[str, tuple[str, ...]]:
    """Emotion to the combinations of action units that it shows in, such as `"6+12"`."""
    return dict(_COMBINATIONS)


def emotions_of(label: str) -> tuple[str, ...]:
    """The emotions of `emotion_combinations()` that a label stands for; none where it is not known.

    Example:
        >>> keras_ma2mi.evaluation.emotions_of("positive")
        ('happiness',)
    """
    name = label.strip().lower()
    name = _SYNONYMS.get(name, name)
    return _GROUPS.get(name, (name,) if name in _COMBINATIONS else ())


def emotion_probabilities(
    units: npt.ArrayLike,
    names: Sequence[str],
    classes: Mapping[str, Sequence[str]],
    shares: npt.ArrayLike,
) -> Probabilities:
    """Probability of each class, from the probabilities of action units.

    Every class has the same chance beforehand, and every emotion within a class. A class without
    an emotion that has action units, such as "others", gets probability 0.

    Args:
        units: `(N, K)` probabilities from 0 to 1.
        names: Of the K units, such as `"AU12"`.
        classes: Class to the labels that it takes, such as `{"good": ["happiness"], ...}`; labels
            as in `emotions_of`.
        shares: `(K,)` share of clips that show each unit where the judge of units was trained,
            above 0 and below 1.

    Returns:
        `(N, classes)` float64; rows sum to 1.

    Raises:
        ValueError: If fewer than two classes have an emotion, the units of an emotion are not among
            the names, shapes differ, or a number is out of its range.

    Example:
        >>> emotion_probabilities([[0.9, 0.1]], ["AU12", "AU4"],
        ...     {"good": ["happiness"], "bad": ["anger"]}, [0.1, 0.1]).argmax()
        0
    """
    given = np.asarray(units, np.float64)
    usual = np.asarray(shares, np.float64)
    _check_numbers(given, usual, names)
    known = {name: emotions_of_class(labels) for name, labels in classes.items()}
    if sum(map(bool, known.values())) < 2:
        raise ValueError(
            "`classes` must have two classes or more that stand for emotions with action units "
            f"({', '.join(_COMBINATIONS)}, negative, positive). Received: classes={classes}"
        )
    logs = np.full((len(given), len(known)), -np.inf)
    for column, emotions in enumerate(known.values()):
        if emotions:
            evidence = [_log_evidence(given, usual, names, emotion) for emotion in emotions]
            logs[:, column] = _log_mean(np.stack(evidence))
    values = np.exp(logs - logs.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)


def emotions_of_class(labels: Sequence[str]) -> tuple[str, ...]:
    """The emotions with action units among the labels of a class, each once; maybe none."""
    return tuple(dict.fromkeys(emotion for label in labels for emotion in emotions_of(label)))


def _log_evidence(
    units: Probabilities, usual: Probabilities, names: Sequence[str], emotion: str
) -> Probabilities:
    """Log likelihood ratio of an emotion for each row, (N,)."""
    seen, unseen = units / usual, (1.0 - units) / (1.0 - usual)
    known = set(names)
    combinations = [
        acting
        for text in _COMBINATIONS[emotion]
        # A combination with a unit that nobody judges cannot be told from its rest.
        if (acting := {f"AU{number}" for number in text.split("+")}) <= known
    ]
    if not combinations:
        raise ValueError(
            f"`names` must hold the units of a combination of {emotion}: "
            f"{', '.join(_COMBINATIONS[emotion])}. Received: {', '.join(names)}"
        )
    logs = []
    for acting in combinations:
        chance = np.where([name in acting for name in names], _HIT, _STRAY * usual)
        logs.append(np.log(chance * seen + (1.0 - chance) * unseen).sum(axis=1))
    return _log_mean(np.stack(logs))


def _log_mean(logs: Probabilities) -> Probabilities:
    """Log of the mean of exponentials over the first axis."""
    highest = logs.max(axis=0)
    return highest + np.log(np.exp(logs - highest).mean(axis=0))


def _check_numbers(units: Probabilities, shares: Probabilities, names: Sequence[str]) -> None:
    if units.ndim != 2 or units.shape[1] != len(names) or shares.shape != (len(names),):
        raise ValueError(
            f"`units` and `shares` must have a number for each of {len(names)} names. Received: "
            f"units of shape {units.shape}, shares of shape {shares.shape}"
        )
    if not (np.all(units >= 0) and np.all(units <= 1)):
        raise ValueError("`units` must be probabilities from 0 to 1. Received others, or NaN")
    if not (np.all(shares > 0) and np.all(shares < 1)):
        raise ValueError(f"`shares` must lie between 0 and 1. Received: shares={shares}")
