"""Annotation tables as datasets publish them: spreadsheets with notes above, below and between."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..errors import InputError
from .media_files import walk_names

_SPREADSHEETS = frozenset({".xls", ".xlsx", ".xlsm"})
_TABLES = _SPREADSHEETS | {".csv"}
_WHOLE = re.compile(r"-?\d+\.0+")


@dataclass(frozen=True)
class AnnotationRow:
    """One row of an annotation table.

    Attributes
    ----------
    number : int
        As the spreadsheet counts it, from 1.
    cells : dict of str to str
        Field to text; whole numbers without a decimal point, missing cells empty.
    """

    number: int
    cells: dict[str, str]

    def __getitem__(self, field: str) -> str:
        return self.cells.get(field, "")


def find_annotation_table(root: Path, patterns: Sequence[str]) -> Path:
    """Find the annotation table of a dataset below `root`.

    Parameters
    ----------
    root : Path
        Folder of the dataset.
    patterns : sequence of str
        Names with wildcards, newest release first; case does not matter.

    Raises
    ------
    InputError
        There is none; the message lists the names that were looked for.
    """
    tables = sorted(
        folder / name
        for folder, names in walk_names(root)
        for name in names
        if os.path.splitext(name)[1].lower() in _TABLES and not name.startswith((".", "~"))
    )
    for pattern in patterns:
        expression = re.compile(re.escape(pattern).replace(r"\*", ".*"), re.IGNORECASE)
        for path in tables:
            if expression.fullmatch(path.name):
                return path
    raise InputError(
        f"no annotation table in {root}; looked for {', '.join(patterns)}; copy it there"
    )


def read_annotation_table(
    path: Path,
    fields: Mapping[str, Sequence[str]],
    required: Sequence[str],
    sheets: Sequence[str] = (),
) -> list[AnnotationRow]:
    """Read a sheet of a table whose header may stand below any number of notes.

    Parameters
    ----------
    path : Path
        `.xlsx`, `.xls` or `.csv`.
    fields : mapping of str to sequence of str
        Name of a field to the headings that it has in the known releases; case and spaces in them
        do not matter.
    required : sequence of str
        Fields without which the table is not that of the dataset.
    sheets : sequence of str
        Names of the sheet in the known releases; the first sheet where there is none of these.

    Returns
    -------
    list of AnnotationRow
        All rows below the header that are not empty, notes among them.

    Raises
    ------
    InputError
        The file cannot be read, or no row has a heading for every required field.
    """
    grid = read_cells(path, *sheets)
    heading_of = {_plain(name): field for field, names in fields.items() for name in names}
    for index, line in enumerate(grid):
        # The first of two columns with one heading counts: copies are appended on the right.
        column_of: dict[str, int] = {}
        for column, text in enumerate(line):
            field = heading_of.get(_plain(text))
            if field is not None:
                column_of.setdefault(field, column)
        if set(required) <= set(column_of):
            return [
                AnnotationRow(number, {field: cells[at] for field, at in column_of.items()})
                for number, cells in enumerate(grid[index + 1 :], start=index + 2)
                if any(cells)
            ]
    wanted = ", ".join(fields[field][0] for field in required)
    raise InputError(f"{path} has no row of headings with {wanted}; is it the right table?")


def read_headless_table(
    path: Path, columns: Sequence[str], *sheets: str | int
) -> list[AnnotationRow]:
    """Read a sheet that has no row of headings; the columns are known by their order.

    Parameters
    ----------
    path : Path
        `.xlsx`, `.xls` or `.csv`.
    columns : sequence of str
        Name of the field of each column, from the left.
    *sheets : str or int
        As for `read_cells`.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    rows = []
    for number, cells in enumerate(read_cells(path, *sheets), start=1):
        if any(cells):
            padded = [*cells, *[""] * len(columns)]
            rows.append(AnnotationRow(number, dict(zip(columns, padded, strict=False))))
    return rows


def read_cells(path: Path, *sheets: str | int) -> list[list[str]]:
    """All cells of a sheet as text, empty ones as the empty string.

    Parameters
    ----------
    path : Path
        `.xlsx`, `.xls` or `.csv`.
    *sheets : str or int
        Names (case and spaces do not matter) or 0-based positions; the first that the file has is
        read, else its first sheet. Without effect for `.csv`.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        if path.suffix.lower() in _SPREADSHEETS:
            with pd.ExcelFile(path, engine="calamine") as book:
                names = [str(name) for name in book.sheet_names]
                sheet = _pick_sheet(names, sheets)
                table = pd.read_excel(book, sheet_name=sheet, header=None, dtype=str)
        else:
            table = pd.read_csv(
                path, header=None, dtype=str, keep_default_na=False, encoding="utf-8-sig"
            )
    except ImportError as error:
        raise InputError(
            f'{path} needs a reader of spreadsheets: pip install "keras-ma2mi[datasets]"'
        ) from error
    except Exception as error:
        # The readers of three formats raise what they like; nothing else can fail here.
        raise InputError(f"cannot read {path}: {' '.join(str(error).split())}") from error
    return [[_text(value) for value in line] for line in table.to_numpy(dtype=object)]


def _pick_sheet(names: Sequence[str], wanted: Sequence[str | int]) -> str:
    plain = {_plain(name): name for name in names}
    for sheet in wanted:
        if isinstance(sheet, int):
            if sheet < len(names):
                return names[sheet]
        elif _plain(sheet) in plain:
            return plain[_plain(sheet)]
    return names[0]


def _text(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    text = str(value).strip()
    return text.partition(".")[0] if _WHOLE.fullmatch(text) else text


def _plain(heading: str) -> str:
    return re.sub(r"[\s_]+", "", heading).lower()
