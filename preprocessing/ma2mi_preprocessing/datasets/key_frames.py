"""Onset, apex and offset of an annotation, as positions among the frames that are there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .annotation_table import AnnotationRow
from .frame_numbers import FrameNumbers
from .rows import CellError, frame_index

Report = Callable[[str, str, str, str], None]
"""``report(column, old, new, reason)`` takes note of a value that was replaced."""


@dataclass(frozen=True)
class KeyFrames:
    """0-based positions in the sorted list of frames, and how the apex was found."""

    onset: int
    apex: int
    offset: int
    apex_source: str


def key_frames(row: AnnotationRow, frames: FrameNumbers, report: Report) -> KeyFrames:
    """Resolve the key frames of a row whose numbers are those in the names of the files.

    An apex that is missing, or not between onset and offset, becomes the middle of the two; that
    is no repair where the row has no field for an apex. A
    frame that the folder lacks becomes the nearest one that it has, within onset and offset.

    Parameters
    ----------
    row : AnnotationRow
        With fields ``onset``, ``apex`` and ``offset``.
    frames : FrameNumbers
        The frames of the clip.
    report : callable
        Called for each value that is replaced.

    Raises
    ------
    CellError
        Onset or offset is missing, or not a number; onset is after offset; or the folder has no
        frame between them.
    """
    onset, offset = _bound(row, "onset"), _bound(row, "offset")
    if onset > offset:
        raise CellError("onset", f"onset {onset} is after offset {offset}")
    held = [number for number in frames.numbers if onset <= number <= offset]
    if not held:
        span = f"{frames.numbers[0]} to {frames.numbers[-1]}" if frames.numbers else "none"
        raise CellError(
            "onset", f"the folder has no frame from {onset} to {offset} (its frames: {span})"
        )
    apex, apex_source = _apex(row, onset, offset, report)
    positions = {}
    for column, number in (("onset", onset), ("apex", apex), ("offset", offset)):
        nearest = _nearest(held, number)
        if nearest != number:
            report(column, str(number), str(nearest), "the folder lacks that frame")
        position = frames.position(nearest)
        assert position is not None
        positions[column] = position
    return KeyFrames(**positions, apex_source=apex_source)


def _nearest(numbers: Sequence[int], number: int) -> int:
    return min(numbers, key=lambda other: (abs(other - number), other))


def _bound(row: AnnotationRow, column: str) -> int:
    number = frame_index(row.cells, column)
    if number is None:
        raise CellError(column, f"is missing ('{row[column]}')")
    return number


def _apex(row: AnnotationRow, onset: int, offset: int, report: Report) -> tuple[int, str]:
    middle = (onset + offset) // 2
    try:
        apex = frame_index(row.cells, "apex")
        reason = "no apex is annotated: the middle"
    except CellError:
        apex, reason = None, "not a frame number: the middle"
    if apex is not None and not onset <= apex <= offset:
        # Zero stands for an empty cell in several tables.
        reason = f"not between onset {onset} and offset {offset}: the middle"
        apex = None
    if apex is not None:
        return apex, "annotated"
    if "apex" in row.cells:
        report("apex", row["apex"], str(middle), reason)
    return middle, "midpoint"
