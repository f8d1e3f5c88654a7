"""Published protocols as data: which clips, which classes, which counts, and how they are split.

`protocol_data/` holds the lists. `protocols.json` and the CSV files are byte for byte those of
`ma2mi_preprocessing.datasets`, which needs them where no Keras is installed; the two packages may
not import each other, so there are two copies, and a test compares them. `evaluation.json` adds
what only evaluation needs: the splits, and protocols that share another one's clips.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from keras_ma2mi.evaluation.clip_table import ClipTable
from keras_ma2mi.evaluation.errors import ProtocolError
from keras_ma2mi.evaluation.fixed_split import FixedSplit
from keras_ma2mi.evaluation.protocol_clips import ProtocolClips
from keras_ma2mi.evaluation.protocol_membership import (
    Membership,
    by_action_units,
    by_label,
    by_list,
)
from keras_ma2mi.evaluation.protocols import clip_list_hash
from keras_ma2mi.evaluation.split_names import parse_split
from keras_ma2mi.evaluation.splits import Split

_FOLDER = files(__package__) / "protocol_data"


@dataclass(frozen=True)
class Protocol:
    """A published protocol.

    Args:
        name: as in `protocol(name)`.
        description: what it is, in a line.
        datasets: names of its datasets, the first part of the names of their clips.
        split: how its clips are divided, unless another split is asked for.
        classes: class to the labels of the datasets' tables; empty for action units.
        action_units: FACS numbers that are scored; empty for emotions.
        clips: how many it has, as published.
        subjects: how many, where published.
        per_class: clips a class, where published.
        per_dataset: clips a dataset, where published.
        sha256: hash of the exact list, see `members`; None where the list is not public.
        why_no_list: why the clips can only be told by rule; empty for an exact list.
        source: where counts and list come from.
        list_name: name of the file that holds the list.
    """

    name: str
    description: str
    datasets: tuple[str, ...]
    split: Split
    classes: Mapping[str, tuple[str, ...]]
    action_units: tuple[int, ...]
    clips: int
    subjects: int | None
    per_class: Mapping[str, int]
    per_dataset: Mapping[str, int]
    sha256: str | None
    why_no_list: str
    source: str
    list_name: str

    def members(self) -> dict[str, str]:
        """Class by name of clip, of an exact list; nothing where there is only a rule.

        Raises:
            ProtocolError: if the list is not the one that `sha256` was taken of. The hash is that
                of the lines `clip_id<tab>class<newline>`, sorted by clip, in UTF-8.
        """
        if self.sha256 is None:
            return {}
        text = (_FOLDER / f"{self.list_name}.csv").read_text(encoding="utf-8")
        members = {row["clip_id"]: row["class"] for row in csv.DictReader(text.splitlines())}
        lines = "".join(f"{clip}\t{members[clip]}\n" for clip in sorted(members))
        if hashlib.sha256(lines.encode()).hexdigest() != self.sha256:
            raise ProtocolError(
                f"the list of the protocol {self.name} was changed; install the package again"
            )
        return members

    def subject_names(self) -> tuple[str, ...]:
        """Subjects of an exact list, sorted, such as `casme2/sub01`; nothing for a rule."""
        return tuple(sorted({clip.rpartition("/")[0] for clip in self.members()}))

    def clip_list_hash(self) -> str | None:
        """Fingerprint that a run over exactly this list records; None for a rule."""
        return clip_list_hash(self.members()) if self.sha256 is not None else None

    def select(
        self,
        clip_ids: Sequence[str],
        subjects: Sequence[str],
        datasets: Sequence[str],
        labels: Sequence[str | None],
        action_units: Sequence[str | None] | None = None,
        *,
        split: Split | None = None,
        allow_missing: bool = False,
    ) -> ProtocolClips:
        """Takes the protocol's clips from a table, or refuses the table.

        An exact list also gives the classes: where the label of a clip says otherwise, the table
        is refused. A rule takes clips by their labels, and says in `notices` how the counts
        differ from the published ones.

        Args:
            clip_ids: name of each clip, `dataset/subject/name`.
            subjects: subject of each clip, with or without its dataset's name.
            datasets: dataset of each clip; empty for the first part of its name.
            labels: label of each clip in the annotation.
            action_units: cells of the manifest's column; needed for action units.
            split: another split than the protocol's.
            allow_missing: go on with a table that does not fit; the result is not `complete`, and
                its `problems` say why.

        Returns:
            A `ProtocolClips`.

        Raises:
            ProtocolError: (a `ValueError`) one line that says what is missing or contradicts.
            ValueError: if the columns differ in length, or a clip is named twice.
        """
        table = ClipTable.of(clip_ids, subjects, datasets, labels, action_units)
        found = self._membership(table)
        if not len(found.rows) or (found.problems and not allow_missing):
            raise ProtocolError(self._refusal(table, found))
        differences = tuple(self._differences(table, found))
        return ProtocolClips(
            protocol=self.name,
            split=_lenient(self.split if split is None else split, allow_missing),
            rows=found.rows,
            clip_ids=tuple(table.clip_ids[row] for row in found.rows),
            subjects=tuple(table.subjects[row] for row in found.rows),
            datasets=tuple(table.datasets[row] for row in found.rows),
            classes=tuple(self.classes),
            units=self.action_units,
            targets=found.targets,
            missing=found.missing,
            surplus=found.surplus,
            problems=found.problems,
            notices=(*found.notices, *differences),
            exact=self.sha256 is not None,
            complete=not found.problems and not differences,
        )

    def _membership(self, table: ClipTable) -> Membership:
        if self.action_units:
            return by_action_units(table, self.datasets, self.action_units)
        # A store may hold the classes already, as published motion does.
        class_of = {name.lower(): name for name in self.classes}
        class_of |= {label: name for name, group in self.classes.items() for label in group}
        if self.sha256 is not None:
            return by_list(table, self.members(), class_of)
        return by_label(table, self.datasets, class_of)

    def _refusal(self, table: ClipTable, found: Membership) -> str:
        problems = list(found.problems) or ["no clip has a class of the protocol"]
        others = sorted(set(table.datasets) - set(self.datasets))
        if others:
            problems.append(f"at hand are also clips of {', '.join(others[:5])}")
        if self.sha256 is not None and not len(found.rows) and len(table):
            problems.append(
                f"clips at hand are named such as {table.clip_ids[0]}, those of the list such as "
                f"{next(iter(self.members()))}"
            )
        advice = (
            "; add what is missing, or allow it, and the figures are not the protocol's"
            if len(found.rows)
            else ""
        )
        return f"{self.name} needs {self.clips} clips: {'; '.join(problems)}{advice}"

    def _differences(self, table: ClipTable, found: Membership) -> Iterator[str]:
        """How the counts differ from the published ones, in half-sentences."""
        yield from _differs("clips", len(found.rows), self.clips)
        people = {table.subjects[row] for row in found.rows}
        yield from _differs("subjects", len(people), self.subjects)
        if self.per_class:
            classes = Counter(str(name) for name in np.asarray(found.targets))
            for name in self.classes:
                yield from _differs(f"clips of {name}", classes[name], self.per_class.get(name))
        per_dataset = Counter(table.datasets[row] for row in found.rows)
        for name, published in self.per_dataset.items():
            yield from _differs(f"clips of {name}", per_dataset[name], published)


@cache
def all_protocols() -> tuple[Protocol, ...]:
    """All protocols that are known, in the order in which they are shown."""
    entries = json.loads((_FOLDER / "protocols.json").read_text(encoding="utf-8"))
    extra = json.loads((_FOLDER / "evaluation.json").read_text(encoding="utf-8"))
    known = {entry["name"]: entry for entry in entries}
    own = [
        _from_entry(
            entry,
            extra["splits"].get(entry["name"], extra["default_split"]),
            extra["clips_per_dataset"].get(entry["name"], {}),
        )
        for entry in entries
    ]
    variants = [
        _from_entry(
            known[entry["of"]] | {key: entry[key] for key in ("name", "description")},
            entry["split"],
            {},
            list_name=entry["of"],
        )
        for entry in extra["variants"]
    ]
    return (*own, *variants)


def protocol(name: str) -> Protocol:
    """The protocol of a name.

    Raises:
        ProtocolError: (a `ValueError`) if there is none; the message lists those that are known.

    Example:
        >>> keras_ma2mi.evaluation.protocol("megc2019").clips
        442
    """
    known = {one.name: one for one in all_protocols()}
    if name not in known:
        raise ProtocolError(f"there is no protocol '{name}'; known: {', '.join(known)}")
    return known[name]


def _from_entry(
    entry: Mapping[str, Any], split: str, per_dataset: Mapping[str, int], list_name: str = ""
) -> Protocol:
    return Protocol(
        name=entry["name"],
        description=entry["description"],
        datasets=tuple(entry["datasets"]),
        split=parse_split(split),
        classes={name: tuple(labels) for name, labels in entry["classes"].items()},
        action_units=tuple(entry["action_units"]),
        clips=entry["clips"],
        subjects=entry["subjects"],
        per_class=entry["per_class"],
        per_dataset=per_dataset,
        sha256=entry["sha256"],
        why_no_list=entry["why_no_list"],
        source=entry["source"],
        list_name=list_name or entry["name"],
    )


def _lenient(split: Split, allow_missing: bool) -> Split:
    if allow_missing and isinstance(split, FixedSplit):
        return replace(split, allow_missing=True)
    return split


def _differs(what: str, found: int, published: int | None) -> Iterator[str]:
    if published is not None and found != published:
        yield f"{found} {what}, published are {published}"
