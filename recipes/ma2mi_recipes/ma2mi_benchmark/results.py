"""The figures of the benchmark: scores with intervals, and paired tests between conditions."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ma2mi_recipes.ma2mi_benchmark.conditions import Condition
from ma2mi_recipes.ma2mi_benchmark.goals import judged_goals
from ma2mi_recipes.ma2mi_benchmark.heat_map_results import heat_map_figures
from ma2mi_recipes.ma2mi_benchmark.scores import (
    scores_with_intervals,
    uf1_difference,
    with_holm,
)
from ma2mi_recipes.ma2mi_benchmark.stage import Results

_RIVALS = ("scratch", "naive_transfer", "autoencoder")
_WITHOUT_EITHER = ("naive_transfer", "ma2mi")


@dataclass(frozen=True)
class Family:
    """Comparisons that answer one question; their p-values are adjusted together.

    Attributes:
        question: In words.
        pairs: Labels of conditions, the baseline first.
    """

    question: str
    pairs: tuple[tuple[str, str], ...]


def standard_families(conditions: Sequence[Condition]) -> list[Family]:
    """MA2MI against the other methods and simple baselines, two branches against each alone.

    The methods are compared with the first branches that are there, and then with the action
    branch alone, which may suit another method better. MA2MI followed by the labels of the macro
    clips is compared with what has the one or the other.
    """
    networks = [condition for condition in conditions if not condition.is_baseline]
    first = networks[0].branches if networks else ""
    there = {(one.name, one.branches) for one in networks}
    families = [Family("Does MA2MI help?", _beside(_RIVALS, "ma2mi", first, there))]
    if first != "action":
        alone = _beside(_RIVALS, "ma2mi", "action", there)
        families.append(Family("Does MA2MI help the action branch alone?", alone))
    labelled = tuple(
        pair
        for branches in dict.fromkeys((first, "action"))
        for pair in _beside(_WITHOUT_EITHER, "ma2mi_then_labels", branches, there)
    )
    families.append(Family("Do MA2MI and the labels of the macro clips add up?", labelled))
    simple = tuple(
        (one.label, f"ma2mi, {first}")
        for one in conditions
        if one.is_baseline and ("ma2mi", first) in there
    )
    families.append(Family("Is MA2MI above simple baselines?", simple))
    for name in dict.fromkeys(one.name for one in networks):
        alone = tuple(
            (f"{name}, {branches}", f"{name}, both")
            for branches in ("action", "position")
            if {(name, branches), (name, "both")} <= there
        )
        families.append(Family(f"Are two branches better than one? ({name})", alone))
    return [family for family in families if family.pairs]


def _beside(
    rivals: Sequence[str], ours: str, branches: str, there: set[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{rival}, {branches}", f"{ours}, {branches}")
        for rival in rivals
        if {(rival, branches), (ours, branches)} <= there
    )


def families_beside(conditions: Sequence[Condition]) -> list[Family]:
    """All conditions against the first, for experiments that have no standard question."""
    first, *others = conditions
    pairs = tuple((first.label, other.label) for other in others)
    return [Family(f"What differs from {first.label}?", pairs)] if pairs else []


def results_document(
    results: Results, families: Sequence[Family] | None = None, *, resamples: int = 2000
) -> dict[str, Any]:
    """The figures, ready for JSON.

    Args:
        results: Of `run_conditions`.
        families: What is compared; by default `standard_families`.
        resamples: Bootstrap samples of the intervals.

    Returns:
        Dict with `plan`; `classes`; `rows`, one for each condition and share of the labels
        (`condition`, `method`, `branches`, `baseline`, `fraction`, `uf1`, `uar` and `accuracy`,
        each with `value`, `low` and `high` over people and seeds, and `spread` over seeds,
        `uf1_of_seeds`, `train_accuracy`, `train_clips`, `seconds`); `comparisons` (`question`,
        `a`, `b`, `fraction`, `difference` of UF1 with `low` and `high` over people, `p_value`,
        `p_holm`); `goals`, see `judged_goals`; `heat_maps`, see `heat_map_figures`;
        `pretraining`, one row a run (`condition`, `seed`, `clips`, `seconds`, `last_epoch`); and
        `fit_seconds`, of all fits, those of earlier calls among them.
    """
    if families is None:
        families = standard_families(results.conditions)
    rows = [
        _row(results, condition, fraction, resamples)
        for condition in results.conditions
        for fraction in results.plan.fractions
    ]
    names = {one.label: (one.name, one.branches) for one in results.conditions}
    comparisons = [line for family in families for line in _compared(results, family, resamples)]
    pretraining = [start.facts() for start in results.starts]
    return {
        "plan": asdict(results.plan),
        "classes": list(results.classes),
        "rows": rows,
        "comparisons": comparisons,
        "goals": judged_goals(comparisons),
        "heat_maps": heat_map_figures(results.cells, names, resamples=resamples),
        "pretraining": pretraining,
        "fit_seconds": sum(row["seconds"] for row in [*rows, *pretraining]),
    }


def _row(results: Results, condition: Condition, fraction: float, resamples: int) -> dict[str, Any]:
    return {
        "condition": condition.label,
        "method": condition.name,
        "branches": condition.branches,
        "baseline": condition.is_baseline,
        "fraction": fraction,
        **scores_with_intervals(
            results.predictions(condition.label, fraction), results.classes, resamples
        ),
        **results.facts(condition.label, fraction),
    }


def _compared(results: Results, family: Family, resamples: int) -> list[dict[str, Any]]:
    lines = [
        _comparison(results, family.question, a, b, fraction, resamples)
        for a, b in family.pairs
        for fraction in results.plan.fractions
    ]
    return with_holm(lines)


def _comparison(
    results: Results, question: str, a: str, b: str, fraction: float, resamples: int
) -> dict[str, Any]:
    figures = uf1_difference(
        results.predictions(a, fraction),
        results.predictions(b, fraction),
        results.classes,
        resamples,
    )
    return {"question": question, "a": a, "b": b, "fraction": fraction, **figures}
