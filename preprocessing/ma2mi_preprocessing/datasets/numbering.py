"""Whether the frame numbers of a table are those in the names of the files, or count otherwise."""

from collections.abc import Sequence

from .annotation_table import AnnotationRow
from .frame_numbers import FrameNumbers
from .rows import CellError, frame_index

FROM_FIRST = "videos with files numbered anew, the first being what the table calls the first frame"
FROM_ONSET = "folders cut from onset to offset, with files numbered anew"


def matched_numbers(row: AnnotationRow, frames: FrameNumbers) -> tuple[FrameNumbers, str]:
    """Give the frames of a folder the numbers that the table uses.

    Copies of a dataset differ in this, so the numbers of the files are taken as they are unless
    that cannot be: the folder holds no frame from onset to offset, or it starts at 0 or 1 and has
    exactly as many frames as there should be between them.

    Parameters
    ----------
    row : AnnotationRow
        With ``onset``, ``offset``, and where the table has it ``first``, the number of the first
        frame of the folder.
    frames : FrameNumbers

    Returns
    -------
    frames : FrameNumbers
    reading : str
        How the numbers were read; empty where they are those of the files.
    """
    onset, offset, first = (_number(row, field) for field in ("onset", "offset", "first"))
    numbers = frames.numbers
    if onset is None or offset is None or not numbers or onset > offset:
        return frames, ""
    span = offset - onset + 1
    held = sum(onset <= number <= offset for number in numbers)
    if held == span:
        return frames, ""
    if held == 0 and first is not None:
        shifted = frames.shifted(first - numbers[0])
        if _holds_any(shifted.numbers, onset, offset):
            return shifted, FROM_FIRST
    anew = numbers[0] in (0, 1)
    extent = numbers[-1] - numbers[0] + 1
    if anew and (len(numbers) == extent == span or (held == 0 and extent <= span)):
        return frames.shifted(onset - numbers[0]), FROM_ONSET
    return frames, ""


def _holds_any(numbers: Sequence[int], first: int, last: int) -> bool:
    return any(first <= number <= last for number in numbers)


def _number(row: AnnotationRow, field: str) -> int | None:
    try:
        return frame_index(row.cells, field)
    except CellError:
        return None
