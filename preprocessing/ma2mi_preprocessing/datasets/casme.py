"""CASME: 60 frames a second, one folder of numbered images a clip."""

import re
from collections.abc import Iterator
from pathlib import Path

from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .annotation_table import AnnotationRow
from .clip import IndexResult
from .errata import Amendment

EXPECTED_TREE = """\
ROOT/
  casme.xlsx                                         its table; rename it if it is called otherwise
  CASME_raw_selected/sub01/EP01_5/EP01_5-1.jpg ...   clips cut from onset to offset,
  Cropped/sub01/EP01_5/reg_EP01_5-001.jpg            or cropped by its authors
Folders may lie at any depth. Frame numbers of the table are those in the names of the files, padded
or not.
"""

_TABLES = ("CASME.*", "CASME1*", "CASME-*", "CASME_*", "CASME *")

_FIELDS = {
    "subject": ("Subject",),
    "filename": ("Filename", "File name"),
    "onset": ("OnsetF", "OnsetFrame", "Onset"),
    "apex": ("ApexF1", "ApexF", "ApexFrame", "Apex"),
    "second_apex": ("ApexF2",),
    "offset": ("OffsetF", "OffsetFrame", "Offset"),
    "action_units": ("AU", "AUs", "Action Units"),
    "label": ("Emotion", "Estimated Emotion"),
}


def _subject(text: str) -> str | None:
    """``1``, ``01``, ``sub1`` or ``sub01`` as the folders write it: ``sub01``."""
    match = re.fullmatch(r"(?:sub)?0*(\d{1,2})", text.strip(), re.IGNORECASE)
    return f"sub{int(match[1]):02d}" if match else None


def _amend(row: AnnotationRow) -> Iterator[Amendment]:
    if not row["apex"].isdecimal() and row["second_apex"].isdecimal():
        yield Amendment("apex", row["second_apex"], "only the second column of apexes is filled")


def index_casme(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index CASME.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended, and the second column of apexes is read
        where the first is empty.

    Returns
    -------
    IndexResult
        Clips in the order of the table, labels in lower case.

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders("casme", 60.0, _subject, amend=_amend, renumbered=True)
    return layout.index_table(root, _TABLES, _FIELDS, repairs=repairs)


ADAPTER = Adapter(
    name="casme",
    description="CASME, raw, selected or cropped",
    expected_tree=EXPECTED_TREE,
    read=index_casme,
)
