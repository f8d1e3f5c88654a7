"""The frames of a clip that are kept: where they come from, what was lost, and their true rate."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .datasets.clip import Clip
from .errors import InputError
from .video import DamagedFrame, VideoInfo

_FEWEST_GOOD_PER_DAMAGED = 9
_NAMED = 5

# Matroska rounds its time stamps to milliseconds; a clock like that is still an even one.
_ROUNDING_SECONDS = 0.0021
_UNEVEN = 0.2
_LEAST_RATE_ERROR = 0.01


@dataclass
class SourceFrames:
    """Aligned frames of a clip with their places in the source.

    Attributes
    ----------
    images : list of ndarray
    indices : list of int
        Place in the source of each image, ascending; damaged frames leave holes.
    seconds : list of float or None
        Time stamps, None where the source has none.
    damaged : list of DamagedFrame
        Frames among those asked for that cannot be decoded.
    ended : bool
        Whether the source ended before all frames asked for had come.
    transforms : list of ndarray
        Stabilised transform of each image; empty without stabilisation.
    not_registered : int
        Frames that could not be held still.
    """

    images: list[NDArray[np.uint8]] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    seconds: list[float | None] = field(default_factory=list)
    damaged: list[DamagedFrame] = field(default_factory=list)
    ended: bool = False
    transforms: list[NDArray[np.float64]] = field(default_factory=list)
    not_registered: int = 0

    def notes_on_stillness(self) -> list[str]:
        """A note where some frames could not be held still."""
        if not self.not_registered:
            return []
        return [
            f"{self.not_registered} of {len(self.indices)} frames could not be held still: too "
            "little of the face agrees with the frames before"
        ]

    def take_images(self) -> NDArray[np.uint8]:
        """All images in one array, (T, S, S, 3); they are not held a second time here."""
        images = np.stack(self.images)
        self.images.clear()
        return images

    def check(self, clip: Clip, first: int) -> None:
        """Refuse a clip with hardly any frames, or with too many damaged ones.

        Raises
        ------
        InputError
            Fewer than two frames, or more than one in ten cannot be decoded.
        """
        count, lost = len(self.indices), len(self.damaged)
        if lost * _FEWEST_GOOD_PER_DAMAGED > count:
            raise InputError(
                f"{lost} of {count + lost} frames of {clip.source} are damaged, more than one in "
                f"ten: {self.damaged[0].reason}"
            )
        if count < 2:
            raise InputError(
                f"{clip.source} gives {count} frame(s) from frame {first} on; at least 2 are "
                "needed to see a movement"
            )

    def key_frames(self, clip: Clip) -> tuple[int | None, int | None, int | None, list[str]]:
        """Onset, apex and offset as indices into `images`, and notes about an offset that is lost.

        Raises
        ------
        InputError
            Onset or apex is damaged, or is not among the frames.
        """
        notes: list[str] = []
        places = {index: place for place, index in enumerate(self.indices)}
        damaged = {frame.index: frame for frame in self.damaged}
        found: list[int | None] = []
        for name in ("onset", "apex", "offset"):
            index = getattr(clip, name)
            found.append(None if index is None else places.get(index))
            if index is None or index in places:
                continue
            if index in damaged:
                problem = f"{name} {index} is damaged: {damaged[index].reason}"
            else:
                problem = (
                    f"{name} {index} is outside the frames that are usable, {self.indices[0]} to "
                    f"{self.indices[-1]} of {clip.source}; check the annotation"
                )
            if name != "offset":
                raise InputError(problem)
            notes.append(problem)
        return found[0], found[1], found[2], notes

    def rate(self, fps: float, fps_source: str) -> tuple[float, list[str]]:
        """Frames a second by the time stamps, where the rate comes from the file.

        Returns
        -------
        tuple of (float, list of str)
            The rate, and a note where it varies or differs from `fps`.
        """
        times = np.array([time for time in self.seconds if time is not None], np.float64)
        if fps_source != "file" or len(times) < max(2, len(self.indices)):
            return fps, []
        steps = np.diff(times)
        if (steps <= 0).any():
            return fps, []
        true = float(len(steps) / (times[-1] - times[0]))
        spread = float(steps.max() - steps.min())
        if spread > max(_UNEVEN * float(np.median(steps)), _ROUNDING_SECONDS):
            shortest, longest = 1000 * steps.min(), 1000 * steps.max()
            return true, [
                f"variable frame rate: {shortest:.0f} to {longest:.0f} ms from frame to frame; "
                f"{true:.2f} frames a second, the average, are reckoned with"
            ]
        if abs(true - fps) > _LEAST_RATE_ERROR * fps:
            return true, [f"the file says {fps:.2f} frames a second, its time stamps {true:.2f}"]
        return fps, []

    def losses(self, expected: int, info: VideoInfo, followed: bool) -> tuple[int, list[str]]:
        """How many frames are lost of those that were expected, and notes that say why.

        Parameters
        ----------
        expected : int
            Frames asked for, as far as the source claims to have them.
        info : VideoInfo
        followed : bool
            Whether frames without the face were left out on purpose.
        """
        count = len(self.indices)
        lost = max(0, expected - count)
        end = self.indices[-1] + 1
        notes = []
        missing = 0
        if self.ended and 0 < end < info.frames and expected > count + len(self.damaged):
            missing = info.frames - end
            notes.append(f"the file claims {info.frames} frames and ends after {end}; is it whole?")
        if lost > missing + len(self.damaged):
            what = "the longest run with a face" if followed else "the most that are kept"
            rest = lost - missing - len(self.damaged)
            notes.append(f"kept {what}, {count} frames, and left out {rest}")
        if self.damaged:
            names = ", ".join(frame.name for frame in self.damaged[:_NAMED])
            more = ", ..." if len(self.damaged) > _NAMED else ""
            notes.append(f"left out {len(self.damaged)} damaged frames: {names}{more}")
        return lost, notes


def check_order(clip: Clip) -> None:
    """Refuse key frames that are not in the order onset, apex, offset.

    Raises
    ------
    InputError
    """
    named = [(name, getattr(clip, name)) for name in ("onset", "apex", "offset")]
    known = [(name, index) for name, index in named if index is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if first > second:
            raise InputError(f"{earlier} {first} is after {later} {second}; check the annotation")


def notes_on_depth(info: VideoInfo) -> list[str]:
    """Say so where more than 8 bits became 8."""
    if info.bits <= 8:
        return []
    return [f"{info.bits}-bit images, divided by {2 ** (info.bits - 8)}"]
