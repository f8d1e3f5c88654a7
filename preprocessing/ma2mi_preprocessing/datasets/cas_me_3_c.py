"""CAS(ME)^3 part C, micro-expressions of a mock crime: 30 frames a second, colour frames."""

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
  CAS(ME)3_part_C_ME.xlsx
  part_C/01/a/color/373.jpg      one long video a person (depth beside it is not read),
  ME_C/01/1/color/373.jpg        or cut to the expressions, the folder being the table's count,
  01/color/01_1/373.jpg          or so
Folders may lie at any depth.
"""

_TABLES = ("CAS(ME)3_part_C_ME*", "CAS(ME)3_part_C*")

_SHEETS = ("mockCrimeME",)

_FIELDS = {
    "subject": ("sub", "Subject"),
    "filename": ("count",),
    "onset": ("onset",),
    "offset": ("offset",),
    "action_units": ("au",),
    "label": ("emotion",),
}

_WHOLE = "a"


def _subject(text: str) -> str | None:
    match = re.fullmatch(r"(?:sub|spno\.)?0*(\d{1,3})", text.strip(), re.IGNORECASE)
    return f"{int(match[1]):02d}" if match else None


def _place(path: Path) -> Place | None:
    """``01/a/color``, ``01/1/color`` or ``01/color/01_1``; None for depth and all else."""
    parents = path.parents
    if len(parents) < 3:
        return None
    if path.name.lower() == "color":
        subject, name = _subject(parents[1].name), path.parent.name.lower()
        known = name == _WHOLE or name.isdecimal()
        return Place(subject, name.lstrip("0"), parents[2]) if subject and known else None
    cut = re.fullmatch(r"(\d+)_0*(\d+)", path.name)
    if cut is None or path.parent.name.lower() != "color":
        return None
    subject = _subject(parents[1].name)
    own = subject is not None and subject == _subject(cut[1])
    return Place(subject, cut[2], parents[2]) if subject and own else None


def _names(row: AnnotationRow) -> Sequence[str]:
    return [_WHOLE, row["filename"]]


def index_cas_me_3_c(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the micro-expressions of CAS(ME)^3 part C.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended.

    Returns
    -------
    IndexResult
        One clip an expression, named with its count and its onset; the apex is the middle, as none
        is annotated. Labels in lower case.

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders(
        "cas_me_3_c",
        30.0,
        _subject,
        place_of=_place,
        names_of=_names,
        several_per_source=True,
        renumbered=True,
    )
    table = layout.find_table(root, _TABLES)
    required = ("subject", "filename", "onset", "offset")
    rows = read_annotation_table(table, _FIELDS, required, _SHEETS)
    return layout.index(rows, root, repairs=repairs)


ADAPTER = Adapter(
    name="cas_me_3_c",
    description="CAS(ME)^3 part C, micro-expressions of a mock crime",
    expected_tree=EXPECTED_TREE,
    read=index_cas_me_3_c,
)
