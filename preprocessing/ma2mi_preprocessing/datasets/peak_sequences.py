"""Sequences of images that run from a neutral face to the peak of an expression."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from .clip import Clip, Repair
from .frame_numbers import FrameNumbers
from .rows import CellError


def peak_sequence(clip: Clip, start: int, peak: int | None = None) -> tuple[Clip, list[Repair]]:
    """Give a clip its key frames: the first is the onset, the last the apex, no offset.

    Parameters
    ----------
    clip : Clip
        With a folder of frames as `source`.
    start : int
        Number that the first frame of the dataset's sequences has.
    peak : int, optional
        Number of the peak where the dataset says it.

    Returns
    -------
    clip : Clip
    repairs : list of Repair
        Missing frames, and a peak that is not the last frame.

    Raises
    ------
    CellError
        There are fewer than two frames.
    """
    frames = FrameNumbers.of(clip.source)
    if len(frames.numbers) < 2:
        raise CellError("source", f"{len(frames.numbers)} frame(s), and a movement needs two")
    repairs: list[Repair] = []
    report = partial(_add_repair, repairs, clip.clip_id)
    apex = len(frames.numbers) - 1
    if peak is not None and peak != frames.numbers[apex]:
        last = str(frames.numbers[apex])
        report("apex", str(peak), last, "the annotated peak is not the last frame: the last")
    lacking = frames.missing(start, frames.numbers[apex])
    if lacking:
        total = frames.numbers[apex] - start + 1
        reason = f"frames are missing up to the apex, the first is {lacking[0]}"
        report("frames", str(total), str(total - len(lacking)), reason)
    return replace(clip, onset=0, apex=apex, apex_source="annotated"), repairs


def several_copies(folders: Iterable[list[Path]]) -> list[str]:
    """Notices for sequences that are there several times, none where there are none."""
    several = sum(len(found) > 1 for found in folders)
    chosen = "that with most frames is read, of equal ones one that is not cropped"
    return [f"sequences that are there several times ({chosen}): {several}"] if several else []


def largest_folder(folders: list[Path], root: Path) -> Path:
    """The folder with most images; of equal ones, one that is not in a cropped copy in `root`."""
    return max(
        sorted(folders),
        key=lambda folder: (
            len(FrameNumbers.of(folder).numbers),
            not any("crop" in part.lower() for part in folder.relative_to(root).parts),
        ),
    )


def _add_repair(
    repairs: list[Repair], clip_id: str, column: str, old: str, new: str, reason: str
) -> None:
    repairs.append(Repair(0, clip_id, column, old, new, reason))
