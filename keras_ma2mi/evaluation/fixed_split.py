"""A split that somebody wrote down: which clips or subjects are for fitting, and which for test."""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_ma2mi.evaluation.confusion import quoted
from keras_ma2mi.evaluation.errors import ProtocolError
from keras_ma2mi.evaluation.protocols import Fold, check_folds
from keras_ma2mi.evaluation.splits import Split

SIDES = ("train", "test")


@dataclass(frozen=True, eq=False)
class FixedSplit(Split):
    """One fold, as a list says; clips that it does not name are neither fitted on nor predicted.

    Args:
        sides: `"train"` or `"test"` of each name.
        by: `"clip_id"` or `"subject"`: what the names are.
        source: file that it was read from, for messages and reports.
        allow_missing: go on where some of the names are not there, see `missing`.
    """

    sides: Mapping[str, str]
    by: str
    source: str
    allow_missing: bool = False
    every_clip = False

    def __post_init__(self) -> None:
        if self.by not in ("clip_id", "subject"):
            raise ValueError(f"`by` must be 'clip_id' or 'subject'. Received: by={self.by!r}")
        wrong = sorted(set(self.sides.values()) - set(SIDES))
        if wrong:
            raise ProtocolError(
                f"{self.source}: the split {quoted(wrong)} is neither 'train' nor 'test'"
            )
        for side in SIDES:
            if side not in self.sides.values():
                raise ProtocolError(f"{self.source}: no {self.by} is marked '{side}'")

    @property
    def spec(self) -> str:
        return f"fixed:{self.source}"

    @property
    def description(self) -> str:
        counts = [sum(side == name for side in self.sides.values()) for name in SIDES]
        what = "clips" if self.by == "clip_id" else "subjects"
        return (
            f"fixed split of {counts[0]} and {counts[1]} {what} "
            f"({Path(self.source).name}, {self.hash})"
        )

    @property
    def hash(self) -> str:
        """Fingerprint of the list, the same in any order: 16 hexadecimal digits of SHA-256."""
        lines = "".join(f"{name}\t{self.sides[name]}\n" for name in sorted(self.sides))
        return hashlib.sha256(f"{self.by}\n{lines}".encode()).hexdigest()[:16]

    def folds(
        self, clip_ids: Sequence[str], subjects: Sequence[str], datasets: Sequence[str]
    ) -> list[Fold]:
        names = self._names(clip_ids, subjects)
        missing = self.missing(clip_ids, subjects)
        if any(missing.values()) and not self.allow_missing:
            raise ProtocolError(self._refusal(missing))
        side = np.asarray([self.sides.get(name, "") for name in names])
        fold = Fold("test", np.flatnonzero(side == "train"), np.flatnonzero(side == "test"))
        for name, positions in (("train", fold.train), ("test", fold.test)):
            if not len(positions):
                raise ProtocolError(f"{self.source}: of what it marks '{name}' no clip is there")
        check_folds([fold], subjects, every_clip=False)
        return [fold]

    def missing(self, clip_ids: Sequence[str], subjects: Sequence[str]) -> dict[str, list[str]]:
        """Names of the list that no clip at hand has, sorted, under `"train"` and `"test"`.

        Args:
            clip_ids: name of each clip at hand.
            subjects: subject of each clip.
        """
        absent = sorted(self.sides.keys() - set(self._names(clip_ids, subjects)))
        return {side: [name for name in absent if self.sides[name] == side] for side in SIDES}

    def _names(self, clip_ids: Sequence[str], subjects: Sequence[str]) -> list[str]:
        return [str(name) for name in (clip_ids if self.by == "clip_id" else subjects)]

    def _refusal(self, missing: Mapping[str, Sequence[str]]) -> str:
        said = "; ".join(
            f"{len(names)} for {side}, such as {quoted(names, limit=1)}"
            for side, names in missing.items()
            if names
        )
        what = "clips" if self.by == "clip_id" else "subjects"
        return (
            f"{self.source} names {what} that are not there, or have no class: {said}; take them "
            "out of the file, or allow it"
        )


def read_fixed_split(path: Path | str) -> FixedSplit:
    """Reads a split from a CSV.

    Args:
        path: CSV with the columns `clip_id` (or `subject`) and `split`, whose values are `train`
            and `test`. Other columns are ignored.

    Returns:
        A `FixedSplit`.

    Raises:
        ProtocolError: (a `ValueError`) one line with the file, the row and what is wrong.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = [str(name).strip() for name in reader.fieldnames or ()]
            reader.fieldnames = columns
            rows = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise ProtocolError(f"{path}: no such file; give a CSV with clip_id,split") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProtocolError(f"{path}: not a readable CSV: {str(error).splitlines()[0]}") from None
    named = [name for name in ("clip_id", "subject") if name in columns]
    if len(named) != 1 or "split" not in columns:
        raise ProtocolError(
            f"{path} needs the columns clip_id,split or subject,split; "
            f"columns found: {', '.join(columns) or 'none'}"
        )
    return FixedSplit(_sides(path, named[0], rows), named[0], str(path))


def _sides(path: Path, by: str, rows: Sequence[tuple[int, Mapping[str, str]]]) -> dict[str, str]:
    sides: dict[str, str] = {}
    for number, row in rows:
        name, side = (row.get(by) or "").strip(), (row.get("split") or "").strip().lower()
        if not name:
            raise ProtocolError(f"{path}, row {number}: {by} is empty")
        if side not in SIDES:
            raise ProtocolError(
                f"{path}, row {number}: the split of '{name}' is '{side}'; write train or test"
            )
        if sides.setdefault(name, side) != side:
            raise ProtocolError(f"{path}, row {number}: '{name}' is both train and test")
    return sides
