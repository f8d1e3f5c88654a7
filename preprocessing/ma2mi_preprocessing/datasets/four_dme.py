"""4DME, gray videos of the micro-expressions: 60 frames a second, several labels a clip."""

import re
from collections.abc import Iterator
from pathlib import Path

from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .annotation_table import AnnotationRow
from .clip import IndexResult
from .clip_sources import Place
from .errata import Amendment

EXPECTED_TREE = """\
ROOT/
  4DME_Labelling_Micro_release v1.xlsx
  gray_micro/S13/S13_1st_001_01/12.jpg ...     folders as sub_ID and fold_name of the table
Folders may lie at any depth; a clip may also lie directly in gray_micro if its name starts with
its subject.
"""

_TABLES = ("4DME_Labelling_Micro_release*", "4DME_Labelling_Micro-expression*", "4DME_Label*Micro*")

_EMOTIONS = ("positive", "negative", "surprise", "repression", "others")

_FIELDS = {
    "subject": ("sub_ID", "sub_ID'"),
    "filename": ("fold_name", "fold_name'"),
    "onset": ("Onset",),
    "apex": ("Apex",),
    "offset": ("Offset",),
    "action_units": ("AUs",),
    "label": ("Emotion",),
    **{emotion: (emotion,) for emotion in _EMOTIONS},
}

# Annotators put (k) behind what they were not certain of.
_UNCERTAIN = re.compile(r"(?:AU)?\s*[LRTB]?\d+[A-E]?\s*\(k\)?", re.IGNORECASE)


def _subject(text: str) -> str | None:
    """``13``, ``S13`` or ``sub13``: ``S13``."""
    match = re.fullmatch(r"(?:s|sub)?0*(\d{1,3})'?", text.strip(), re.IGNORECASE)
    return f"S{int(match[1]):02d}" if match else None


def _label(text: str) -> str:
    """All labels of a clip in lower case and in the order of the alphabet, joined by a plus."""
    return "+".join(sorted({part.strip().lower() for part in re.split(r"[+,/，&]", text)} - {""}))


def _place(path: Path) -> Place | None:
    above = _subject(path.parent.name)
    if above is not None:
        return Place(above, path.name, path.parent.parent)
    named = _subject(path.name.partition("_")[0]) if "_" in path.name else None
    return None if named is None else Place(named, path.name, path.parent)


def _amend(row: AnnotationRow) -> Iterator[Amendment]:
    if _UNCERTAIN.search(row["action_units"]):
        parts = _UNCERTAIN.sub("", row["action_units"]).split("+")
        certain = "+".join(part.strip() for part in parts if part.strip())
        yield Amendment("action_units", certain, "what is marked (k) is not certain, and left out")
    if not row["label"]:
        marked = "+".join(emotion for emotion in _EMOTIONS if row[emotion] == "1")
        yield Amendment("label", marked, "the emotion is empty: from the columns of the emotions")


def index_four_dme(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the micro-expressions of 4DME.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended, action units that the annotators were not
        certain of are left out, and empty labels are taken from the columns of the emotions.

    Returns
    -------
    IndexResult
        Clips in the order of the table. A clip may have several labels; they are joined by a plus
        in the order of the alphabet (``positive+surprise``), which makes a class of its own.

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders(
        "four_dme", 60.0, _subject, _label, place_of=_place, amend=_amend, renumbered=True
    )
    result = layout.index_table(root, _TABLES, _FIELDS, repairs=repairs)
    several = sum("+" in (clip.label or "") for clip in result.clips)
    if several:
        result.notices.append(f"clips with more than one label, joined by a plus: {several}")
    return result


ADAPTER = Adapter(
    name="four_dme",
    description="4DME, gray videos of micro-expressions",
    expected_tree=EXPECTED_TREE,
    read=index_four_dme,
)
