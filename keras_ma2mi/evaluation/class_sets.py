"""Emotion classes and the labels that each is made of, always spelt out."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from keras_ma2mi.evaluation.confusion import IntArray, quoted
from keras_ma2mi.evaluation.errors import ProtocolError
from keras_ma2mi.evaluation.published_protocols import all_protocols

NATIVE = "native"
NO_LABEL = "(no label)"


@dataclass(frozen=True, eq=False)
class ClassAssignment:
    """The class of each clip, and what was left out.

    Args:
        classes: the explicit class set.
        rows: int64 array of shape `(kept,)`: positions of the clips that have a class.
        targets: text array of shape `(kept,)`: their classes.
        left_out: number of clips by label that no class takes; clips without a label count as
            `"(no label)"`.
        left_out_rows: int64 array: positions of those clips.
        unused_labels: labels of the mapping that no clip has. Mostly other datasets' names, but a
            misspelt label shows up here.
        absent_classes: classes without a clip.
    """

    classes: tuple[str, ...]
    rows: IntArray
    targets: npt.NDArray[np.str_]
    left_out: dict[str, int]
    left_out_rows: IntArray
    unused_labels: tuple[str, ...]
    absent_classes: tuple[str, ...]


@dataclass(frozen=True)
class ClassSet:
    """Classes, and the labels of the annotation that each takes.

    Args:
        name: `"native"`, `"3"`, a protocol's name, or the user's own mapping as text.
        description: what it is, in a line.
        classes: class to labels; empty for `"native"`, where each label is a class.
        source: where the mapping comes from.
    """

    name: str
    description: str
    classes: Mapping[str, tuple[str, ...]]
    source: str = ""

    def assign(self, labels: Sequence[str | None]) -> ClassAssignment:
        """Gives each clip its class.

        Labels are compared without regard to case and outer blanks; by `"native"` as they are.

        Args:
            labels: label of each clip; None or empty where there is none.

        Returns:
            A `ClassAssignment`. Classes keep the order of the mapping; those of `"native"` are
            sorted.

        Raises:
            ProtocolError: (a `ValueError`) if fewer than two classes have a clip; the message
                lists the labels at hand.
        """
        names = ["" if label is None or label != label else str(label).strip() for label in labels]
        if self.classes:
            names = [name.lower() for name in names]
        # As they are: two spellings are two classes until a mapping says that they are one.
        mapping = self.classes or {name: (name,) for name in sorted(set(names) - {""})}
        fold = str.lower if self.classes else str
        class_of = {fold(label): name for name, group in mapping.items() for label in group}
        targets = np.asarray([class_of.get(name, "") for name in names], dtype=str)
        kept = np.flatnonzero(targets != "")
        dropped = np.flatnonzero(targets == "")
        present = set(targets[kept].tolist())
        if len(present) < 2:
            counts = Counter(name or NO_LABEL for name in names)
            found = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
            raise ProtocolError(
                f"the class set {self.name} leaves fewer than two classes with clips; "
                f"labels at hand: {found or 'none'}"
            )
        return ClassAssignment(
            classes=tuple(mapping),
            rows=kept,
            targets=targets[kept],
            left_out=dict(sorted(Counter(names[row] or NO_LABEL for row in dropped).items())),
            left_out_rows=dropped,
            unused_labels=tuple(sorted(set(class_of) - set(names))),
            absent_classes=tuple(name for name in mapping if name not in present),
        )


@cache
def all_class_sets() -> tuple[ClassSet, ...]:
    """All class sets that have a name: native, the general ones, and one a protocol of emotions."""
    native = ClassSet(NATIVE, "every label is a class", {})
    text = (files(__package__) / "protocol_data" / "class_sets.json").read_text(encoding="utf-8")
    general = [
        ClassSet(
            entry["name"],
            entry["description"],
            {name: tuple(labels) for name, labels in entry["classes"].items()},
            entry["source"],
        )
        for entry in json.loads(text)
    ]
    of_protocols = [
        ClassSet(one.name, f"classes of {one.description}", one.classes, one.source)
        for one in all_protocols()
        if one.classes and one.list_name == one.name
    ]
    return (native, *general, *of_protocols)


def class_set(text: str) -> ClassSet:
    """The class set of a name, or a mapping of the user's own.

    Args:
        text: `"native"`, `"3"`, `"4"`, the name of a protocol such as `"casme2-5"`, or a mapping
            such as `"negative=disgust+repression,positive=happiness,surprise"`: classes separated
            by commas, each with its labels joined by `+`; a class without `=` takes the label of
            its own name. Where a label itself holds a `+`, as in 4DME, join the labels by `|`
            (`"positive=positive|positive+surprise"`; a single such label ends in `|`).

    Returns:
        A `ClassSet`. Its classes are the protocol's only by label: the clips of an exact list are
        chosen by `Protocol.select`.

    Raises:
        ProtocolError: (a `ValueError`) if the name is not known, or the mapping names a class or
            a label twice.

    Example:
        >>> keras_ma2mi.evaluation.class_set("bad=disgust+fear,good=happiness").classes["bad"]
        ('disgust', 'fear')
    """
    known = {one.name: one for one in all_class_sets()}
    name = text.strip()
    if name in known:
        return known[name]
    if "=" not in name and "," not in name:
        raise ProtocolError(
            f"there is no class set '{text}'; known: {', '.join(known)}; or write a mapping such "
            "as negative=disgust+repression,positive=happiness"
        )
    return ClassSet(name, "classes given by the user", _mapping(name), "given by the user")


def _mapping(text: str) -> dict[str, tuple[str, ...]]:
    classes: dict[str, tuple[str, ...]] = {}
    for part in text.split(","):
        name, equals, labels = (piece.strip() for piece in part.partition("="))
        separator = "|" if "|" in labels else "+"
        group = [one.strip() for one in labels.split(separator)] if equals else [name]
        group = [one for one in group if one]
        if not name or not group:
            raise ProtocolError(f"'{part.strip()}' in '{text}' is not CLASS=LABEL+LABEL")
        if name in classes:
            raise ProtocolError(f"'{text}' names the class '{name}' twice")
        classes[name] = tuple(group)
    times = Counter(label.lower() for group in classes.values() for label in group)
    twice = sorted(label for label, count in times.items() if count > 1)
    if twice:
        raise ProtocolError(f"'{text}' puts the label {quoted(twice)} into more than one class")
    return classes
