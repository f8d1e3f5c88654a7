"""Datasets of one table and one folder of frames (or video) a clip: what their adapters share."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from ..errors import InputError
from .action_unit_codes import action_units
from .annotation_table import AnnotationRow, find_annotation_table, read_annotation_table
from .clip import Clip, IndexResult, Repair, RowProblem
from .clip_sources import ClipSource, ClipSources, Key, Place, PlaceOf
from .errata import Amendment, Errata, amend
from .key_frames import key_frames
from .numbering import matched_numbers
from .rows import CellError

__all__ = ["AnnotatedFolders", "Key", "action_units", "place_below_subject"]


def place_below_subject(subject_of: Callable[[str], str | None], path: Path) -> Place | None:
    """Read ``<tree>/<subject>/<clip>``; None where the folder above names no subject."""
    subject = subject_of(path.parent.name)
    return None if subject is None else Place(subject, path.name, path.parent.parent)


@dataclass(frozen=True)
class AnnotatedFolders:
    """How one dataset names its subjects, clips and labels.

    Attributes
    ----------
    dataset : str
        Its name in clip names and subjects.
    fps : float
        Frames a second.
    subject_of : callable
        Text of a subject, from a table or a folder, to the form that is kept; None where it names
        no subject.
    label_of : callable
        Text of a label to the class name.
    place_of : callable or None
        Path of a folder, or of a video without its suffix, to the clip that it is; None for
        ``<subject>/<clip>``.
    names_of : callable
        Row to the names that its clip may have on disk.
    amend : callable
        Row to values that a rule of the dataset replaces; applied with the errata.
    several_per_source : bool
        Whether one video holds several expressions: the onset is then part of every clip's name,
        and a video without a row is no problem.
    renumbered : bool
        Whether copies of it number their files otherwise than the table, see `matched_numbers`.
    """

    dataset: str
    fps: float
    subject_of: Callable[[str], str | None]
    label_of: Callable[[str], str] = str.lower
    place_of: PlaceOf | None = None
    names_of: Callable[[AnnotationRow], Sequence[str]] = lambda row: [row["filename"]]
    amend: Callable[[AnnotationRow], Iterable[Amendment]] = lambda row: ()
    several_per_source: bool = False
    renumbered: bool = False

    def index_table(
        self,
        root: Path,
        tables: Sequence[str],
        fields: Mapping[str, Sequence[str]],
        *,
        repairs: bool = True,
    ) -> IndexResult:
        """Find the table below `root`, and join its rows with the folders.

        Parameters
        ----------
        root : Path
            Folder that holds the table and the frames.
        tables, fields
            As for `find_annotation_table` and `read_annotation_table`.
        repairs : bool
            Whether known errors of the annotation are mended, see `Errata`.

        Raises
        ------
        InputError
            There is no such folder, or no table in it, or the table is another one.
        """
        table = self.find_table(root, tables)
        rows = read_annotation_table(table, fields, ("subject", "filename", "onset", "offset"))
        return self.index(rows, root, repairs=repairs)

    def find_table(self, root: Path, tables: Sequence[str]) -> Path:
        """`find_annotation_table` for a `root` that must be a folder."""
        if not root.is_dir():
            raise InputError(f"{root} is not a folder; give the one that holds {self.dataset}")
        return find_annotation_table(root, tables)

    def index(
        self, rows: Iterable[AnnotationRow], root: Path, *, repairs: bool = True
    ) -> IndexResult:
        """Join the rows with the folders of frames below `root`.

        Rows without subject, clip and frame numbers are notes, counted among the notices. Folders
        in which a row was expected and not found are listed among the problems.

        Parameters
        ----------
        rows : iterable of AnnotationRow
            With fields ``subject``, ``filename``, ``onset``, ``apex``, ``offset``, ``label`` and
            ``action_units``; only those that the dataset has.
        root : Path
            Folder that holds, at any depth, a folder a subject with a folder a clip.
        repairs : bool
            Whether known errors of the annotation are mended, see `Errata`.
        """
        errata = Errata.of(self.dataset) if repairs else Errata(())
        place_of = self.place_of or partial(place_below_subject, self.subject_of)
        join = _Join(self, ClipSources.find(root, place_of), errata, repairs)
        for row in rows:
            join.add(row)
        return join.finished()


@dataclass
class _Join:
    """One pass over the rows of a table."""

    layout: AnnotatedFolders
    sources: ClipSources
    errata: Errata
    repairs: bool
    result: IndexResult = field(default_factory=lambda: IndexResult([], []))
    seen: set[Key] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    used: list[ClipSource] = field(default_factory=list)
    readings: Counter[str] = field(default_factory=Counter)
    notes: int = 0
    without_apex: int = 0

    def add(self, row: AnnotationRow) -> None:
        """Turn one row into a clip or a problem."""
        subject = self.layout.subject_of(row["subject"])
        if subject is None or not row["filename"]:
            self._add_without_clip(row, "subject" if subject is None else "filename")
            return
        keys = [(subject.lower(), name.lower()) for name in self.layout.names_of(row)]
        self.seen.update(keys)
        clip_id = f"{self.layout.dataset}/{subject}/{row['filename']}"
        if clip_id in self.names or self.layout.several_per_source:
            clip_id = f"{clip_id}/{row['onset']}"
        row, mended = self.errata.mend(row, subject, clip_id)
        apex_repaired = any(r.column == "apex" and r.new != r.old for r in mended)
        if self.repairs:
            row, amended = amend(row, self.layout.amend(row), clip_id)
            mended += amended
        try:
            if clip_id in self.names:
                raise CellError("filename", "the table has this clip twice, with one onset")
            clip = self._clip(row, clip_id, subject, self.sources.candidates(keys), mended)
        except CellError as error:
            reason = f"{clip_id}: {error}"
            self.result.problems.append(RowProblem(row.number, error.column, reason, clip_id))
            return
        self.names.add(clip_id)
        if apex_repaired:
            clip = replace(clip, apex_source="repaired")
        self.result.clips.append(clip)
        self.result.repairs.extend(mended)

    def _add_without_clip(self, row: AnnotationRow, column: str) -> None:
        # Notes have no frame numbers.
        if row["onset"].isdecimal() and row["offset"].isdecimal():
            reason = f"'{row[column]}' names no {'subject' if column == 'subject' else 'clip'}"
            self.result.problems.append(RowProblem(row.number, column, reason, row["filename"]))
        else:
            self.notes += 1

    def _clip(
        self,
        row: AnnotationRow,
        clip_id: str,
        subject: str,
        candidates: Sequence[ClipSource],
        repairs: list[Repair],
    ) -> Clip:
        if not candidates:
            raise CellError("filename", "there is no folder of that subject and name")
        source = candidates[0]
        frames, reading = self.sources.numbers(source), ""
        if self.layout.renumbered:
            frames, reading = matched_numbers(row, frames)
        report = partial(_add_repair, repairs, row.number, clip_id)
        found = key_frames(row, frames, report)
        first, last = frames.numbers[found.onset], frames.numbers[found.offset]
        lacking = frames.missing(first, last)
        if lacking:
            total = last - first + 1
            reason = f"frames are missing from onset to offset, the first is {lacking[0]}"
            report("frames", str(total), str(total - len(lacking)), reason)
        self.used.append(source)
        self.readings[reading] += 1
        self.without_apex += "apex" not in row.cells
        return Clip(
            clip_id=clip_id,
            source=source.path,
            dataset=self.layout.dataset,
            subject=f"{self.layout.dataset}/{subject}",
            kind=source.kind,
            onset=found.onset,
            apex=found.apex,
            offset=found.offset,
            apex_source=found.apex_source,
            fps=self.layout.fps,
            label=self.layout.label_of(row["label"]) or None,
            action_units=action_units(row["action_units"]),
        )

    def finished(self) -> IndexResult:
        """The result, with the folders that no row spoke of, and the notices."""
        left = self.sources.outside(self.seen)
        notices = list(self._notices())
        if self.layout.several_per_source:
            if left:
                notices.append(f"videos without an expression in the table: {len(left)}")
        else:
            self.result.problems.extend(map(self._without_row, left))
        return replace(self.result, notices=[*self.result.notices, *notices])

    def _without_row(self, source: ClipSource) -> RowProblem:
        place = source.place
        clip_id = f"{self.layout.dataset}/{place.subject}/{place.name}"
        return RowProblem(0, "filename", "the table has no row for this folder", clip_id)

    def _notices(self) -> Iterable[str]:
        if self.notes:
            yield f"rows that are notes (no subject or clip, no frame numbers): {self.notes}"
        if self.without_apex:
            yield (
                "clips whose apex is the middle of onset and offset, as the table has no column "
                f"for it: {self.without_apex}"
            )
        for reading, count in sorted(self.readings.items()):
            if reading:
                yield f"clips from {reading}: {count}"
        yield from self.sources.choice(self.used)


def _add_repair(
    repairs: list[Repair], row: int, clip_id: str, column: str, old: str, new: str, reason: str
) -> None:
    repairs.append(Repair(row, clip_id, column, old, new, reason))
