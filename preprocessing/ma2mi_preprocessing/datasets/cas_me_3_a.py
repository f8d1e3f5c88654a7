"""CAS(ME)^3 part A, micro-expressions: 30 frames a second, colour frames of long videos."""

import re
from collections.abc import Sequence
from pathlib import Path

from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .annotation_table import AnnotationRow, read_annotation_table
from .clip import IndexResult
from .clip_sources import Place

EXPECTED_TREE = """\
ROOT/
  cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx   or _v1.xls; or CAS(ME)3_part_A_v2.xls, without labels
  part_A/spNO.1/a/color/355.jpg               long videos (depth beside them is not read),
  Part_A_ME_clip/frame/spNO.1_a_355/355.jpg   or cut to the expressions
Folders may lie at any depth; the case of their names does not matter (spNO.1, spNo.1).
"""

_TABLES = (
    "cas(me)3_part_A_ME_label_JpgIndex_v2*",
    "cas(me)3_part_A_ME_label_JpgIndex*",
    "cas(me)3_part_A_v2*",
    "cas(me)3_part_A_v1*",
)

_SHEETS = ("label", "AU+Emotion", "Sheet1")

_FIELDS = {
    "subject": ("Subject", "sub"),
    "filename": ("Filename", "seq"),
    "onset": ("Onset",),
    "apex": ("Apex",),
    "offset": ("Offset",),
    "action_units": ("AU",),
    "label": ("emotion",),
    "type": ("Expression type",),
}

_REQUIRED = ("subject", "filename", "onset", "offset")

_CUT = re.compile(r"(spno\.?\d+)_([a-z])_(\d+)", re.IGNORECASE)


def subject_of(text: str) -> str | None:
    """``spNO.1`` or ``spNo.1``: ``spNO.1``, as the table has it."""
    match = re.fullmatch(r"spno\.?0*(\d+)", text.strip(), re.IGNORECASE)
    return f"spNO.{match[1]}" if match else None


def place_of(path: Path) -> Place | None:
    """``spNO.1/a/color`` or ``spNO.1_a_355``; None for depth and all else."""
    cut = _CUT.fullmatch(path.name)
    if cut is not None:
        return _place(subject_of(cut[1]), f"{cut[2]}_{cut[3]}", path.parent)
    if path.name.lower() != "color" or len(path.parents) < 3:
        return None
    video, person = path.parent, path.parent.parent
    return _place(subject_of(person.name), video.name, person.parent)


def _place(subject: str | None, name: str, tree: Path) -> Place | None:
    # The same clip is there as depth pictures, under the same name.
    if subject is None or tree.name.lower() == "depth":
        return None
    return Place(subject, name, tree)


def _names(row: AnnotationRow) -> Sequence[str]:
    return [row["filename"], f"{row['filename']}_{row['onset']}"]


def index_cas_me_3_a(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the micro-expressions of CAS(ME)^3 part A.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended.

    Returns
    -------
    IndexResult
        One clip an expression, named with its onset as the table has it. Labels in lower case
        (disgust, surprise, others, fear, anger, sad, happy).

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
        names_of=_names,
        several_per_source=True,
        renumbered=True,
    )
    table = layout.find_table(root, _TABLES)
    rows = read_annotation_table(table, _FIELDS, _REQUIRED, _SHEETS)
    wanted = [_lower(row) for row in rows if row["type"].lower() in ("", "micro-expression")]
    result = layout.index(wanted, root, repairs=repairs)
    if len(wanted) < len(rows):
        result.notices.append(f"rows that are no micro-expression: {len(rows) - len(wanted)}")
    if not any(row["label"] for row in rows):
        result.notices.append(f"{table.name} has no emotions, so the clips have no label")
    return result


def _lower(row: AnnotationRow) -> AnnotationRow:
    # Videos are called by a letter, now and then a capital one.
    return AnnotationRow(row.number, row.cells | {"filename": row["filename"].lower()})


ADAPTER = Adapter(
    name="cas_me_3_a",
    description="CAS(ME)^3 part A, micro-expressions in long videos",
    expected_tree=EXPECTED_TREE,
    read=index_cas_me_3_a,
)
