"""The manifest: one table, one row a clip, that every dataset is brought into."""

import dataclasses
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..atomic_files import atomic_path
from ..errors import InputError
from .clip import COLUMNS, KINDS, MOTION_COLUMNS, Clip, IndexResult, RowProblem
from .rows import CellError, clip_from_row

__all__ = [
    "COLUMNS",
    "KINDS",
    "Clip",
    "IndexResult",
    "RowProblem",
    "check_manifest_path",
    "index_manifest",
    "manifest_table",
    "read_manifest",
    "write_manifest",
]

_SUFFIXES = (".csv", ".parquet")
_FRAME_COLUMNS = ("onset", "apex", "offset")


def read_manifest(path: str | Path) -> list[Clip]:
    """Read a manifest in which every row must be right.

    Parameters
    ----------
    path : str or Path
        `.csv` or `.parquet` with at least a column `source`, relative to the manifest's folder or
        absolute. Other columns of `COLUMNS` are optional, unknown ones are ignored.

    Returns
    -------
    list of Clip
        In the order of the rows.

    Raises
    ------
    InputError
        Not a manifest, no column `source`, no rows, or a row that cannot be used (the first is
        named, the others are counted). Use `index_manifest` to go on without such rows.
    """
    result = index_manifest(path)
    if result.problems:
        others = len(result.problems) - 1
        more = f" ({others} more rows have problems)" if others else ""
        raise InputError(f"{path}, {result.problems[0]}{more}; correct the table")
    return result.clips


def index_manifest(path: str | Path) -> IndexResult:
    """Read a manifest row by row; a bad row is listed instead of stopping the others.

    Parameters
    ----------
    path : str or Path
        As for `read_manifest`.

    Raises
    ------
    InputError
        The file as a whole cannot be used: missing, not a table, no column `source`, no rows.
    """
    path = Path(path)
    table = _read_table(path)
    table.columns = [str(column).strip() for column in table.columns]
    if "source" not in table.columns:
        found = ", ".join(table.columns) or "none"
        raise InputError(
            f"{path} has no column 'source' (columns found: {found}); name the column that holds "
            "the video files or frame folders 'source'"
        )
    if table.empty:
        raise InputError(f"{path} has a header but no rows; add one row a clip")
    columns = [column for column in (*COLUMNS, *MOTION_COLUMNS) if column in table.columns]
    texts = {column: [_cell_text(value) for value in table[column].tolist()] for column in columns}
    rows = zip(*texts.values(), strict=True)
    return _index_rows((dict(zip(columns, row, strict=True)) for row in rows), path.parent)


def write_manifest(clips: Sequence[Clip], path: str | Path) -> None:
    """Write clips as a manifest, whole or not at all.

    Parameters
    ----------
    clips : sequence of Clip
        Rows, in order. Sources below the manifest's folder are written relative to it, so that the
        folder can be moved; others are written absolute.
    path : str or Path
        `.csv` or `.parquet`.

    Raises
    ------
    InputError
        Another suffix, or a place that cannot be written to.
    """
    path = Path(path)
    check_manifest_path(path)
    table = manifest_table(clips)
    folder = Path(os.path.abspath(path.parent))
    table["source"] = [_portable_source(clip.source, folder) for clip in clips]
    with atomic_path(path) as temporary:
        if path.suffix.lower() == ".csv":
            table.to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")
        else:
            table.to_parquet(temporary, index=False)


def manifest_table(clips: Iterable[Clip]) -> pd.DataFrame:
    """Put clips into a table with the columns `COLUMNS`.

    Returns
    -------
    pandas.DataFrame
        Frame indices are nullable integers (``Int64``), `fps` is float64, the rest is text with
        missing labels as missing values; `source` is text. `MOTION_COLUMNS` are added where a
        clip fills them.
    """
    clips = list(clips)
    used = [name for name in MOTION_COLUMNS if any(getattr(clip, name) for clip in clips)]
    columns = [*COLUMNS, *used]
    records = [{column: getattr(clip, column) for column in columns} for clip in clips]
    table = pd.DataFrame.from_records(records, columns=columns)
    table["source"] = [str(record["source"]) for record in records]
    types: dict[str, Any] = {column: "Int64" for column in _FRAME_COLUMNS} | {"fps": "float64"}
    types |= {column: "string" for column in columns if column not in types}
    return table.astype(types)


def _read_table(path: Path) -> pd.DataFrame:
    check_manifest_path(path)
    if not path.is_file():
        raise InputError(f"there is no manifest at {path}; check the path")
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except pd.errors.EmptyDataError as error:
        raise InputError(f"{path} is empty; write a header and one row a clip") from error
    except (ValueError, OSError) as error:
        raise InputError(f"cannot read {path} as a table: {_one_line(error)}") from error


def check_manifest_path(path: Path) -> None:
    """Refuse a manifest's name before work is done for it.

    Raises
    ------
    InputError
        The name ends in neither `.csv` nor `.parquet`.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"{path} is not a manifest: its name must end in {' or '.join(_SUFFIXES)}")


def _index_rows(rows: Iterable[dict[str, str]], folder: Path) -> IndexResult:
    result = IndexResult([], [])
    first_row_of: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        try:
            clip = clip_from_row(row, folder)
            if not row.get("clip_id", "").strip() and clip.clip_id in first_row_of:
                clip = _named_by_onset(clip)
            earlier = first_row_of.setdefault(clip.clip_id, number)
            if earlier != number:
                raise CellError("clip_id", f"'{clip.clip_id}' is already the clip of row {earlier}")
        except CellError as error:
            name = row.get("clip_id", "") or row.get("source", "")
            result.problems.append(RowProblem(number, error.column, str(error), name))
        else:
            result.clips.append(clip)
    return result


def _named_by_onset(clip: Clip) -> Clip:
    # Several clips cut from one long video share its name; the onset tells them apart.
    suffix = "" if clip.onset is None else f"/{clip.onset}"
    return dataclasses.replace(clip, clip_id=clip.clip_id + suffix)


def _cell_text(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    return str(value)


def _portable_source(source: Path, folder: Path) -> str:
    absolute = Path(os.path.abspath(source))
    if absolute.is_relative_to(folder):
        return absolute.relative_to(folder).as_posix()
    return str(absolute)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
