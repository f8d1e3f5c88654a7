"""MMEW, micro-expressions: 90 frames a second, cut clips of cropped faces."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .annotation_table import AnnotationRow, read_annotation_table
from .clip import Clip, IndexResult
from .clip_sources import Place

EXPECTED_TREE = """\
ROOT/
  MMEW_Micro_Exp.xlsx
  Micro_Expression/happiness/S03-01-002/1.jpg ...   as it is distributed,
  S03/happiness/S03-01-002/1.jpg ...                or as its description has it
Folders may lie at any depth; clips are known by names such as S03-01-002. Macro_Expression holds
single pictures, and is not read.
"""

_TABLES = ("MMEW_Micro_Exp_v2*", "MMEW_Micro_Exp*", "MMEW*")

_FIELDS = {
    "subject": ("Subject",),
    "filename": ("Filename", "File name"),
    "onset": ("OnsetFrame", "Onset Frame", "Onset"),
    "apex": ("ApexFrame", "Apex Frame", "Apex"),
    "offset": ("OffsetFrame", "Offset Frame", "Offset"),
    "action_units": ("Action Units", "AUs", "AU"),
    "label": ("Estimated Emotion", "Emotion"),
}

_REQUIRED = ("filename", "onset", "offset")

_LABELS = frozenset({"happiness", "surprise", "disgust", "fear", "anger", "sadness", "others"})

_CLIP = re.compile(r"S0*(\d{1,3})-\d+-\d+", re.IGNORECASE)


def _subject(text: str) -> str | None:
    match = re.fullmatch(r"S?0*(\d{1,3})", text.strip(), re.IGNORECASE)
    return f"S{int(match[1]):02d}" if match else None


def _label(text: str) -> str:
    # The table and the description of the dataset name this class differently.
    label = text.lower()
    return "others" if label in ("repression", "other") else label


def _place(path: Path) -> Place | None:
    """``<emotion>/S03-01-002``, or the same below a folder of the subject."""
    match = _CLIP.fullmatch(path.name)
    if match is None:
        return None
    above = path.parent.parent
    tree = above.parent if _subject(above.name) else above
    return Place(f"S{int(match[1]):02d}", path.name, tree)


def index_mmew(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the micro-expressions of MMEW.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended.

    Returns
    -------
    IndexResult
        Clips in the order of the table. Labels in lower case (happiness, surprise, disgust, fear,
        anger, sadness, others; 'repression' is written 'others').

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders("mmew", 90.0, _subject, _label, place_of=_place, renumbered=True)
    rows = read_annotation_table(layout.find_table(root, _TABLES), _FIELDS, _REQUIRED)
    named = [_with_subject_of_name(row) for row in rows]
    result = layout.index(named, root, repairs=repairs)
    result.notices.extend(_disagreements(rows, result.clips))
    return result


def _with_subject_of_name(row: AnnotationRow) -> AnnotationRow:
    match = _CLIP.fullmatch(row["filename"])
    # A name that is none is shown by the problem that it makes.
    subject = match[1] if match else row["filename"]
    return AnnotationRow(row.number, row.cells | {"subject": subject})


def _disagreements(rows: Sequence[AnnotationRow], clips: Sequence[Clip]) -> Iterator[str]:
    for row in rows:
        match, stated = _CLIP.fullmatch(row["filename"]), _subject(row["subject"])
        if match and stated and stated != _subject(match[1]):
            yield f"row {row.number}: subject {stated}, but clip {row['filename']}; the name counts"
    spelt = sum(row["label"].lower() in ("repression", "other") for row in rows)
    if spelt:
        yield f"rows with the class spelt repression or other, which is written others: {spelt}"
    for clip in clips:
        folder = _label(clip.source.parent.name)
        if folder in _LABELS and folder != clip.label:
            said = f"the table says {clip.label}, the folder {folder}"
            yield f"{clip.clip_id}: {said}; the table counts"


ADAPTER = Adapter(
    name="mmew",
    description="MMEW, micro-expressions",
    expected_tree=EXPECTED_TREE,
    read=index_mmew,
)
