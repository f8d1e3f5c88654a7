"""All stages of the benchmark of shifts, each going on where it was cut off."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.chosen_clips import choose_clips
from ma2mi_recipes.ma2mi_benchmark import standard_conditions
from ma2mi_recipes.ma2mi_benchmark.archived_run import archived_run, still_needed, to_pretrain
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition, check_conditions
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.prediction_archive import PredictionArchive
from ma2mi_recipes.ma2mi_benchmark.starts import Start
from ma2mi_recipes.ma2mi_benchmark.stores import make_stores, micro_store
from ma2mi_recipes.ma2mi_benchmark.work import OnStep, do_all
from ma2mi_recipes.shifts_benchmark.plan import ShiftPlan
from ma2mi_recipes.shifts_benchmark.training import Training


@dataclass(frozen=True)
class ShiftResults:
    """What came out.

    Attributes:
        plan: What was measured.
        classes: The classes.
        trainings: All that was fitted.
        starts: All that was pre-trained, with the style of its clips.
    """

    plan: ShiftPlan
    classes: tuple[str, ...]
    trainings: tuple[Training, ...]
    starts: tuple[tuple[str, Start], ...]

    def ways(self) -> list[list[Training]]:
        """Trainings that differ in their seed alone, in the order in which they are reported."""
        found: dict[tuple[str, str | None, str, float], list[Training]] = {}
        for one in self.trainings:
            key = (one.style, one.pretraining_style, one.condition.label, one.fraction)
            found.setdefault(key, []).append(one)
        return list(found.values())


def predictions_of(seeds: list[Training], style: str) -> pd.DataFrame:
    """Pooled over the seeds of a way, on the test set in a style."""
    return pd.concat([one.predictions(style) for one in seeds], ignore_index=True)


def run_shifts(
    plan: ShiftPlan,
    out: Path,
    workers: int = 1,
    on_step: OnStep = lambda step, done, total: None,
    archive: PredictionArchive | None = None,
) -> ShiftResults:
    """Renders, pre-trains, fine-tunes and tests; what `out` has already is not repeated.

    A folder of `run_conditions` will do: clips, stores and pre-trainings of the same plan are
    shared with it.

    Args:
        plan: Clips, styles, methods, seeds and lengths.
        out: Folder for everything.
        workers: Processes.
        on_step: Told the step, how many of its pieces are done, and of how many.
        archive: Predictions of earlier calls, which is taken up and added to.

    Raises:
        InputError: Where clips cannot be used, or another benchmark writes to `out` at the same
            time.

    Example:
        ```python
        results = run_shifts(QUICK_SHIFTS, Path("shifts-quick"), workers=2)
        shifts_document(results)["rows"]
        ```
    """
    tested = [replace(plan.plan, micro=test) for test in plan.tests]
    tests = tuple((one.micro.style, micro_store(one, out)) for one in tested)
    worlds = _worlds(plan)
    trainings = [
        Training(condition, learnt, tests, fraction, seed, out)
        for learnt, conditions in worlds
        for condition in conditions
        for fraction in plan.plan.fractions
        for seed in plan.plan.seeds
    ]
    starts = _starts(trainings)
    with archived_run(out, archive, [start for _, start in starts], trainings):
        left = [one for one in trainings if not one.finished]
        needed = still_needed([start for _, start in starts], (one.start for one in left))
        for one in tested if left else ():
            make_stores(one, [], out, workers, on_step)
        for learnt, conditions in worlds:
            check_conditions(conditions, learnt)
            make_stores(learnt, to_pretrain(learnt, conditions, needed, out), out, workers, on_step)
        do_all("pre-training", needed, out, workers, on_step)
        do_all("fine-tuning", trainings, out, workers, on_step)
    classes = choose_clips(open_store(micro_store(worlds[0][0], out))).classes
    return ShiftResults(plan, tuple(classes), tuple(trainings), tuple(starts))


def _worlds(plan: ShiftPlan) -> list[tuple[Plan, list[Condition]]]:
    """What is fine-tuned in each style, and after a pre-training in each."""
    found = []
    for style in plan.fine_tuning_styles:
        # Baselines and scratch see no macro clips: once a style will do.
        for place, before in enumerate(plan.pretraining_styles):
            learnt = plan.learning(style, before)
            conditions = [
                one
                for one in standard_conditions(learnt)
                if place == 0 or one.pretraining is not None
            ]
            if conditions:
                found.append((learnt, conditions))
    return found


def _starts(trainings: list[Training]) -> list[tuple[str, Start]]:
    """Each pre-training once, with the style of its clips."""
    found: dict[Path, tuple[str, Start]] = {}
    for training in trainings:
        start = training.start
        for one in () if start is None else start.lineage:
            found.setdefault(one.folder, (training.plan.macro.style, one))
    return list(found.values())
