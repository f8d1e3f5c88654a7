"""Which clips of a store are evaluated, with which class, and who is held out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.store import ClipStore

if TYPE_CHECKING:
    from keras_ma2mi.evaluation import Split

Target = str | tuple[int, ...]
"""A class, or 0 and 1 for each action unit."""


@dataclass(frozen=True)
class ChosenClips:
    """The clips of a protocol, or of a class set, before anything is read of them.

    Attributes:
        classes: The explicit class set, or the names of action units such as `AU4`.
        targets: Clip to its class, or to what it shows of the action units.
        left_out: Clip to the reason why it is not evaluated.
        split: How the clips are divided into folds.
        multi_label: Whether targets are action units.
        class_set: The class set in words: its name and what each class is made of.
        protocol: What is known of the published protocol that is followed; empty for none.
        strict: Whether no clip may be lost, because the protocol would not be the published one.
    """

    classes: tuple[str, ...]
    targets: Mapping[str, Target]
    left_out: Mapping[str, str]
    split: "Split"
    multi_label: bool = False
    class_set: str = "native"
    protocol: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False

    @property
    def clip_ids(self) -> list[str]:
        return list(self.targets)


def choose_clips(
    store: ClipStore,
    *,
    protocol: str | None = None,
    split: str | None = None,
    classes: str | None = None,
    action_units: str | None = None,
    allow_missing: bool = False,
) -> ChosenClips:
    """Chooses clips by a published protocol, by a class set, or by action units.

    Args:
        store: The clip store.
        protocol: Name of a published protocol; it has its own classes.
        split: How to divide the clips, such as `"loso"`; by default the protocol's, else LOSO.
        classes: Name of a class set, or a mapping; by default every label is a class.
        action_units: FACS numbers with commas, to predict these instead of classes.
        allow_missing: Go on where the store does not hold the whole protocol; the run says so.

    Raises:
        InputError: Where the store does not fit; the message says what is missing.
    """
    from keras_ma2mi.evaluation import LeaveOneSubjectOut, ProtocolError, parse_split

    if sum(map(bool, (protocol, classes, action_units))) > 1:
        raise InputError(
            "--protocol has its own classes or action units: give one of --protocol, --classes and "
            "--action-units"
        )
    try:
        divided = _lenient(parse_split(split), allow_missing) if split else None
        if protocol:
            return _by_protocol(store, protocol, divided, allow_missing)
        divided = divided or LeaveOneSubjectOut()
        if action_units:
            return _by_action_units(store, action_unit_numbers(action_units), divided)
        return _by_class_set(store, classes or "native", divided)
    except ProtocolError as error:
        raise InputError(f"{store.path}: {error}" if protocol else str(error)) from error


def _lenient(split: "Split", allow_missing: bool) -> "Split":
    from keras_ma2mi.evaluation import FixedSplit

    return replace(split, allow_missing=allow_missing) if isinstance(split, FixedSplit) else split


def _by_protocol(
    store: ClipStore, name: str, split: "Split | None", allow_missing: bool
) -> ChosenClips:
    from keras_ma2mi.evaluation import protocol

    published, table = protocol(name), store.manifest
    found = published.select(
        _texts(table, "clip_id"),
        _texts(table, "subject"),
        _texts(table, "dataset"),
        _texts(table, "label"),
        _texts(table, "action_units"),
        split=split,
        allow_missing=allow_missing,
    )
    multi_label = bool(found.units)
    names = tuple(f"AU{unit}" for unit in found.units) if multi_label else found.classes
    targets: dict[str, Target] = {
        clip: tuple(map(int, target)) if multi_label else str(target)
        for clip, target in zip(found.clip_ids, found.targets, strict=True)
    }
    return ChosenClips(
        classes=names,
        targets=targets,
        left_out=dict(found.surplus),
        split=found.split,
        multi_label=multi_label,
        class_set=published.description,
        protocol={"name": name, **found.as_dict()},
        strict=not allow_missing,
    )


def _by_class_set(store: ClipStore, text: str, split: "Split") -> ChosenClips:
    from keras_ma2mi.evaluation import class_set

    chosen, table = class_set(text), store.manifest
    clips, labels = _texts(table, "clip_id"), _texts(table, "label")
    assigned = chosen.assign(labels)
    absent = assigned.absent_classes
    if absent:
        known = sorted({label for label in labels if label})
        raise InputError(
            f"{store.path} has no clip of class {', '.join(absent)}; "
            f"it has: {', '.join(known) or 'none'}"
        )
    mapping = {name: "+".join(group) for name, group in chosen.classes.items()}
    return ChosenClips(
        classes=assigned.classes,
        targets={
            clips[row]: str(name) for row, name in zip(assigned.rows, assigned.targets, strict=True)
        },
        left_out={
            clips[row]: f"label {labels[row]} is not in the class set"
            if labels[row]
            else "no label"
            for row in assigned.left_out_rows
        },
        split=split,
        class_set=", ".join(f"{name}={group}" for name, group in mapping.items()) or text,
    )


def _by_action_units(store: ClipStore, units: Sequence[int], split: "Split") -> ChosenClips:
    from keras_ma2mi.evaluation import multi_hot

    clips, cells = _texts(store.manifest, "clip_id"), _texts(store.manifest, "action_units")
    shown = multi_hot(cells, units)
    absent = [
        f"AU{unit}" for unit, count in zip(units, shown.sum(axis=0), strict=True) if not count
    ]
    if absent:
        raise InputError(
            f"{store.path} has no clip with {', '.join(absent)}; leave it out of --action-units, "
            "or fill the column `action_units` of the manifest"
        )
    annotated = [bool(cell.strip()) for cell in cells]
    rows = zip(clips, shown, annotated, strict=True)
    return ChosenClips(
        classes=tuple(f"AU{unit}" for unit in units),
        targets={clip: tuple(map(int, row)) for clip, row, known in rows if known},
        left_out={
            clip: "no action units in the annotation"
            for clip, known in zip(clips, annotated, strict=True)
            if not known
        },
        split=split,
        multi_label=True,
        class_set="action units given by the user",
    )


def action_unit_numbers(text: str) -> list[int]:
    """FACS numbers from text such as `"4,12"`.

    Raises:
        InputError: Where something else stands there, or a number twice.
    """
    parts = [part.strip().upper().removeprefix("AU") for part in text.split(",")]
    if not all(part.isdecimal() for part in parts) or len(set(parts)) < len(parts):
        raise InputError(
            f"--action-units must be different FACS numbers with commas, such as 4,12; got {text!r}"
        )
    return [int(part) for part in parts]


def _why_no_class(label: str) -> str:
    return f"label {label} is not in the class set" if label else "no label"


def _texts(table: pd.DataFrame, column: str) -> Sequence[str]:
    if column not in table:
        return [""] * len(table)
    return ["" if pd.isna(value) else str(value) for value in table[column]]
