"""Datasets of one table and one folder of frames a clip: what their adapters share."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..errors import InputError
from .annotation_table import AnnotationRow, find_annotation_table, read_annotation_table
from .clip import Clip, IndexResult, Repair, RowProblem
from .errata import Errata
from .frame_numbers import FrameNumbers
from .key_frames import key_frames
from .media_files import is_image, walk_sorted
from .rows import CellError

Key = tuple[str, str]
"""Subject and name of a clip, in lower case."""


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
    """

    dataset: str
    fps: float
    subject_of: Callable[[str], str | None]
    label_of: Callable[[str], str] = str.lower

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
        if not root.is_dir():
            raise InputError(f"{root} is not a folder; give the one that holds {self.dataset}")
        table = find_annotation_table(root, tables)
        rows = read_annotation_table(table, fields, ("subject", "filename", "onset", "offset"))
        return self.index(rows, root, repairs=repairs)

    def index(
        self, rows: Iterable[AnnotationRow], root: Path, *, repairs: bool = True
    ) -> IndexResult:
        """Join the rows with the folders of frames below `root`.

        Rows whose subject is none are notes, and skipped. Folders in which a row was expected and
        not found are listed among the problems.

        Parameters
        ----------
        rows : iterable of AnnotationRow
            With fields ``subject``, ``filename``, ``onset``, ``apex``, ``offset``, ``label`` and
            ``action_units``.
        root : Path
            Folder that holds, at any depth, a folder a subject with a folder a clip.
        repairs : bool
            Whether known errors of the annotation are mended, see `Errata`.
        """
        errata = Errata.of(self.dataset) if repairs else Errata(())
        folders = self._clip_folders(root)
        result = IndexResult([], [], [])
        seen: set[Key] = set()
        names: set[str] = set()
        for row in rows:
            subject = self.subject_of(row["subject"])
            if subject is None or not row["filename"]:
                continue
            key = (subject.lower(), row["filename"].lower())
            seen.add(key)
            clip_id = f"{self.dataset}/{subject}/{row['filename']}"
            if clip_id in names:
                clip_id = f"{clip_id}/{row['onset']}"
            row, mended = errata.mend(row, subject, clip_id)
            try:
                clip, found = self._clip(row, clip_id, subject, folders.get(key, []))
                if clip_id in names:
                    raise CellError("filename", "the table has this clip twice, with one onset")
            except CellError as error:
                problem = RowProblem(row.number, error.column, str(error), clip_id)
                result.problems.append(replace(problem, reason=f"{clip_id}: {error}"))
                continue
            names.add(clip_id)
            if any(repair.column == "apex" and repair.new != repair.old for repair in mended):
                clip = replace(clip, apex_source="repaired")
            result.clips.append(clip)
            result.repairs.extend([*mended, *found])
        result.problems.extend(self._without_row(folders, seen))
        return result

    def _clip_folders(self, root: Path) -> dict[Key, list[Path]]:
        """Folders of frames by subject and name; a clip may be there raw and cropped."""
        folders: dict[Key, list[Path]] = {}
        for folder, files in walk_sorted(root):
            subject = self.subject_of(folder.parent.name)
            if subject is not None and (any(map(is_image, files)) or _is_leaf(folder, root)):
                key = (subject.lower(), folder.name.lower())
                folders.setdefault(key, []).append(folder)
        return folders

    def _clip(
        self, row: AnnotationRow, clip_id: str, subject: str, folders: Sequence[Path]
    ) -> tuple[Clip, list[Repair]]:
        if not folders:
            raise CellError("filename", "there is no folder of that subject and name")
        # Cut copies hold fewer frames than the whole clip.
        numbered = [(FrameNumbers.of(folder), folder) for folder in folders]
        frames, source = max(numbered, key=lambda pair: len(pair[0].numbers))
        repairs: list[Repair] = []
        report = partial(_add_repair, repairs, row.number, clip_id)
        found = key_frames(row, frames, report)
        first, last = frames.numbers[found.onset], frames.numbers[found.offset]
        lacking = frames.missing(first, last)
        if lacking:
            total = last - first + 1
            reason = f"frames are missing from onset to offset, the first is {lacking[0]}"
            report("frames", str(total), str(total - len(lacking)), reason)
        clip = Clip(
            clip_id=clip_id,
            source=source,
            dataset=self.dataset,
            subject=f"{self.dataset}/{subject}",
            kind="frames",
            onset=found.onset,
            apex=found.apex,
            offset=found.offset,
            apex_source=found.apex_source,
            fps=self.fps,
            label=self.label_of(row["label"]) or None,
            action_units=action_units(row["action_units"]),
        )
        return clip, repairs

    def _without_row(self, folders: dict[Key, list[Path]], seen: set[Key]) -> Iterable[RowProblem]:
        for (subject, name), paths in sorted(folders.items()):
            if (subject, name) not in seen:
                clip_id = f"{self.dataset}/{subject}/{paths[0].name}"
                yield RowProblem(0, "filename", "the table has no row for this folder", clip_id)


def action_units(text: str) -> str:
    """``4+7+L10`` as ``AU4+AU7+AUL10``; what is no code, such as '/', gives nothing."""
    codes = re.findall(r"[LR]?\d+[A-E]?", text.upper())
    return "+".join(f"AU{code}" for code in codes)


def _add_repair(
    repairs: list[Repair], row: int, clip_id: str, column: str, old: str, new: str, reason: str
) -> None:
    repairs.append(Repair(row, clip_id, column, old, new, reason))


def _is_leaf(folder: Path, root: Path) -> bool:
    # An empty folder of a clip is a loss that must show.
    return folder != root and not any(child.is_dir() for child in folder.iterdir())
