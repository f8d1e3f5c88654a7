"""CASME II: 26 people, 200 frames a second, one folder of numbered images a clip."""

import re
from pathlib import Path

from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .clip import IndexResult

EXPECTED_TREE = """\
ROOT/
  CASME2-coding-20190701.xlsx        the table of any release: CASME2-coding-*.xlsx,
                                     CASME2_label_Ver_2.xls, CASME2-ObjectiveClasses.xlsx
  CASME2-RAW/sub01/EP02_01f/img1.jpg ...       whole clips,
  CASME2_RAW_selected/sub01/EP02_01f/img46.jpg or cut from onset to offset,
  Cropped/sub01/EP02_01f/reg_img46.jpg         or cropped by its authors,
  CASME2_compressed/sub01/EP02_01f.avi         or as videos, read only where there are no pictures
Folders may lie at any depth. Of several copies the one with most frames is read.
Frame numbers of the table are those in the names of the files.
"""

_TABLES = (
    "CASME2-coding-updated*",
    "CASME2-coding-2019*",
    "CASME2-coding-*",
    "CASME2_label_*",
    "CASME2-ObjectiveClasses*",
    "CASME2*",
)

_FIELDS = {
    "subject": ("Subject",),
    "filename": ("Filename", "File name"),
    "onset": ("OnsetFrame", "Onset Frame"),
    "apex": ("ApexFrame", "ApexFrame1", "ApexF"),
    "offset": ("OffsetFrame", "Offset Frame"),
    "action_units": ("Action Units", "AUs", "AU"),
    "label": ("Estimated Emotion", "Emotion"),
}


def _subject(text: str) -> str | None:
    """``1``, ``01``, ``sub1`` or ``sub01`` as the folders write it: ``sub01``."""
    match = re.fullmatch(r"(?:sub)?0*(\d{1,2})", text.strip(), re.IGNORECASE)
    return f"sub{int(match[1]):02d}" if match else None


def index_casme2(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index CASME II.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended.

    Returns
    -------
    IndexResult
        Clips in the order of the table. Labels in lower case (happiness, disgust, repression,
        surprise, others, sadness, fear).

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders("casme2", 200.0, _subject)
    return layout.index_table(root, _TABLES, _FIELDS, repairs=repairs)


ADAPTER = Adapter(
    name="casme2",
    description="CASME II, raw, selected or cropped",
    expected_tree=EXPECTED_TREE,
    read=index_casme2,
)
