"""Made-up tables of clips that fit a protocol."""

from typing import Any

from keras_ma2mi.evaluation import Protocol, protocol

Columns = dict[str, list[Any]]


def listed(name: str) -> Columns:
    """The columns of a store that holds exactly the clips of a listed protocol."""
    members = protocol(name).members()
    return columns(list(members), list(members.values()))


def columns(clip_ids: list[str], labels: list[Any]) -> Columns:
    """Columns whose subjects and datasets follow from the clips' names."""
    return {
        "clip_ids": clip_ids,
        "subjects": [clip.rpartition("/")[0] for clip in clip_ids],
        "datasets": [clip.partition("/")[0] for clip in clip_ids],
        "labels": labels,
    }


def without(table: Columns, dropped: set[str]) -> Columns:
    """The same columns without some clips."""
    kept = [row for row, clip in enumerate(table["clip_ids"]) if clip not in dropped]
    return {name: [values[row] for row in kept] for name, values in table.items()}


def with_units(one: Protocol, *, per_dataset: int = 4) -> Columns:
    """A few clips of each dataset of a protocol of action units, each with one unit."""
    ids = [
        f"{dataset}/s{number % 2}/c{number}"
        for dataset in one.datasets
        for number in range(per_dataset)
    ]
    units = [f"AU{one.action_units[row % len(one.action_units)]}" for row in range(len(ids))]
    return columns(ids, [None] * len(ids)) | {"action_units": units}
