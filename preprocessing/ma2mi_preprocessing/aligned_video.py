"""The aligned face of a video of any length, a frame at a time."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .faces import create_detector
from .faces.alignment import align_frame, eye_transform, eyes_of_whole_frame
from .faces.choice import parse_face_choice
from .faces.plan import plan_by_tracking
from .faces.stabilisation import Stabiliser
from .options import PreprocessOptions
from .source_frames import SourceFrames
from .video import probe, read_numbered_frames

# Folders of frames carry no rate.
_ASSUMED_FPS = 25.0
_ANY_LENGTH = 2**31


class AlignedVideo:
    """One face of a video, followed and held still as `process_clip` does, but never all in memory.

    Opening it reads the video once for the face; each pass over `frames` reads it once more. At
    most two frames are held at a time, besides a transform for each frame.

    Parameters
    ----------
    source : Path
        Video file or folder of images.
    options : PreprocessOptions
        What says how faces are found, chosen, followed and held still is used; `max_frames`
        is not.
    fps : float, optional
        Frames a second, where the source does not say so or is wrong.
    on_frame : callable, optional
        Called as ``on_frame(done, claimed)`` while the face is looked for.

    Attributes
    ----------
    fps : float
        Frames a second.
    first_frame : int
        Index in the source of the first frame with the face.
    count : int
        Frames from there on that are expected to show it, at most.

    Raises
    ------
    InputError
        The source cannot be read, or shows no face.
    """

    def __init__(
        self,
        source: Path,
        options: PreprocessOptions,
        *,
        fps: float | None = None,
        on_frame: Callable[[int, int], None] | None = None,
    ) -> None:
        self._source, self._options = source, options
        info = probe(source)
        self._info = info
        self._given_fps = fps
        self.fps = fps or info.fps or _ASSUMED_FPS
        step = max(1, round(self.fps / options.detections_per_second))
        self.first_frame, self.count = 0, info.frames or _ANY_LENGTH
        self._kept = SourceFrames()
        if options.detector == "none":
            eyes = eyes_of_whole_frame(info.width, info.height)
            self._transforms = eye_transform(*eyes, options.size)[None]
            return
        plan = plan_by_tracking(
            self._looked_at(step, on_frame),
            create_detector(options.detector, options.detector_model),
            options.size,
            fps=self.fps,
            step=step,
            max_frames=_ANY_LENGTH,
            smoothing_seconds=options.smoothing_seconds,
            choice=parse_face_choice(options.face),
        )
        self.first_frame = plan.first_frame or 0
        self._transforms = plan.transforms
        self.count = len(plan.transforms)

    @property
    def indices(self) -> list[int]:
        """Places in the source of the frames of the last whole pass, ascending."""
        return self._kept.indices

    def frames(self, size: int | None = None) -> Iterator[NDArray[np.uint8]]:
        """Read and align, (S, S, 3) uint8 RGB each.

        Parameters
        ----------
        size : int, optional
            Side of the crops; by default that of the options.
        """
        kept = self._kept = SourceFrames()
        stop = self.first_frame + self.count
        stabiliser: Stabiliser | None = None
        for frame in read_numbered_frames(
            self._source, self.first_frame, stop, damaged=kept.damaged
        ):
            transform = self._transforms[
                min(frame.index - self.first_frame, len(self._transforms) - 1)
            ]
            if self._options.stabilised:
                stabiliser = stabiliser or Stabiliser(
                    frame.image, transform, self._options.size, fps=self.fps
                )
                transform = stabiliser.stabilised(frame.image, transform)
                kept.not_registered = stabiliser.not_registered
            kept.transforms.append(transform)
            kept.indices.append(frame.index)
            kept.seconds.append(frame.seconds)
            yield self._aligned(frame.image, transform, size)
        kept.ended = len(kept.indices) + len(kept.damaged) < self.count
        if len(kept.indices) < 2:
            raise InputError(
                f"{self._source} gives {len(kept.indices)} frame(s) with a face; at least 2 are "
                "needed to see a movement"
            )
        if self._given_fps is None and self._info.fps is not None:
            self.fps, _ = kept.rate(self.fps, "file")

    def pick(self, places: Sequence[int], size: int | None = None) -> dict[int, NDArray[np.uint8]]:
        """Read single frames again, aligned as in the last whole pass.

        Parameters
        ----------
        places : sequence of int
            Positions among the frames of that pass.
        size : int, optional
            As for `frames`.
        """
        wanted = {self._kept.indices[place]: place for place in places}
        found: dict[int, NDArray[np.uint8]] = {}
        if not wanted:
            return found
        for frame in read_numbered_frames(self._source, min(wanted), max(wanted) + 1, damaged=[]):
            if frame.index in wanted:
                place = wanted[frame.index]
                found[place] = self._aligned(frame.image, self._kept.transforms[place], size)
        return found

    def notes(self) -> list[str]:
        """Sentences about what was lost in the last whole pass."""
        kept = self._kept
        rate: list[str] = []
        if self._given_fps is None and self._info.fps is not None:
            _, rate = kept.rate(self._info.fps, "file")
        elif self._given_fps is None:
            rate = [f"the source names no frame rate; {_ASSUMED_FPS:g} a second are assumed"]
        followed = self._options.detector != "none"
        _, losses = kept.losses(self._info.frames, self._info, followed)
        return rate + losses + kept.notes_on_stillness()

    def _aligned(
        self, image: NDArray[np.uint8], transform: NDArray[np.float64], size: int | None
    ) -> NDArray[np.uint8]:
        if size is None or size == self._options.size:
            return align_frame(image, transform, self._options.size)
        # Centres of pixels, not their corners, are whole numbers.
        scale = size / self._options.size
        resized = scale * transform
        resized[:, 2] += (scale - 1) / 2
        return align_frame(image, resized, size)

    def _looked_at(
        self, step: int, on_frame: Callable[[int, int], None] | None
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        for frame in read_numbered_frames(self._source, 0, None, step, damaged=[]):
            if on_frame is not None:
                on_frame(frame.index + 1, self._info.frames)
            yield frame.index, frame.image
