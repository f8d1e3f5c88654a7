"""CAS(ME)^3 part A, macro-expressions: the people of the micro-expressions, in long videos."""

from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .annotation_table import AnnotationRow, find_annotation_table, read_annotation_table
from .cas_me_3_a import place_of, subject_of
from .clip import IndexResult

EXPECTED_TREE = """\
ROOT/
  CAS(ME)3_part_A_v2.xls                             micro- and macro-expressions, no emotions,
  cas(me)3_part_A_MaE_label_JpgIndex_v2_emotion.xlsx or macro-expressions with emotions, or both
  part_A/spNO.1/a/color/355.jpg                      long videos (depth beside them is not read),
  Part_A_MaE_clip/frame/spNO.1_a_355/355.jpg         or cut to the expressions
Folders may lie at any depth; the case of their names does not matter (spNO.1, spNo.1).
"""

_ALL_TABLES = ("CAS(ME)3_part_A_v2*", "CAS(ME)3_part_A_v1*")
_EMOTION_TABLES = ("CAS(ME)3_part_A_MaE_*",)
_SHEETS = ("AU+Emotion", "Sheet1")

_FIELDS = {
    "subject": ("Subject", "sub"),
    "filename": ("Filename", "seq"),
    "onset": ("Onset",),
    "apex": ("Apex",),
    "offset": ("Offset",),
    "action_units": ("AU",),
    "type": ("Expression type",),
    "label": ("emotion",),
}

_REQUIRED = ("subject", "filename", "onset", "offset")


def index_cas_me_3_macro(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the macro-expressions of CAS(ME)^3 part A.

    Parameters
    ----------
    root : Path
        Folder that holds a table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended.

    Returns
    -------
    IndexResult
        One clip an expression, ``cas_me_3_a/spNO.1/macro/a/<onset>``. Labels in lower case where
        the table of emotions is there, else none. Dataset and subjects (``cas_me_3_a/spNO.1``) are
        those of the micro-expressions: a person must have one name in both, or nothing could tell
        that pre-training has seen the people who are held out later.

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders(
        "cas_me_3_a",
        30.0,
        subject_of,
        place_of=place_of,
        names_of=lambda row: [row["video"], f"{row['video']}_{row['onset']}"],
        several_per_source=True,
        renumbered=True,
    )
    notices: list[str] = []
    rows = _macro_rows(root, layout, notices)
    result = layout.index(map(_named, rows), root, repairs=repairs)
    result.notices.extend(notices)
    without = sum(clip.label is None for clip in result.clips)
    if without:
        reason = f"in no table called {_EMOTION_TABLES[0]}"
        result.notices.append(f"clips without a label ({reason}): {without}")
    return result


def _macro_rows(root: Path, layout: AnnotatedFolders, notices: list[str]) -> list[AnnotationRow]:
    """Rows of the table of all expressions, with labels from that of emotions; or of the latter."""
    # Each search walks through millions of frames.
    table = layout.find_table(root, (*_EMOTION_TABLES, *_ALL_TABLES))
    if "mae" not in table.name.lower():
        return _macro(table, notices)
    emotions = read_annotation_table(table, _FIELDS, _REQUIRED)
    try:
        of_all = find_annotation_table(root, _ALL_TABLES)
    except InputError:
        return emotions
    label_of = {_key(row): row["label"] for row in emotions}
    return [
        replace(row, cells=row.cells | {"label": label_of.get(_key(row), "")})
        for row in _macro(of_all, notices)
    ]


def _macro(table: Path, notices: list[str]) -> list[AnnotationRow]:
    rows = read_annotation_table(table, _FIELDS, (*_REQUIRED, "type"), _SHEETS)
    macro = [row for row in rows if row["type"].lower().startswith("macro")]
    if len(macro) < len(rows):
        notices.append(f"rows that are no macro-expression: {len(rows) - len(macro)}")
    return macro


def _key(row: AnnotationRow) -> tuple[str, ...]:
    return tuple(row[field].lower() for field in _REQUIRED)


def _named(row: AnnotationRow) -> AnnotationRow:
    # Videos are called by a letter, now and then a capital one.
    video = row["filename"].lower()
    return replace(row, cells=row.cells | {"video": video, "filename": video and f"macro/{video}"})


ADAPTER = Adapter(
    name="cas_me_3_macro",
    description="CAS(ME)^3 part A, macro-expressions in long videos",
    expected_tree=EXPECTED_TREE,
    read=index_cas_me_3_macro,
)
