"""Small trees and tables that look like a dataset."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import openpyxl

from ma2mi_preprocessing.datasets.clip import Clip, Repair, RowProblem


def write_sheet(path: Path, lines: Iterable[Sequence[object]]) -> None:
    """Write rows of cells to the first sheet of an .xlsx file."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(list(line))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_book(path: Path, sheets: Mapping[str, Iterable[Sequence[object]]]) -> None:
    """Write rows of cells to the sheets of an .xlsx file, in their order."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_frames(folder: Path, pattern: str, numbers: Iterable[int]) -> None:
    """Write empty files named as frames: only names are read while indexing."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / pattern.format(number)).touch()


def write_video(path: Path, frames: int) -> None:
    """Write a small video that can be decoded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30.0, (32, 32))
    for shade in range(frames):
        writer.write(np.full((32, 32, 3), shade, np.uint8))
    writer.release()


def frames_row(clip: Clip) -> tuple[str, int | None, int | None, int | None, str | None]:
    """What a test compares of most clips: name, onset, apex, offset and label."""
    return clip.clip_id, clip.onset, clip.apex, clip.offset, clip.label


def write_text(path: Path, text: str) -> None:
    """Write a text file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def said(problems: Iterable[RowProblem]) -> list[tuple[int, str, str]]:
    """Row, column and reason of each problem."""
    return [(problem.row, problem.column, problem.reason) for problem in problems]


def mended(repairs: Iterable[Repair]) -> list[tuple[str, str, str, str]]:
    """Clip, column, old and new value of each repair."""
    return [(repair.clip_id, repair.column, repair.old, repair.new) for repair in repairs]
