"""Following faces through a video, so that one person is aligned and not whoever is largest."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .detection import Box, Face

_LEAST_OVERLAP = 0.3


@dataclass
class Track:
    """One face over time.

    Attributes
    ----------
    frames : list of int
        Frames in which it was found, ascending.
    faces : list of Face
        The face in each of them.
    """

    frames: list[int] = field(default_factory=list)
    faces: list[Face] = field(default_factory=list)

    @property
    def span(self) -> int:
        """Number of frames from the first to the last in which the face was found."""
        return self.frames[-1] - self.frames[0] + 1

    @property
    def mean_area(self) -> float:
        """Mean area of the face's box in square pixels."""
        return sum(face.area for face in self.faces) / len(self.faces)

    @property
    def mean_score(self) -> float:
        """Mean score of the detections."""
        return sum(face.score for face in self.faces) / len(self.faces)


class FaceTracker:
    """Joins detections of successive frames into tracks by the overlap of their boxes.

    Parameters
    ----------
    longest_gap : int
        Frames for which a face may be missing without its track ending.
    """

    def __init__(self, longest_gap: int) -> None:
        self.tracks: list[Track] = []
        self._longest_gap = longest_gap

    def add(self, frame: int, faces: Sequence[Face]) -> None:
        """Add what was found in a frame; frames come in ascending order."""
        live = [track for track in self.tracks if frame - track.frames[-1] <= self._longest_gap]
        matches = sorted(
            (
                (overlap(track.faces[-1].box, face.box), row, column)
                for row, track in enumerate(live)
                for column, face in enumerate(faces)
            ),
            key=lambda match: (-match[0], match[1], match[2]),
        )
        taken_tracks: set[int] = set()
        taken_faces: set[int] = set()
        for share, row, column in matches:
            if share < _LEAST_OVERLAP or row in taken_tracks or column in taken_faces:
                continue
            taken_tracks.add(row)
            taken_faces.add(column)
            live[row].frames.append(frame)
            live[row].faces.append(faces[column])
        new = [face for column, face in enumerate(faces) if column not in taken_faces]
        self.tracks += [Track([frame], [face]) for face in new]

    def longest(self) -> Track | None:
        """Longest track; of equally long ones the one with the largest face; None without any."""
        key = lambda track: (track.span, track.mean_area)  # noqa: E731
        return max(self.tracks, key=key, default=None)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
