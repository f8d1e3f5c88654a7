"""Known errors of published annotations: one table, applied where a value is at fault."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from .annotation_table import AnnotationRow
from .clip import Repair

_KEY_FRAMES = ("onset", "apex", "offset")


@dataclass(frozen=True)
class Erratum:
    """One line of `errata.csv`.

    Attributes
    ----------
    dataset, subject, filename, onset : str
        The row that it is about, in the form that clip names have; `onset` as the table has it,
        empty where subject and filename name one row. Never a row number: these differ between
        releases.
    field : str
        Field of the row that is wrong.
    old : str
        The wrong value; empty where it is not published, and then only a value that is missing or
        impossible is replaced.
    new : str
        The right value.
    reason, source : str
        Why, and who found it.
    """

    dataset: str
    subject: str
    filename: str
    onset: str
    field: str
    old: str
    new: str
    reason: str
    source: str


class Amendment(NamedTuple):
    """A value of a row that a rule of its dataset replaces, whichever row it is in."""

    field: str
    new: str
    reason: str


def amend(
    row: AnnotationRow, amendments: Iterable[Amendment], clip_id: str
) -> tuple[AnnotationRow, list[Repair]]:
    """Apply amendments to a row, and list those that change a value."""
    repairs = []
    for field, new, reason in amendments:
        old = row[field]
        if old != new:
            row = replace(row, cells=row.cells | {field: new})
            repairs.append(Repair(row.number, clip_id, field, old, new, reason))
    return row, repairs


class Errata:
    """Known errors of one dataset.

    Parameters
    ----------
    lines : iterable of Erratum
    """

    def __init__(self, lines: Iterable[Erratum]) -> None:
        self._of: dict[tuple[str, str], list[Erratum]] = {}
        for line in lines:
            self._of.setdefault((line.subject.lower(), line.filename.lower()), []).append(line)

    @classmethod
    def of(cls, dataset: str) -> "Errata":
        """The known errors of a dataset, none for one that has none."""
        return cls(line for line in known_errata() if line.dataset == dataset)

    def mend(
        self, row: AnnotationRow, subject: str, clip_id: str
    ) -> tuple[AnnotationRow, list[Repair]]:
        """Replace the values of a row that are known to be wrong.

        A value is replaced where it is the published wrong one, is missing, or cannot be (onset,
        apex and offset out of order). Another value is left, and that is reported too: a later
        release may have mended it in its own way.

        Parameters
        ----------
        row : AnnotationRow
        subject, clip_id : str
            In the form of the folders, and of the manifest.

        Returns
        -------
        row : AnnotationRow
        repairs : list of Repair
        """
        repairs = []
        mended = row
        for line in self._of.get((subject.lower(), row["filename"].lower()), []):
            if line.onset and line.onset != row["onset"]:
                continue
            old = row[line.field]
            if old == line.new:
                continue
            new, reason = line.new, f"{line.reason} ({line.source})"
            if not (_same(old, line.old) or _is_at_fault(row, line.field)):
                new = old
                reason = f"known as wrong ({line.source}: {line.new}), but sound here, so kept"
            mended = replace(mended, cells=mended.cells | {line.field: new})
            repairs.append(Repair(row.number, clip_id, line.field, old, new, reason))
        return mended, repairs


@cache
def known_errata() -> tuple[Erratum, ...]:
    """All lines of `errata.csv`."""
    text = files(__package__).joinpath("errata.csv").read_text(encoding="utf-8")
    return tuple(Erratum(**line) for line in csv.DictReader(text.splitlines()))


def _same(text: str, published: str) -> bool:
    return bool(published) and "".join(text.split()) == "".join(published.split())


@dataclass(frozen=True)
class UnplacedErratum:
    """One line of `errata_without_key.csv`: an error known by a row number only, so not applied.

    Attributes
    ----------
    dataset : str
    row : str
        0-based data row in the copy of the table that its finder had. Rows differ between releases.
    field, new : str
        As for `Erratum`.
    reason, source : str
        Why there is no key, and who found the error.
    """

    dataset: str
    row: str
    field: str
    new: str
    reason: str
    source: str


@cache
def errata_without_key() -> tuple[UnplacedErratum, ...]:
    """All lines of `errata_without_key.csv`."""
    text = files(__package__).joinpath("errata_without_key.csv").read_text(encoding="utf-8")
    return tuple(UnplacedErratum(**line) for line in csv.DictReader(text.splitlines()))


def _is_at_fault(row: AnnotationRow, field: str) -> bool:
    if field not in _KEY_FRAMES:
        return not row[field]
    numbers = {name: _number(row[name]) for name in _KEY_FRAMES}
    value = numbers[field]
    if value is None:
        return True
    at = _KEY_FRAMES.index(field)
    before = [n for name in _KEY_FRAMES[:at] if (n := numbers[name]) is not None]
    after = [n for name in _KEY_FRAMES[at + 1 :] if (n := numbers[name]) is not None]
    return any(value < n for n in before) or any(value > n for n in after)


def _number(text: str) -> int | None:
    # Zero and '/' stand for an empty cell in several tables.
    return int(text) if text.isdecimal() and int(text) else None
