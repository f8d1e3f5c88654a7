"""The figures of heat maps: scores with intervals, what needs no network, and paired tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import (
    Ratio,
    compare_ratios,
    holm_adjusted,
    moving_regions,
    score_ratios,
)
from keras_ma2mi.explain import ACTION_MAPS
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.ma2mi_benchmark.cells import Cell
from ma2mi_recipes.ma2mi_benchmark.heat_maps import SCORES, Maps, Regions, scores_of
from ma2mi_recipes.ma2mi_benchmark.true_motion import true_motion

_RATIOS = tuple(Ratio(name, name) for name in SCORES)
_COMPARED = ("scratch", "ma2mi")


def heat_map_figures(
    cells: Sequence[Cell], names: Mapping[str, tuple[str, str]], *, resamples: int
) -> dict[str, Any] | None:
    """How well heat maps show where faces truly move, beside what needs no network.

    Args:
        cells: Finished ones; those that are not explained are passed over.
        names: By label of a condition, its method and branches.
        resamples: Bootstrap samples of the intervals.

    Returns:
        None where no cell is explained. Else a dict: `fraction` of the labels; `area`, mean share
        of the picture that truly moves; `rows`, one a condition and kind of map (`condition`,
        `method`, `branches`, `map`, and `SCORES`, each with `value`, `low` and `high` over people
        and seeds); `without_network`, the same with a `name` for maps that no network made; and
        `comparisons` of MA2MI with scratch (`a`, `b`, `map`, `score`, `difference`, `low`, `high`,
        `p_value`, `p_holm`).
    """
    explained = [cell for cell in cells if cell.explained is not None]
    if not explained:
        return None
    tables = {
        label: pd.concat([cell.heat_maps() for cell in explained if cell.condition == label])
        for label in dict.fromkeys(cell.condition for cell in explained)
    }
    clips, regions = _truth(explained[0])
    return {
        "fraction": explained[0].fraction,
        "area": float(regions.mean()),
        "rows": [
            {
                "condition": label,
                "method": names[label][0],
                "branches": names[label][1],
                "map": kind,
                **_scored(table[table["map"] == kind], resamples),
            }
            for label, table in tables.items()
            for kind in ACTION_MAPS
        ],
        "without_network": [
            {"name": name, **_scored(part, resamples)}
            for name, part in _without_network(clips, regions).items()
        ],
        "comparisons": _comparisons(tables, names, resamples),
    }


def _truth(cell: Cell) -> tuple[LabelledClips, Regions]:
    assert cell.explained is not None
    store = open_store(cell.store)
    clips = load_labelled_clips(store, cell.options.motion)
    return clips, moving_regions(true_motion(store, clips.clip_ids, cell.explained).flow)


def _scored(table: pd.DataFrame, resamples: int) -> dict[str, dict[str, float]]:
    return {
        name: {"value": score.value, "low": score.low, "high": score.high}
        for name, score in score_ratios(table, _RATIOS, resamples=resamples).items()
    }


def _without_network(clips: LabelledClips, regions: Regions) -> dict[str, pd.DataFrame]:
    rows = np.arange(len(clips))
    table = scores_of(_simple_maps(clips, regions), clips, rows, regions)
    return {str(name): part for name, part in table.groupby("map", sort=False)}


def _simple_maps(clips: LabelledClips, regions: Regions) -> dict[str, Maps]:
    """Maps by name: what any heat map should be better than."""
    side = regions.shape[1]
    middle = np.arange(side) - 0.5 * (side - 1)
    centre = np.broadcast_to(-np.hypot(middle[:, None], middle[None, :]), regions.shape)
    return {
        "motion": np.linalg.norm(clips.motion, axis=-1),
        "others": _where_others_move(clips.subjects, regions),
        # As heat it must not be negative.
        "centre": centre - centre.min(),
        "chance": np.ones(regions.shape),
    }


def _where_others_move(subjects: Sequence[str], regions: Regions) -> Maps:
    """How often each place moves in the clips of all other people."""
    people = np.array(subjects)
    maps = np.empty(regions.shape, np.float64)
    for person in np.unique(people):
        maps[people == person] = regions[people != person].mean(axis=0)
    return maps


def _comparisons(
    tables: Mapping[str, pd.DataFrame], names: Mapping[str, tuple[str, str]], resamples: int
) -> list[dict[str, Any]]:
    labels = {names[label]: label for label in tables}
    lines = []
    for branches in dict.fromkeys(names[label][1] for label in tables):
        a, b = (labels.get((method, branches)) for method in _COMPARED)
        if a is None or b is None:
            continue
        for kind in ACTION_MAPS:
            parts = [tables[label][tables[label]["map"] == kind] for label in (a, b)]
            found = compare_ratios(parts[0], parts[1], _RATIOS[:2], resamples=resamples)
            lines += [
                {
                    "a": a,
                    "b": b,
                    "map": kind,
                    "score": score,
                    **{
                        name: getattr(difference, name)
                        for name in ("difference", "low", "high", "p_value")
                    },
                }
                for score, difference in found.items()
            ]
    adjusted = holm_adjusted([line["p_value"] for line in lines])
    return [{**line, "p_holm": value} for line, value in zip(lines, adjusted, strict=True)]
