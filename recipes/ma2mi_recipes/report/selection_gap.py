"""How much of a figure comes from the choice of the epoch."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ma2mi_recipes.report.comparisons import compare
from ma2mi_recipes.report.runs import ReportRun, RunComparison, presentable
from ma2mi_recipes.report.wording import SIGNIFICANCE, difference, listed, p_value

SELECTION_NAMES = {
    "last": "last epoch",
    "nested": "inner split by subject",
    "peek": "best epoch on the held-out subject (peeked)",
}
_FROM_HONEST = list(SELECTION_NAMES)


@dataclass(frozen=True)
class SelectionGap:
    """Two ways to choose the epoch, and what lies between their figures.

    Attributes:
        comparison: The paired test; the more honest way is its baseline.
        ways: How either side chose, as a reader is told.
        same_trainings: Whether both sides are of the very same trainings.
        also_differ: What else differs between the two runs.
        peeked: Whether the second side peeked.
    """

    comparison: RunComparison
    ways: tuple[str, str]
    same_trainings: bool
    also_differ: tuple[str, ...]
    peeked: bool

    @property
    def sentence(self) -> str:
        """What the table says, in plain words."""
        result = self.comparison.result
        if self.also_differ:
            return (
                f"{self.comparison.candidate} and {self.comparison.baseline} chose their epochs "
                f"differently ({self.ways[1]}; {self.ways[0]}), but they also differ in "
                f"{listed(list(self.also_differ))}: what lies between them says nothing of the "
                "choice alone."
            )
        if result is None:
            return f"{self.comparison.candidate}: not compared, {self.comparison.reason}."
        uf1 = result.metrics["uf1"]
        sure = uf1.p_value < SIGNIFICANCE
        gap = f"{difference(uf1.difference)} UF1 ({p_value(uf1.p_value)})"
        if not self.peeked:
            text = f"An inner split instead of the last epoch changes {gap}"
        elif uf1.difference > 0:
            text = f"Choosing the epoch on the held-out subjects adds {gap}, none of which is skill"
        else:
            text = f"Here choosing the epoch on the held-out subjects shows no gain: {gap}"
        if not sure:
            text += "; with so few subjects a gap of this size could be chance"
        if self.same_trainings:
            return f"{text}. Both rows are of the very same trainings."
        return f"{text}. The two rows are of different trainings."


def selection_gaps(runs: Sequence[ReportRun]) -> list[SelectionGap]:
    """Gaps inside runs that peeked, and between runs that chose their epochs differently."""
    scored = [run for run in presentable(runs) if run.scored and run.select in SELECTION_NAMES]
    return [
        *[_within(run) for run in scored if run.peeked and run.last_predictions is not None],
        *[
            _between(*sorted(pair, key=lambda run: _FROM_HONEST.index(str(run.select))))
            for pair in itertools.combinations(scored, 2)
            if pair[0].select != pair[1].select
        ],
    ]


def _within(run: ReportRun) -> SelectionGap:
    assert run.last_predictions is not None
    last = replace(
        run,
        name=f"{run.name.removesuffix(' (peeked)')}, last epoch",
        predictions=run.last_predictions,
        info={**run.info, "select": "last"},
    )
    return SelectionGap(
        compare(last, run), (SELECTION_NAMES["last"], SELECTION_NAMES["peek"]), True, (), True
    )


def _between(honest: ReportRun, other: ReportRun) -> SelectionGap:
    return SelectionGap(
        compare(honest, other),
        (SELECTION_NAMES[str(honest.select)], SELECTION_NAMES[str(other.select)]),
        False,
        tuple(_differing(honest, other)),
        other.peeked,
    )


def _differing(first: ReportRun, second: ReportRun) -> list[str]:
    one, two = first.info.get("options") or {}, second.info.get("options") or {}
    keys = {key for key in {**one, **two} if one.get(key) != two.get(key)}
    keys |= {key for key in ("model", "seeds") if first.info.get(key) != second.info.get(key)}
    return sorted(key.replace("_", " ") for key in keys - {"select", "inner_folds"})
