"""Which clips a published protocol is about: exact lists where they are known, else rules."""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ..errors import InputError
from .clip import Clip

_MACRO = "/macro/"

_FOLDER = files(__package__) / "protocol_lists"


@dataclass(frozen=True)
class ProtocolList:
    """The clips and classes of one protocol.

    Attributes
    ----------
    name, description : str
    datasets : tuple of str
        First part of the names of its clips.
    classes : mapping of str to tuple of str
        Class of the protocol to the labels that it takes from the tables; empty for a protocol of
        action units.
    action_units : tuple of int
        FACS numbers that are scored, empty for a protocol of emotions.
    clips : int
        How many it has, as published.
    subjects : int or None
        How many, where published.
    per_class : mapping of str to int
        Clips a class, where published.
    sha256 : str or None
        Hash of the list, see `hash_of`; None where the list is not public.
    why_no_list : str
        Why the clips can only be told by rule; empty for an exact list.
    source : str
        Where counts and list come from.
    """

    name: str
    description: str
    datasets: tuple[str, ...]
    classes: Mapping[str, tuple[str, ...]]
    action_units: tuple[int, ...]
    clips: int
    subjects: int | None
    per_class: Mapping[str, int]
    sha256: str | None
    why_no_list: str
    source: str

    def members(self) -> dict[str, str]:
        """Class by name of clip, of an exact list; nothing where there is only a rule.

        Raises
        ------
        InputError
            The list in the installed package is not the one that its hash was taken of.
        """
        if self.sha256 is None:
            return {}
        text = (_FOLDER / f"{self.name}.csv").read_text(encoding="utf-8")
        members = {row["clip_id"]: row["class"] for row in csv.DictReader(text.splitlines())}
        if hash_of(members) != self.sha256:
            raise InputError(
                f"the list of the protocol {self.name} was changed; install the package again"
            )
        return members


@dataclass(frozen=True)
class Membership:
    """How a set of clips meets a protocol.

    Attributes
    ----------
    protocol : ProtocolList
    classes : dict of str to str
        Clip to class of the protocol (empty text in a protocol of action units).
    expected : int
        How many clips of these datasets the protocol has.
    missing : tuple of str
        Clips of an exact list that are not there, sorted.
    """

    protocol: ProtocolList
    classes: dict[str, str]
    expected: int | None
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether it has the published number of clips, and all of an exact list."""
        return len(self.classes) == self.expected and not self.missing


@cache
def protocol_lists() -> tuple[ProtocolList, ...]:
    """All protocols that are known, in the order in which they are shown."""
    entries = json.loads((_FOLDER / "protocols.json").read_text(encoding="utf-8"))
    return tuple(_from_entry(entry) for entry in entries)


def hash_of(members: Mapping[str, str]) -> str:
    """SHA-256 of the lines ``clip_id<tab>class<newline>``, sorted by clip, in UTF-8."""
    lines = "".join(f"{clip}\t{members[clip]}\n" for clip in sorted(members))
    return hashlib.sha256(lines.encode()).hexdigest()


def membership(protocol: ProtocolList, clips: Iterable[Clip]) -> Membership:
    """Tell which of some clips belong to a protocol.

    Parameters
    ----------
    protocol : ProtocolList
    clips : iterable of Clip
        Clips of one dataset or several; a protocol of more datasets is looked at as far as these
        go. Macro-expressions belong to none.

    Returns
    -------
    Membership
        By name of clip for an exact list, else by label.
    """
    clips = [
        clip
        for clip in clips
        if _dataset(clip.clip_id) in protocol.datasets and _MACRO not in clip.clip_id
    ]
    present = {_dataset(clip.clip_id) for clip in clips}
    if protocol.sha256 is not None:
        members = {
            clip: name for clip, name in protocol.members().items() if _dataset(clip) in present
        }
        found = {clip.clip_id: members[clip.clip_id] for clip in clips if clip.clip_id in members}
        missing = tuple(sorted(members.keys() - found.keys()))
        return Membership(protocol, found, len(members), missing)
    class_of = {label: name for name, labels in protocol.classes.items() for label in labels}
    whole = present == set(protocol.datasets)
    if protocol.action_units:
        found = {clip.clip_id: "" for clip in clips}
    else:
        found = {
            clip.clip_id: class_of[clip.label]
            for clip in clips
            if clip.label is not None and clip.label in class_of
        }
    return Membership(protocol, found, protocol.clips if whole else None, ())


def _dataset(clip_id: str) -> str:
    return clip_id.partition("/")[0]


def _from_entry(entry: dict[str, object]) -> ProtocolList:
    classes = entry.pop("classes")
    assert isinstance(classes, dict)
    for name in ("datasets", "action_units"):
        values = entry[name]
        assert isinstance(values, list)
        entry[name] = tuple(values)
    lists = {name: tuple(labels) for name, labels in classes.items()}
    return ProtocolList(classes=lists, **entry)  # type: ignore[arg-type]
