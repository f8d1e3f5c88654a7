"""Which clips of a table a protocol takes: by its exact list, or by labels and action units."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from keras_ma2mi.evaluation.action_units import multi_hot
from keras_ma2mi.evaluation.clip_table import ClipTable
from keras_ma2mi.evaluation.confusion import IntArray


@dataclass(frozen=True, eq=False)
class Membership:
    """What a protocol takes from a table.

    Args:
        rows: int64 positions in the table.
        targets: text array `(rows,)` of classes, or int64 array `(rows, units)` of 0 and 1.
        surplus: clips that it does not take, with the reason.
        missing: clips of an exact list that the table lacks.
        problems: why the table does not fit, in half-sentences.
        notices: what else a reader of the figures should know.
    """

    rows: IntArray
    targets: npt.NDArray[np.str_] | IntArray
    surplus: dict[str, str]
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    notices: tuple[str, ...]


def by_list(
    table: ClipTable, members: Mapping[str, str], class_of: Mapping[str, str]
) -> Membership:
    """Takes the clips of an exact list, with the classes of the list.

    Args:
        table: clips at hand.
        members: clip to class, the list.
        class_of: label of the annotation to class, to notice a table that says otherwise.

    Returns:
        A `Membership`.
    """
    rows = [row for row, clip in enumerate(table.clip_ids) if clip in members]
    missing = tuple(sorted(members.keys() - set(table.clip_ids)))
    contrary, ungiven, strangers = [], [], []
    for row in rows:
        clip, label = table.clip_ids[row], table.labels[row]
        listed, labelled = members[clip], class_of.get(label)
        if labelled is not None and labelled != listed:
            contrary.append(f"{clip}: the label {label} is {labelled}, the list says {listed}")
        elif labelled is None:
            ungiven.append(f"{clip}: {label or 'no label'}, taken as {listed}")
        subject = clip.rpartition("/")[0]
        if table.subjects[row] != subject:
            strangers.append(f"{clip}: {table.subjects[row] or 'none'} instead of {subject}")
    problems = [
        *_missing(table, missing),
        *_such(contrary, "with a class other than the list's"),
        *_such(strangers, "with a subject other than the list's"),
    ]
    taken = set(rows)
    return Membership(
        rows=np.asarray(rows, dtype=np.int64),
        targets=np.asarray([members[table.clip_ids[row]] for row in rows], dtype=str),
        surplus={
            clip: "not in the list" for row, clip in enumerate(table.clip_ids) if row not in taken
        },
        missing=missing,
        problems=tuple(problems),
        notices=tuple(_such(ungiven, "with a class by the list that the label does not give")),
    )


def by_label(table: ClipTable, datasets: Sequence[str], class_of: Mapping[str, str]) -> Membership:
    """Takes all micro-expressions of some datasets whose label has a class.

    Args:
        table: clips at hand.
        datasets: datasets of the protocol.
        class_of: label of the annotation to class.

    Returns:
        A `Membership`.
    """
    rows, surplus = _of_datasets(table, datasets)
    kept = []
    for row in rows:
        if table.labels[row] in class_of:
            kept.append(row)
        else:
            reason = f"no class for the label {table.labels[row]}" if table.labels[row] else ""
            surplus[table.clip_ids[row]] = reason or "no label"
    return Membership(
        rows=np.asarray(kept, dtype=np.int64),
        targets=np.asarray([class_of[table.labels[row]] for row in kept], dtype=str),
        surplus=surplus,
        missing=(),
        problems=tuple(_absent(datasets, (table.datasets[row] for row in rows))),
        notices=(),
    )


def by_action_units(table: ClipTable, datasets: Sequence[str], units: Sequence[int]) -> Membership:
    """Takes all micro-expressions of some datasets, with the units that they show.

    Args:
        table: clips at hand.
        datasets: datasets of the protocol.
        units: FACS numbers.

    Returns:
        A `Membership`. A dataset of which no clip has any action unit is a problem: it was never
        annotated, and zeros would be claims. Single clips without a unit count as showing none.

    Raises:
        ProtocolError: (a `ValueError`) if a cell cannot be read.
    """
    rows, surplus = _of_datasets(table, datasets)
    cells = [table.action_units[row] if table.action_units else "" for row in rows]
    coded = {table.datasets[row] for row, cell in zip(rows, cells, strict=True) if cell}
    present = {table.datasets[row] for row in rows}
    problems = list(_absent(datasets, present))
    problems += [f"no clip of {name} has action units" for name in sorted(present - coded)]
    bare = [table.clip_ids[row] for row, cell in zip(rows, cells, strict=True) if not cell]
    targets = multi_hot(cells, units)
    none = int((targets.sum(axis=1) == 0).sum()) - len(bare)
    notices = list(_such(bare, "without action units in the annotation, counted as showing none"))
    if none:
        notices.append(
            f"{none} clip{'s' if none > 1 else ''} with action units, but none of the protocol's"
        )
    for unit, found in zip(units, targets.sum(axis=0), strict=True):
        if not found:
            notices.append(f"no clip shows AU{unit}: its F1 counts 0")
    return Membership(
        rows=np.asarray(rows, dtype=np.int64),
        targets=targets,
        surplus=surplus,
        missing=(),
        problems=tuple(problems),
        notices=tuple(notices),
    )


def _of_datasets(table: ClipTable, datasets: Sequence[str]) -> tuple[list[int], dict[str, str]]:
    rows, surplus = [], {}
    for row, (clip, dataset) in enumerate(zip(table.clip_ids, table.datasets, strict=True)):
        if dataset not in datasets:
            surplus[clip] = f"dataset {dataset} is not in the protocol"
        elif table.is_macro(row):
            surplus[clip] = "a macro-expression"
        else:
            rows.append(row)
    return rows, surplus


def _missing(table: ClipTable, missing: Sequence[str]) -> Iterator[str]:
    counts = Counter(clip.partition("/")[0] for clip in missing)
    for dataset, count in sorted(counts.items()):
        own = [clip for clip in missing if clip.startswith(f"{dataset}/")]
        verb = "is" if count == 1 else "are"
        yield f"{count} of {dataset} {verb} not there (such as {own[0]})"
        longer = next(
            (c for c in table.clip_ids if "/".join(c.split("/")[:3]) in own and c not in own), None
        )
        if longer:
            yield (
                f"the clips of {dataset} at hand are named otherwise (such as {longer}): they are "
                "of another release than the list's"
            )


def _absent(datasets: Sequence[str], present: Iterable[str]) -> Iterator[str]:
    absent = [name for name in datasets if name not in set(present)]
    if absent:
        yield f"there is no clip of {', '.join(absent)}"


def _such(cases: Sequence[str], what: str) -> Iterator[str]:
    if cases:
        yield f"{len(cases)} clip{'s' if len(cases) > 1 else ''} {what} ({cases[0]})"
