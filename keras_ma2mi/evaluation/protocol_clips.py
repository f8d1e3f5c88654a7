"""The clips that a protocol took from a table: what is fitted on, and predicted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_ma2mi.evaluation.action_units import unit_name
from keras_ma2mi.evaluation.confusion import IntArray
from keras_ma2mi.evaluation.protocols import Fold, clip_list_hash
from keras_ma2mi.evaluation.splits import Split


@dataclass(frozen=True, eq=False)
class ProtocolClips:
    """What a protocol makes of a table of clips.

    Args:
        protocol: the protocol's name.
        split: how the clips are divided.
        rows: int64 array of shape `(clips,)`: positions in the table, in its order.
        clip_ids: names of those clips.
        subjects: their subjects, with their dataset's name.
        datasets: their datasets.
        classes: the explicit class set; empty for action units.
        units: FACS numbers; empty for emotions.
        targets: text array of shape `(clips,)` of class names, or int64 array of shape
            `(clips, units)` of 0 and 1.
        missing: clips of the exact list that the table lacks.
        surplus: clips of the table that the protocol does not take, with the reason.
        problems: in what the table does not fit the protocol; empty unless that was allowed.
        notices: other differences from what was published, and what a reader should know.
        exact: whether the clips are those of a public list, not only of a rule.
        complete: whether this is the published protocol as far as can be told: no problems, and
            the published counts.
    """

    protocol: str
    split: Split
    rows: IntArray
    clip_ids: tuple[str, ...]
    subjects: tuple[str, ...]
    datasets: tuple[str, ...]
    classes: tuple[str, ...]
    units: tuple[int, ...]
    targets: npt.NDArray[np.str_] | IntArray
    missing: tuple[str, ...]
    surplus: Mapping[str, str]
    problems: tuple[str, ...]
    notices: tuple[str, ...]
    exact: bool
    complete: bool

    def __len__(self) -> int:
        return len(self.clip_ids)

    @property
    def clip_list_hash(self) -> str:
        """Fingerprint of the clips taken, as runs record it."""
        return clip_list_hash(self.clip_ids)

    @property
    def counts(self) -> dict[str, int]:
        """Clips of each class, or clips that show each action unit."""
        if self.units:
            shown = np.asarray(self.targets).sum(axis=0)
            return {unit_name(u): int(n) for u, n in zip(self.units, shown, strict=True)}
        found = Counter(str(name) for name in self.targets)
        return {name: found.get(name, 0) for name in self.classes}

    def folds(self) -> list[Fold]:
        """Divides the clips.

        Returns:
            A list of `Fold` whose positions count within these clips (0 to `len(self) - 1`), not
            within the table.

        Raises:
            ProtocolError: if the clips do not fit the split.
            SubjectLeakError: if a person would be on both sides.
            ValueError: if there are fewer than two groups to divide.
        """
        return self.split.folds(self.clip_ids, self.subjects, self.datasets)

    def as_dict(self) -> dict[str, Any]:
        """What a run records, as plain Python values; the surplus by reason and count."""
        return {
            "protocol": self.protocol,
            "split": self.split.spec,
            "split_description": self.split.description,
            "clips": len(self),
            "subjects": len(set(self.subjects)),
            "datasets": dict(sorted(Counter(self.datasets).items())),
            "counts": self.counts,
            "clip_list_hash": self.clip_list_hash,
            "exact": self.exact,
            "complete": self.complete,
            "missing": list(self.missing),
            "surplus": dict(sorted(Counter(self.surplus.values()).items())),
            "problems": list(self.problems),
            "notices": list(self.notices),
        }
