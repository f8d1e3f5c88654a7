"""Experiments from rendering to probes, each step going on where it was cut off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.chosen_clips import choose_clips
from ma2mi_recipes.ma2mi_benchmark.archived_run import archived_run, still_needed, to_pretrain
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition, check_conditions
from ma2mi_recipes.ma2mi_benchmark.experiment_probes import Probe, probes_of
from ma2mi_recipes.ma2mi_benchmark.experiments import Experiment
from ma2mi_recipes.ma2mi_benchmark.plan import Plan, RenderedSet
from ma2mi_recipes.ma2mi_benchmark.plans import FULL_PLAN, QUICK_PLAN, for_choosing
from ma2mi_recipes.ma2mi_benchmark.prediction_archive import PredictionArchive
from ma2mi_recipes.ma2mi_benchmark.starts import Start
from ma2mi_recipes.ma2mi_benchmark.stores import make_stores, micro_store
from ma2mi_recipes.ma2mi_benchmark.work import OnStep, do_all

FRACTIONS = (0.1, 0.25, 1.0)
SEEDS = 2


@dataclass(frozen=True)
class ExperimentResults:
    """What came out.

    Attributes:
        plan: Clips, seeds and shares of the labels.
        experiments: What was compared, the reference first.
        classes: The classes of the micro clips.
        probes: Of all experiments and seeds.
        starts: All that was pre-trained.
    """

    plan: Plan
    experiments: tuple[Experiment, ...]
    classes: tuple[str, ...]
    probes: tuple[Probe, ...]
    starts: tuple[Start, ...]

    def probes_of(self, name: str) -> list[Probe]:
        """The seeds of an experiment."""
        return [probe for probe in self.probes if probe.experiment == name]

    def predictions(self, name: str, fraction: float) -> pd.DataFrame:
        """Pooled over people and seeds, as `keras_ma2mi.evaluation` reads it."""
        tables = [probe.predictions(fraction) for probe in self.probes_of(name)]
        return pd.concat(tables, ignore_index=True)


def experiments_plan(quick: bool = False) -> Plan:
    """People and seeds that nothing is reported on."""
    plan = for_choosing(QUICK_PLAN if quick else FULL_PLAN)
    return replace(plan, fractions=FRACTIONS, seeds=plan.seeds[:SEEDS])


def check_for_choosing(plan: Plan) -> None:
    """Raises InputError where a seed, or a person, is among those that are reported."""
    reported = {seed for one in (FULL_PLAN, QUICK_PLAN) for seed in one.seeds}
    both = sorted(reported & set(plan.seeds))
    if both:
        raise InputError(
            f"seed {', '.join(map(str, both))} is one of the reported figures, which nothing may "
            "be chosen on; give others, such as 100,101"
        )
    people = set().union(*(one.macro.people | one.micro.people for one in (FULL_PLAN, QUICK_PLAN)))
    if people & (plan.macro.people | plan.micro.people):
        raise InputError(
            f"plan {plan.name} shows people of the reported figures, which nothing may be chosen "
            "on; give its sets other rendering seeds"
        )


def run_experiments(
    plan: Plan,
    experiments: Sequence[Experiment],
    out: Path,
    workers: int = 1,
    on_step: OnStep = lambda step, done, total: None,
    archive: PredictionArchive | None = None,
) -> ExperimentResults:
    """Renders, preprocesses, pre-trains and probes; what `out` has already is not repeated.

    Folders are named as by `run_conditions`, with which `out` can be shared.

    Args:
        plan: Clips, shares of the labels, seeds and lengths.
        experiments: What is compared.
        out: Folder for everything.
        workers: Processes.
        on_step: Told the step, how many of its pieces are done, and of how many.
        archive: Predictions of earlier calls, which is taken up and added to.

    Raises:
        InputError: Where an experiment changes what there is not, the plan has people or seeds of
            the reported figures, or another benchmark writes to `out` at the same time.
    """
    check_for_choosing(plan)
    check_conditions([one.condition() for one in experiments], plan)
    probes = probes_of(plan, experiments, out)
    starts = _starts(probes)
    with archived_run(out, archive, starts, probes):
        needed = still_needed(starts, (probe.begins_with for probe in probes if not probe.finished))
        for part, conditions in _by_people(plan, experiments, needed, out):
            make_stores(part, conditions, out, workers, on_step)
        do_all("pre-training", needed, out, workers, on_step)
        do_all("probing", probes, out, workers, on_step)
    classes = choose_clips(open_store(micro_store(plan, out))).classes
    return ExperimentResults(plan, tuple(experiments), tuple(classes), tuple(probes), tuple(starts))


def _by_people(
    plan: Plan, experiments: Sequence[Experiment], needed: Sequence[Start], out: Path
) -> list[tuple[Plan, list[Condition]]]:
    """Plans that differ in who is pre-trained on, each with what is to be pre-trained on them.

    Among them one with nothing to pre-train: the micro clips are needed in any case.
    """
    found: dict[RenderedSet | None, tuple[Plan, list[Condition]]] = {None: (plan, [])}
    for one in experiments:
        part = one.plan(plan)
        conditions = to_pretrain(part, [one.condition()], needed, out)
        found.setdefault(part.macro, (part, []))[1].extend(conditions)
    return list(found.values())


def _starts(probes: Sequence[Probe]) -> list[Start]:
    """Each pre-training once, named by the first experiment that needs it."""
    found: dict[Path, Start] = {}
    for probe in probes:
        start = probe.begins_with
        if start is not None:
            found.setdefault(start.folder, replace(start, condition=probe.experiment))
    return list(found.values())
