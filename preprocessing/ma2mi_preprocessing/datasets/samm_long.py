"""SAMM Long Videos, macro-expressions: the people of SAMM, 200 frames a second."""

import re
from dataclasses import replace
from pathlib import Path

from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .annotation_table import AnnotationRow, read_annotation_table
from .clip import IndexResult, RowProblem
from .clip_sources import Place

EXPECTED_TREE = """\
ROOT/
  SAMM_LongVideos_V3_Release.xlsx          any release; its notes above the headings may stay
  SAMM_longvideos/006_1/006_1_0001.jpg     one folder a video, cropped copies have the same tree
Frame numbers of the table are those in the names of the files.
"""

_TABLES = (
    "SAMM_LongVideos_V3*",
    "SAMM_LongVideos_V2*",
    "SAMM_LongVideos_V1*",
    "SAMM_LongVideos*",
    "SAMM*Long*Videos*",
)

_FIELDS = {
    "subject": ("Subject",),
    "filename": ("Filename", "File name"),
    "inducement": ("Inducement Code",),
    "onset": ("Onset", "Onset Frame"),
    "apex": ("Apex", "Apex Frame"),
    "offset": ("Offset", "Offset Frame"),
    "type": ("Type",),
    "action_units": ("Action Units",),
}

_REQUIRED = ("subject", "filename", "onset", "offset", "type")


def index_samm_long(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the macro-expressions of SAMM Long Videos.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended.

    Returns
    -------
    IndexResult
        One clip an expression, ``samm/006/macro/006_1_1/<onset>``, without a label: none are
        published for them. Dataset and subjects (``samm/006``) are those of SAMM: a person must
        have one name in both, or nothing could tell that pre-training has seen the people who are
        held out later. An expression that the video starts in the middle of (onset 0 or 1) is
        among the problems.

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders(
        "samm",
        200.0,
        _subject,
        place_of=_place,
        names_of=lambda row: [row["video"]],
        several_per_source=True,
    )
    rows = read_annotation_table(layout.find_table(root, _TABLES), _FIELDS, _REQUIRED)
    micro = [row for row in rows if row["type"].lower().startswith("micro")]
    others = [_named(row) for row in rows if not row["type"].lower().startswith("micro")]
    faults = [(row, _fault(row)) for row in others]
    wanted = [row for row, fault in faults if fault is None]
    result = layout.index(wanted, root, repairs=repairs)
    result.problems.extend(fault for _, fault in faults if fault is not None)
    result.problems.sort(key=lambda problem: problem.row)
    if micro:
        result.notices.append(f"rows that are no macro-expression: {len(micro)}")
    return result


def _named(row: AnnotationRow) -> AnnotationRow:
    """Add the video: ``006_1`` for the name ``006_1_2``, or for subject 006 and inducement 1."""
    match = re.match(r"\d+_0*(\d+)", row["filename"])
    video = f"{_subject(row['subject'])}_{match[1] if match else row['inducement']}"
    name = row["filename"] and f"macro/{row['filename']}"
    return replace(row, cells=row.cells | {"video": video, "filename": name})


def _fault(row: AnnotationRow) -> RowProblem | None:
    """Why an expression is left out; None too for notes, which are no expressions."""
    subject = _subject(row["subject"])
    if subject is None:
        return None
    column, reason = "onset", "the expression has begun before the video, so it has no onset"
    if not row["type"].lower().startswith("macro"):
        column, reason = "type", f"'{row['type']}' is neither a micro- nor a macro-expression"
    elif row["onset"] not in ("0", "1"):
        return None
    clip_id = f"samm/{subject}/{row['filename']}/{row['onset']}"
    return RowProblem(row.number, column, f"{clip_id}: {reason}", clip_id)


def _subject(text: str) -> str | None:
    match = re.fullmatch(r"0*(\d{1,3})", text.strip())
    return f"{int(match[1]):03d}" if match else None


def _place(path: Path) -> Place | None:
    """``006_1``; clips of SAMM itself (``006_1_2``) are none."""
    match = re.fullmatch(r"(\d{1,3})_0*(\d{1,2})", path.name)
    subject = _subject(match[1]) if match else None
    if match is None or subject is None:
        return None
    return Place(subject, f"{subject}_{match[2]}", path.parent)


ADAPTER = Adapter(
    name="samm_long",
    description="SAMM Long Videos, macro-expressions",
    expected_tree=EXPECTED_TREE,
    read=index_samm_long,
)
