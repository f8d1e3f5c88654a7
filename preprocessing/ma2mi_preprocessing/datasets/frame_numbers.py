"""From the frame numbers that annotators wrote down to positions in a folder."""

import os
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .media_files import frame_number, is_image


@dataclass(frozen=True)
class FrameNumbers:
    """The numbers of the frames that a folder holds, rising.

    Attributes
    ----------
    numbers : tuple of int
        In the order in which `list_frames` gives the frames.
    """

    numbers: tuple[int, ...]

    @classmethod
    def of(cls, folder: Path) -> "FrameNumbers":
        """Read the names in a folder; empty where it holds no numbered frame."""
        # As `list_frames` sorts them, without a path a frame: a long video has thousands.
        names = (entry.name for entry in os.scandir(folder) if is_image(entry.name))
        numbers = (frame_number(name) for name in names)
        return cls(tuple(sorted(number for number in numbers if number is not None)))

    @classmethod
    def of_video(cls, path: Path) -> "FrameNumbers":
        """Number the frames of a video from 1, as the datasets do; empty where it has none.

        The number of frames is the container's claim, or none where the file cannot be read.
        """
        # A reader of videos is loaded only for datasets that hold some.
        from ..video import probe

        try:
            return cls(tuple(range(1, probe(path).frames + 1)))
        except InputError:
            return cls(())

    def shifted(self, by: int) -> "FrameNumbers":
        """The same frames with `by` added to each number."""
        return FrameNumbers(tuple(number + by for number in self.numbers))

    def position(self, number: int) -> int | None:
        """0-based position of the frame with this number, None where it is missing."""
        at = bisect_left(self.numbers, number)
        found = at < len(self.numbers) and self.numbers[at] == number
        return at if found else None

    def missing(self, first: int, last: int) -> list[int]:
        """Numbers from `first` to `last`, both included, that the folder does not hold."""
        held = set(self.numbers)
        return [number for number in range(first, last + 1) if number not in held]
