"""What was hoped for, and whether it came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SIGNIFICANT = 0.05
"""Adjusted p-values below this count."""


@dataclass(frozen=True)
class Goal:
    """Something that a comparison shall show.

    Attributes:
        claim: In words, without a full stop.
        a, b: Labels of the conditions; `b` shall be better.
        fraction: Share of the labels.
        least: Smallest difference of UF1 that meets it; None where it shall be significant.
    """

    claim: str
    a: str
    b: str
    fraction: float
    least: float | None = None


GOALS = (
    Goal(
        "With 25 % of the labels MA2MI is at least 10 points of UF1 above scratch",
        "scratch, both",
        "ma2mi, both",
        0.25,
        0.10,
    ),
    Goal(
        "With 25 % of the labels MA2MI is at least 5 points of UF1 above naive transfer",
        "naive_transfer, both",
        "ma2mi, both",
        0.25,
        0.05,
    ),
    Goal(
        "With all labels MA2MI is significantly above scratch",
        "scratch, both",
        "ma2mi, both",
        1.0,
    ),
    Goal(
        "With all labels MA2MI is significantly above naive transfer",
        "naive_transfer, both",
        "ma2mi, both",
        1.0,
    ),
    Goal(
        "With MA2MI and all labels two branches are significantly above the action branch alone",
        "ma2mi, action",
        "ma2mi, both",
        1.0,
    ),
    Goal(
        "With MA2MI and all labels two branches are significantly above the position branch alone",
        "ma2mi, position",
        "ma2mi, both",
        1.0,
    ),
    Goal(
        "With 25 % of the labels MA2MI followed by the labels of the macro clips is at least 5 "
        "points of UF1 above these labels alone (naive transfer)",
        "naive_transfer, both",
        "ma2mi_then_labels, both",
        0.25,
        0.05,
    ),
    Goal(
        "With all labels MA2MI followed by the labels of the macro clips is significantly above "
        "these labels alone",
        "naive_transfer, both",
        "ma2mi_then_labels, both",
        1.0,
    ),
)


def judged_goals(comparisons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each goal with what was found.

    Args:
        comparisons: Of `results_document`.

    Returns:
        A row a goal: `claim`, `met` (None where it was not measured), and `sentence`, which says
        so in plain words with the figures.
    """
    return [_judged(goal, comparisons) for goal in GOALS]


def _judged(goal: Goal, comparisons: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    line = next(
        (
            line
            for line in comparisons
            if (line["a"], line["b"], line["fraction"]) == (goal.a, goal.b, goal.fraction)
        ),
        None,
    )
    if line is None:
        return {"claim": goal.claim, "met": None, "sentence": f"{goal.claim}: not measured here."}
    met = _is_met(goal, line)
    verdict = "met" if met else "not met"
    return {
        "claim": goal.claim,
        "met": met,
        "sentence": f"{goal.claim}: {verdict}. {_found(line)}",
    }


def _is_met(goal: Goal, line: Mapping[str, Any]) -> bool:
    if goal.least is not None:
        return bool(line["difference"] >= goal.least)
    return bool(line["difference"] > 0 and line["p_holm"] < SIGNIFICANT)


def _found(line: Mapping[str, Any]) -> str:
    points = 100 * line["difference"]
    interval = f"95 % interval {100 * line['low']:+.1f} to {100 * line['high']:+.1f}"
    return (
        f"The difference is {points:+.1f} points ({interval}), p {p_words(line['p_holm'])} after "
        "Holm's adjustment."
    )


def p_words(p_value: float) -> str:
    """A p-value with three digits after a sign, or that it is below what they show."""
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"
