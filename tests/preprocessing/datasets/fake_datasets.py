"""Small trees and tables that look like a dataset."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl


def write_sheet(path: Path, lines: Iterable[Sequence[object]]) -> None:
    """Write rows of cells to the first sheet of an .xlsx file."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(list(line))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_frames(folder: Path, pattern: str, numbers: Iterable[int]) -> None:
    """Write empty files named as frames: only names are read while indexing."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / pattern.format(number)).touch()
