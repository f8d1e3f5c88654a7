"""SAMM: micro-movements of 29 labelled people, 200 frames a second."""

import re
from pathlib import Path

from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .clip import IndexResult

EXPECTED_TREE = """\
ROOT/
  SAMM_Micro_FACS_Codes_v2.xlsx      its notes above the headings may stay
  SAMM/006/006_1_2/006_05562.jpg     frames, padded or not; cropped copies have the same tree
Frame numbers of the table are those in the names of the files.
"""

_TABLES = ("SAMM_Micro_FACS_Codes*", "SAMM_*Micro_FACS_Codes*")

_FIELDS = {
    "subject": ("Subject",),
    "filename": ("Filename", "File name"),
    "onset": ("Onset Frame", "Onset"),
    "apex": ("Apex Frame", "Apex"),
    "offset": ("Offset Frame", "Offset"),
    "action_units": ("Action Units",),
    "label": ("Estimated Emotion",),
}


def _subject(text: str) -> str | None:
    """``6``, ``006`` as the folders write it: ``006``."""
    match = re.fullmatch(r"0*(\d{1,3})", text.strip())
    return f"{int(match[1]):03d}" if match else None


def _label(text: str) -> str:
    # Two releases differ in the spelling of this one class.
    label = text.lower()
    return "other" if label == "others" else label


def index_samm(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the micro-movements of SAMM.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended.

    Returns
    -------
    IndexResult
        Clips in the order of the table. Labels in lower case (anger, other, happiness, surprise,
        contempt, disgust, fear, sadness).

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders("samm", 200.0, _subject, _label)
    return layout.index_table(root, _TABLES, _FIELDS, repairs=repairs)


ADAPTER = Adapter(
    name="samm",
    description="SAMM micro-movements",
    expected_tree=EXPECTED_TREE,
    read=index_samm,
)
