"""Pre-trains as the MA2MI benchmark does, and reads from the features of what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import (
    Ratio,
    compare_ratios,
    holm_adjusted,
    ridge_probe,
    score_ratios,
)
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.store import open_store
from ma2mi_preprocessing.store_lock import run_lock
from ma2mi_recipes.action_features import (
    ACTION_CODE,
    ACTION_MAP,
    Values,
    action_features,
    motion_features,
    untrained_twin,
)
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.ma2mi_benchmark.conditions import standard_conditions
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.starts import start_of
from ma2mi_recipes.ma2mi_benchmark.stores import make_stores, micro_rendering, micro_store
from ma2mi_recipes.ma2mi_benchmark.true_motion import true_motion
from ma2mi_recipes.ma2mi_benchmark.work import OnStep, do_all
from ma2mi_recipes.networks import load_reconstructor
from ma2mi_recipes.probes.targets import FLOW, ProbeTargets, probe_targets
from ma2mi_recipes.run_directory import RunDirectory

PROBED = ("autoencoder", "naive_transfer", "ma2mi")
"""Pre-trainings that can be read from, beside the untrained network."""
UNTRAINED, NO_NETWORK, OURS = "untrained", "no network", "ma2mi"
_UNITS = "units"

Tables = dict[tuple[str, str], pd.DataFrame]


def probe_figures(
    plan: Plan, out: Path, workers: int, on_step: OnStep, *, resamples: int = 2000
) -> dict[str, Any]:
    """How well flow and action units are read linearly, with people disjoint everywhere.

    Pre-trainings are those of the MA2MI benchmark for two branches, and are shared with it where
    it writes to the same folder.

    Args:
        plan: Clips and seeds; of its methods those in `PROBED`, `"ma2mi"` among them.
        out: Folder for everything.
        workers: Processes.
        on_step: Told the step, how many of its pieces are done, and of how many.
        resamples: Bootstrap samples of the intervals.

    Returns:
        Dict with `plan`; `clips` and `people` read; `units` (`unit`, `clips`) and `left_out`;
        `rows`, one a method and kind of features (`method`, `features`, `width`, and `flow` and
        `units`, R2 with `value`, `low` and `high` over people and seeds, and `r2_of_units`); and
        `comparisons` of MA2MI with the others (`a`, `features_a`, `b`, `features_b`, `target`,
        `difference`, `low`, `high`, `p_value`, `p_holm`).

    Raises:
        InputError: Where MA2MI is not among the methods, or another process writes to `out`.
    """
    methods = tuple(name for name in plan.methods if name in PROBED)
    if OURS not in methods:
        raise InputError(f"{OURS} must be among the methods; it is what the others stand beside")
    plan = replace(plan, methods=methods, branches=("both",), baselines=False)
    out.mkdir(parents=True, exist_ok=True)
    with run_lock(out, "benchmark's folder"):
        conditions = standard_conditions(plan)
        make_stores(plan, conditions, out, workers, on_step)
        starts = {
            (condition.name, seed): start
            for condition in conditions
            for seed in plan.seeds
            if (start := start_of(plan, condition, seed, out)) is not None
        }
        do_all("pre-training", list(starts.values()), out, workers, on_step)
    store = open_store(micro_store(plan, out))
    clips = load_labelled_clips(store, plan.motion)
    targets = probe_targets(clips, true_motion(store, clips.clip_ids, micro_rendering(plan)))
    runs = {key: start.folder for key, start in starts.items()}
    tables, widths = _read(clips, targets, runs, plan.seeds, on_step)
    return {
        "plan": asdict(plan),
        "clips": len(clips),
        "people": len(set(clips.subjects)),
        "units": [{"unit": name, "clips": count} for name, count in targets.clips_of_units.items()],
        "left_out": targets.left_out,
        "rows": [
            _row(key, table, widths[key], targets, resamples) for key, table in tables.items()
        ],
        "comparisons": _comparisons(tables, resamples),
    }


def _read(
    clips: LabelledClips,
    targets: ProbeTargets,
    runs: Mapping[tuple[str, int], Path],
    seeds: Sequence[int],
    on_step: OnStep,
) -> tuple[Tables, dict[tuple[str, str], int]]:
    """What each kind of features explains of each clip, and how many numbers it is."""
    parts: dict[tuple[str, str], list[pd.DataFrame]] = {}
    widths: dict[tuple[str, str], int] = {}

    def add(method: str, seed: int, features: Mapping[str, Values]) -> None:
        for name, values in features.items():
            table = _explained(clips, targets, values).assign(seed=seed)
            parts.setdefault((method, name), []).append(table)
            widths[method, name] = int(np.prod(values.shape[1:]))

    # The same for every seed: so it can be paired with what has seeds.
    of_motion = {
        name: _explained(clips, targets, values) for name, values in motion_features(clips).items()
    }
    for name, values in motion_features(clips).items():
        widths[NO_NETWORK, name] = int(np.prod(values.shape[1:]))
        parts[NO_NETWORK, name] = [of_motion[name].assign(seed=seed) for seed in seeds]
    on_step("probing", 0, len(runs))
    for done, ((method, seed), folder) in enumerate(runs.items(), start=1):
        network = load_reconstructor(RunDirectory(folder))
        if method == OURS:
            add(UNTRAINED, seed, action_features(untrained_twin(network, seed), clips))
        add(method, seed, action_features(network, clips))
        on_step("probing", done, len(runs))
    return {key: pd.concat(tables, ignore_index=True) for key, tables in parts.items()}, widths


def _explained(clips: LabelledClips, targets: ProbeTargets, features: Values) -> pd.DataFrame:
    """Columns `<target>_gained` and `<target>_total` of every clip, see `ProbeReading`."""
    readings = ridge_probe(features, targets.values, clips.subjects)
    columns: dict[str, Any] = {"clip_id": clips.clip_ids, "subject": clips.subjects}
    pooled = np.zeros((2, len(clips)))
    for name, reading in readings.items():
        gained, total = (part.sum(axis=1) for part in reading.explained(targets.values[name]))
        columns |= {f"{name}_gained": gained, f"{name}_total": total}
        if name != FLOW:
            # A unit that moves in few clips counts as much as one that moves in many.
            pooled += np.stack([gained, total]) / total.sum()
    columns |= {f"{_UNITS}_gained": pooled[0], f"{_UNITS}_total": pooled[1]}
    return pd.DataFrame(columns)


def _ratio(name: str) -> Ratio:
    return Ratio(name, f"{name}_gained", f"{name}_total")


def _targets_of(targets: ProbeTargets) -> list[str]:
    return [FLOW, _UNITS] if targets.units else [FLOW]


def _row(
    key: tuple[str, str],
    table: pd.DataFrame,
    width: int,
    targets: ProbeTargets,
    resamples: int,
) -> dict[str, Any]:
    pooled = score_ratios(table, list(map(_ratio, _targets_of(targets))), resamples=resamples)
    units = score_ratios(table, list(map(_ratio, targets.units)), resamples=1)
    return {
        "method": key[0],
        "features": key[1],
        "width": width,
        **{
            name: {"value": score.value, "low": score.low, "high": score.high}
            for name, score in pooled.items()
        },
        "r2_of_units": {name: score.value for name, score in units.items()},
    }


def _comparisons(tables: Tables, resamples: int) -> list[dict[str, Any]]:
    """MA2MI above each other method with the same features, and above the motion itself."""
    lines = []
    for features in (ACTION_MAP, ACTION_CODE):
        if (OURS, features) not in tables:
            continue
        for other in tables:
            if other[0] == OURS or (other[0] != NO_NETWORK and other[1] != features):
                continue
            ours, theirs = tables[OURS, features], tables[other]
            names = [name for name in (FLOW, _UNITS) if f"{name}_total" in ours]
            names = [name for name in names if ours[f"{name}_total"].any()]
            found = compare_ratios(theirs, ours, list(map(_ratio, names)), resamples=resamples)
            lines += [
                {
                    "a": other[0],
                    "features_a": other[1],
                    "b": OURS,
                    "features_b": features,
                    "target": target,
                    **{
                        name: getattr(difference, name)
                        for name in ("difference", "low", "high", "p_value")
                    },
                }
                for target, difference in found.items()
            ]
    adjusted = holm_adjusted([line["p_value"] for line in lines])
    return [{**line, "p_holm": value} for line, value in zip(lines, adjusted, strict=True)]
