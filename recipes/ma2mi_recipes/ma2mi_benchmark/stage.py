"""All stages of the benchmark one after the other, each going on where it was cut off."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.chosen_clips import choose_clips
from ma2mi_recipes.ma2mi_benchmark.archived_run import archived_run, still_needed, to_pretrain
from ma2mi_recipes.ma2mi_benchmark.cells import Cell, cells_of
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition, check_conditions
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.prediction_archive import PredictionArchive
from ma2mi_recipes.ma2mi_benchmark.starts import Start, starts_of
from ma2mi_recipes.ma2mi_benchmark.stores import make_stores, micro_store
from ma2mi_recipes.ma2mi_benchmark.work import OnStep, do_all


@dataclass(frozen=True)
class Results:
    """What came out.

    Attributes:
        plan: What was measured.
        conditions: What was compared.
        classes: The classes of the micro clips.
        cells: All that was fitted.
        starts: All that was pre-trained.
    """

    plan: Plan
    conditions: tuple[Condition, ...]
    classes: tuple[str, ...]
    cells: tuple[Cell, ...]
    starts: tuple[Start, ...]

    def cells_at(self, label: str, fraction: float) -> list[Cell]:
        """The seeds of a condition at a share of the labels; none where it was not measured."""
        return [cell for cell in self.cells if (cell.condition, cell.fraction) == (label, fraction)]

    def predictions(self, label: str, fraction: float) -> pd.DataFrame:
        """Pooled over people and seeds, as `keras_ma2mi.evaluation` reads it."""
        cells = self.cells_at(label, fraction)
        return pd.concat([cell.predictions() for cell in cells], ignore_index=True)

    def facts(self, label: str, fraction: float) -> dict[str, Any]:
        """Seconds, summed over seeds; accuracy and number of training clips, mean over seeds."""
        found = [cell.facts() for cell in self.cells_at(label, fraction)]
        return {
            "seconds": float(sum(facts["seconds"] for facts in found)),
            "train_accuracy": float(np.mean([facts["train_accuracy"] for facts in found])),
            "train_clips": float(np.mean([facts["train_clips"] for facts in found])),
        }


def run_conditions(
    plan: Plan,
    conditions: Sequence[Condition],
    out: Path,
    workers: int = 1,
    on_step: OnStep = lambda step, done, total: None,
    archive: PredictionArchive | None = None,
) -> Results:
    """Renders, preprocesses, pre-trains and fine-tunes; what `out` has already is not repeated.

    Folders in `out` are named by what decides their content, so that several plans and conditions
    can share it: what they have in common is made once. A change of the code is not noticed.

    Args:
        plan: Clips, labels, seeds and lengths.
        conditions: What is compared.
        out: Folder for everything.
        workers: Processes.
        on_step: Told the step, how many of its pieces are done, and of how many.
        archive: Predictions of earlier calls, on this machine or another: what they tell is not
            fitted again, and what is fitted is added to them, also where the call is cut off.

    Returns:
        The results, whose tables are read from `out` when they are asked for.

    Raises:
        InputError: Where a condition asks for what there is not, or another benchmark writes to
            `out` at the same time.

    Example:
        ```python
        plan = for_choosing(QUICK_PLAN)
        wider = Condition("wider code", pretraining={"code_channels": 16})
        usual = Condition("ma2mi", pretraining={})
        results = run_conditions(plan, [usual, wider], Path("experiments"), workers=2)
        results_document(results)["rows"]
        ```
    """
    check_conditions(list(conditions), plan)
    starts = starts_of(plan, conditions, out)
    cells = cells_of(plan, conditions, out)
    with archived_run(out, archive, starts, cells):
        needed = still_needed(starts, (cell.start for cell in cells if not cell.finished))
        make_stores(plan, to_pretrain(plan, conditions, needed, out), out, workers, on_step)
        do_all("pre-training", needed, out, workers, on_step)
        do_all("fine-tuning", cells, out, workers, on_step)
    classes = choose_clips(open_store(micro_store(plan, out))).classes
    return Results(plan, tuple(conditions), tuple(classes), tuple(cells), tuple(starts))
