"""Clips from films, whose labels come in lists: what their adapters share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from .clip import Clip, IndexResult, Repair, RowProblem

Given = dict[str, tuple[Path, int]]
"""Label to the list and row that give it first."""

Lines = list[tuple[int, str]]
"""Lines of a list that are not empty, by number from 1."""


@dataclass(frozen=True)
class ListedLabels:
    """Labels by clip, gathered from any number of lists.

    Attributes
    ----------
    dataset : str
        Its name in clip names.
    labels : dict of str to dict of str to tuple
        Name of a clip, in lower case, to each label it was given, with list and row of the first.
    unknown : dict of str to dict of str to tuple
        The same for labels that are none of the dataset's.
    names : dict of str to str
        Name of a clip, in lower case, to its form in the lists.
    problems : list of RowProblem
        Lines that name no clip.
    """

    dataset: str
    labels: dict[str, Given] = field(default_factory=dict)
    unknown: dict[str, Given] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def add(self, name: str, label: str, table: Path, row: int) -> None:
        """Take note that a list gives this label to a clip."""
        self.names.setdefault(name.lower(), name)
        self.labels.setdefault(name.lower(), {}).setdefault(label, (table, row))

    def add_unknown(self, name: str, label: str, table: Path, row: int) -> None:
        """Take note that a list gives a clip a label that is none of the dataset's."""
        self.names.setdefault(name.lower(), name)
        self.unknown.setdefault(name.lower(), {}).setdefault(label, (table, row))

    def reject(self, table: Path, row: int, column: str, reason: str) -> None:
        """Take note that a line of a list names no clip."""
        self.problems.append(RowProblem(row, column, f"{_short(table)}: {reason}"))

    def join(
        self,
        sources: Mapping[str, Path],
        empty: Mapping[str, Path],
        folder_label: Mapping[str, str] | None = None,
    ) -> IndexResult:
        """Make a clip of each source; those in no list have no label.

        Clips from films have no subjects: who plays is not published.

        Parameters
        ----------
        sources : mapping of str to Path
            Name of a clip to its video or folder of frames.
        empty : mapping of str to Path
            Name of a clip to a folder without frames; those among the sources do not count.
        folder_label : mapping of str to str, optional
            Label that the folder of a clip suggests; that of the lists counts, and a difference is
            reported.

        Returns
        -------
        IndexResult
            Clips sorted by name; clips that are listed and not there, and empty folders, are
            problems.
        """
        result = IndexResult([], list(self.problems), [])
        for name, source in sorted(sources.items()):
            clip_id = f"{self.dataset}/{name}"
            label = self._label(name, clip_id, (folder_label or {}).get(name), result.repairs)
            kind = "frames" if source.is_dir() else "video"
            result.clips.append(Clip(clip_id, source, self.dataset, kind=kind, label=label))
        result.problems.extend(self._missing(set(sources), empty))
        without = sum(clip.label is None for clip in result.clips)
        if without:
            reason = "in no list, or the lists are at fault; of use for pre-training"
            result.notices.append(f"clips without a label ({reason}): {without}")
        return result

    def _label(
        self, name: str, clip_id: str, suggested: str | None, repairs: list[Repair]
    ) -> str | None:
        given = self.labels.get(name.lower(), {})
        repairs.extend(self._unknown(name, clip_id, given))
        if len(given) > 1:
            old = " and ".join(sorted(given))
            row = min(row for _, row in given.values())
            repairs.append(Repair(row, clip_id, "label", old, "none", "the lists disagree"))
        if len(given) != 1:
            return None
        label, (table, row) = next(iter(given.items()))
        if suggested not in (None, label):
            reason = f"the folder says one and {_short(table)} the other: the list"
            repairs.append(Repair(row, clip_id, "label", suggested or "", label, reason))
        return label

    def _unknown(self, name: str, clip_id: str, given: Given) -> Iterable[Repair]:
        for label, (table, row) in self.unknown.get(name.lower(), {}).items():
            new = next(iter(given)) if len(given) == 1 else "none"
            reason = f"no label of the dataset, in {_short(table)}"
            yield Repair(row, clip_id, "label", label, new, reason)

    def _missing(self, there: set[str], empty: Mapping[str, Path]) -> Iterable[RowProblem]:
        known = {name.lower() for name in there}
        folders = {name.lower(): (name, folder) for name, folder in empty.items()}
        listed = self.unknown | self.labels
        for name, given in sorted(listed.items()):
            if name not in known:
                table, row = next(iter(given.values()))
                clip_id = f"{self.dataset}/{self.names[name]}"
                why = "its folder holds no frame" if name in folders else "there is no such clip"
                reason = f"{_short(table)} names {clip_id}, but {why}"
                yield RowProblem(row, "name", reason, clip_id)
        for name, (shown, folder) in sorted(folders.items()):
            if name not in known and name not in listed:
                reason = f"{_short(folder)} holds no frame, and is in no list"
                yield RowProblem(0, "filename", reason, f"{self.dataset}/{shown}")


def read_lines(path: Path) -> Lines:
    """Read the lines of a list.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    lines = enumerate(text.splitlines(), start=1)
    return [(number, line.strip()) for number, line in lines if line.strip()]


def _short(table: Path) -> str:
    return f"{table.parent.name}/{table.name}"
