"""CAS(ME)^2, micro-expressions in long videos: 30 frames a second."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .annotation_table import AnnotationRow, read_cells, read_headless_table
from .clip import IndexResult
from .clip_sources import Place
from .errata import Amendment

EXPECTED_TREE = """\
ROOT/
  CAS(ME)^2code_final.xlsx                       with its three sheets, or code_final.xlsx
  rawpic/s15/15_0101disgustingteeth/img001.jpg   long videos as pictures,
  cropped/s15/15_0101disgustingteeth/img001.jpg  or cropped by its authors,
  selectedpic/s15/disgust1_1/img0123.jpg         or cut to the expressions,
  rawvideo/s15/15_0101disgustingteeth.avi        or as videos, which are read only where there are
                                                 no pictures
Folders may lie at any depth, and CAS(ME)^2 may be called otherwise.
"""

_TABLES = (
    "CAS(ME)^2code_final(Updated)*",
    "CAS(ME)^2code_final*",
    "CAS*code_final*",
    "code_final*",
)

_COLUMNS = (
    *("subject", "filename", "onset", "apex", "offset"),
    *("action_units", "label", "type", "self_report"),
)

_VIDEO = re.compile(r"\d+_(\d{4}).*")


def _subject(text: str) -> str | None:
    match = re.fullmatch(r"s0*(\d{1,2})", text.strip(), re.IGNORECASE)
    return f"s{int(match[1]):02d}" if match else None


def _place(path: Path) -> Place | None:
    """A long video is known by the code in its name, a cut one by its name."""
    subject = _subject(path.parent.name)
    if subject is None:
        return None
    video = _VIDEO.fullmatch(path.name)
    return Place(subject, video[1] if video else path.name, path.parent.parent)


def _amend(row: AnnotationRow) -> Iterator[Amendment]:
    onset, apex = row["onset"], row["apex"]
    known = row["offset"] not in ("", "0")
    if not known and onset.isdecimal() and apex.isdecimal() and int(apex) >= int(onset):
        reason = "no offset is annotated: as long after the apex as the onset is before"
        yield Amendment("offset", str(2 * int(apex) - int(onset)), reason)


def index_cas_me_2(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the micro-expressions of CAS(ME)^2.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended, and offsets that are not annotated are
        put as long after the apex as the onset is before it.

    Returns
    -------
    IndexResult
        One clip an expression, named with its onset. Labels: negative, positive, surprise, others.

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table lacks its sheets of names.
    """
    return index_expressions("cas_me_2", "micro-expression", root, repairs=repairs)


def index_expressions(
    dataset: str, kind: str, root: Path, *, part: str = "", repairs: bool = True
) -> IndexResult:
    """Index the expressions of one kind.

    Parameters
    ----------
    dataset : str
        Name in clip names and subjects.
    kind : str
        As the table has it: ``micro-expression`` or ``macro-expression``.
    root, repairs
        As for `index_cas_me_2`.
    part : str
        Put before a clip's name, to tell the clips of two kinds apart where they are pooled.
    """
    layout = AnnotatedFolders(
        dataset,
        30.0,
        _subject,
        place_of=_place,
        names_of=lambda row: [row["code"], row["filename"].removeprefix(part)],
        amend=_amend,
        several_per_source=True,
        renumbered=True,
    )
    rows = read_expressions(layout.find_table(root, _TABLES))
    wanted = [
        replace(row, cells=row.cells | {"filename": row["filename"] and part + row["filename"]})
        for row in rows
        if row["type"].lower() == kind
    ]
    result = layout.index(wanted, root, repairs=repairs)
    if len(wanted) < len(rows):
        result.notices.append(f"rows that are no {kind}: {len(rows) - len(wanted)}")
    return result


def read_expressions(table: Path) -> list[AnnotationRow]:
    """Rows of the first sheet, with the subject and the video's code as the folders have them.

    Parameters
    ----------
    table : Path
        Its first sheet has no headings; the second says which folder a subject has, the third
        which code a video has.

    Raises
    ------
    InputError
        The file cannot be read, or has no such sheets.
    """
    folder_of = {cells[2]: cells[1] for cells in _three(table, "naming rule1", 1)}
    code_of = {cells[1].lower(): cells[0].zfill(4) for cells in _three(table, "naming rule2", 2)}
    sheets = ("CASMEcode_final", "CASFEcode_final", 0)
    rows = []
    for row in read_headless_table(table, _COLUMNS, *sheets):
        video = row["filename"].partition("_")[0].lower()
        cells = {
            "subject": folder_of.get(row["subject"], row["subject"]),
            "code": code_of.get(video, row["filename"]),
        }
        rows.append(AnnotationRow(row.number, row.cells | cells))
    if not any(_subject(row["subject"]) for row in rows):
        raise InputError(
            f"{table} names no subject that its sheet 'naming rule1' has; "
            "give the table with its three sheets"
        )
    if not any(row["code"] != row["filename"] for row in rows):
        raise InputError(
            f"{table} names no video that its sheet 'naming rule2' has; "
            "give the table with its three sheets"
        )
    return rows


def _three(table: Path, sheet: str, position: int) -> list[list[str]]:
    return [[*cells, "", "", ""] for cells in read_cells(table, sheet, position)]


ADAPTER = Adapter(
    name="cas_me_2",
    description="CAS(ME)^2, micro-expressions in long videos",
    expected_tree=EXPECTED_TREE,
    read=index_cas_me_2,
)
