"""Following faces through a video, so that one person is aligned and not whoever is largest."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .detection import Box, Face

_LEAST_OVERLAP = 0.3
# How many detections back the speed of a face is taken over.
_SPEED_OVER = 5


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

    @property
    def presence(self) -> float:
        """How much of the video is this face: its area, summed over the frames it spans."""
        return self.span * self.mean_area

    def expected(self, frame: int) -> Box:
        """Where the box would be in a later frame if the face kept its recent speed."""
        x, y, width, height = self.faces[-1].box
        back = min(_SPEED_OVER, len(self.faces))
        before, elapsed = self.faces[-back].box, self.frames[-1] - self.frames[-back]
        if not elapsed:
            return x, y, width, height
        ahead = (frame - self.frames[-1]) / elapsed
        shift_x = x + width / 2 - before[0] - before[2] / 2
        shift_y = y + height / 2 - before[1] - before[3] / 2
        return x + ahead * shift_x, y + ahead * shift_y, width, height


class FaceTracker:
    """Joins detections of successive frames into tracks by the overlap of their boxes.

    A box is compared with the last one of a track and with where it would be by now at its recent
    speed, so that two people who pass each other keep their tracks.

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
                (_likeness(track, frame, face), row, column)
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


def _likeness(track: Track, frame: int, face: Face) -> float:
    return max(overlap(track.faces[-1].box, face.box), overlap(track.expected(frame), face.box))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
