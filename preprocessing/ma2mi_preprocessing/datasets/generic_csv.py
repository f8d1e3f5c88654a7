"""Any CSV (or Parquet) table with a column `source`."""

from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .clip import IndexResult, RowProblem
from .manifest import index_manifest

EXPECTED_TREE = """\
TABLE.csv        one row a clip; only `source` is required:
                 source,subject,label,onset,apex,offset,fps
                 videos/a.mp4,s01,happiness,12,20,31,200
videos/a.mp4     `source` is relative to the table: a video file,
frames/b/*.jpg   a folder of numbered images,
motion/c.npz     or an .npz with an array `motion` (H, W, C)
Frame indices are 0-based positions in the clip. Other columns are ignored.
"""


def index_csv(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index a table of clips, and check that each source exists.

    Parameters
    ----------
    root : Path
        Table, or a folder that holds a `manifest.csv`.
    repairs : bool
        Without effect: your own table has no known errors.

    Returns
    -------
    IndexResult
        Rows that cannot be used, or whose source is missing, are listed as problems.

    Raises
    ------
    InputError
        The table as a whole cannot be used.
    """
    table = root / "manifest.csv" if root.is_dir() else root
    if root.is_dir() and not table.is_file():
        raise InputError(f"there is no manifest.csv in the folder {root}; give the table's path")
    result = index_manifest(table)
    clips = [clip for clip in result.clips if clip.source.exists()]
    rows = _rows_of(result)
    missing = [
        RowProblem(rows[clip.clip_id], "source", f"there is nothing at {clip.source}", clip.clip_id)
        for clip in result.clips
        if not clip.source.exists()
    ]
    return IndexResult(clips, sorted(result.problems + missing, key=lambda problem: problem.row))


def _rows_of(result: IndexResult) -> dict[str, int]:
    # Clips keep the order of the table, so the rows that are not problems are theirs in turn.
    bad = {problem.row for problem in result.problems}
    total = len(result.clips) + len(result.problems)
    good = (row for row in range(2, total + 2) if row not in bad)
    return {clip.clip_id: row for clip, row in zip(result.clips, good, strict=True)}


ADAPTER = Adapter(
    name="csv",
    description="any CSV or Parquet table with a column `source`",
    expected_tree=EXPECTED_TREE,
    read=index_csv,
)
