"""SMIC-E: long videos of the high-speed camera, 100 frames a second, up to three expressions."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from . import smic_names
from .adapter import Adapter
from .annotated_folders import AnnotatedFolders
from .annotation_table import AnnotationRow, read_annotation_table
from .clip import IndexResult
from .clip_sources import Place

EXPECTED_TREE = """\
ROOT/
  SMIC-HS-E_annotation.xlsx or SMIC-HS-E_annotation_2019.xlsx    at any depth
  SMIC-E_raw image/HS_long/SMIC-HS-E/s01/s01_ne_01/image012345.jpg ...
Frame numbers of the table are those of the camera, in the names of the files.
Folders of the VIS and NIR cameras may be there, and are not read.
"""

_TABLES = ("SMIC*HS*E_annotation_2019*", "SMIC*HS*E_annotation*")

_FIELDS = {
    "subject": ("Subject",),
    "filename": ("Filename", "File name"),
    "onset": ("OnsetF", "Onset1F"),
    "offset": ("OffsetF", "Offset1F"),
    "onset2": ("Onset2F",),
    "offset2": ("Offset2F",),
    "onset3": ("Onset3F",),
    "offset3": ("Offset3F",),
    "first": ("FirstF",),
    "last": ("LastF",),
    "label": ("Emotion",),
}

_FURTHER = (("onset2", "offset2"), ("onset3", "offset3"))


def index_smic_e(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the micro-expressions in the long videos of SMIC-E (high-speed camera).

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        Whether known errors of the annotation are mended.

    Returns
    -------
    IndexResult
        One clip a micro-expression, up to three a row, named with its onset; the apex is the
        middle, as none is annotated. Labels: negative, positive, surprise.

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table is another one.
    """
    layout = AnnotatedFolders(
        smic_names.DATASET,
        100.0,
        smic_names.subject,
        place_of=lambda path: _place(path, root),
        several_per_source=True,
        renumbered=True,
    )
    table = layout.find_table(root, _TABLES)
    videos = read_annotation_table(table, _FIELDS, ("subject", "filename", "onset", "offset"))
    rows = list(_one_row_an_expression(videos))
    result = layout.index(rows, root, repairs=repairs)
    more = len(rows) - len(videos)
    if more:
        result.notices.append(f"expressions that are the second or third of a video: {more}")
    return result


def _place(path: Path, root: Path) -> Place | None:
    if smic_names.of_another_camera(path.relative_to(root)):
        return None
    return smic_names.place(path, path.parent.parent)


def _one_row_an_expression(videos: Sequence[AnnotationRow]) -> Iterator[AnnotationRow]:
    for video in videos:
        name = smic_names.clip_name(video["filename"])
        cells = {
            "subject": video["subject"],
            "filename": name or video["filename"],
            "onset": video["onset"],
            "offset": video["offset"],
            "first": video["first"],
            "label": video["label"],
        }
        yield AnnotationRow(video.number, cells)
        for onset, offset in _FURTHER:
            # Zero stands for an empty cell.
            if video[onset].strip("0/") or video[offset].strip("0/"):
                further = {"onset": video[onset], "offset": video[offset]}
                yield AnnotationRow(video.number, cells | further)


ADAPTER = Adapter(
    name="smic_e",
    description="SMIC-E, long videos of the high-speed camera",
    expected_tree=EXPECTED_TREE,
    read=index_smic_e,
)
