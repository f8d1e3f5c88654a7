"""Which of several people is followed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import InputError
from .detection import Face, Point
from .tracking import Track

FACE_RULES = ("largest", "left", "right")
# Beside a face's box by this part of its width still means that face.
_MARGIN = 0.25


@dataclass(frozen=True)
class FaceChoice:
    """A rule that picks one person of a clip, who is then followed.

    Attributes
    ----------
    rule : {"largest", "left", "right", "point"}
        Whoever fills most of the picture over time; or who is farthest left or right in the
        picture, or nearest to `point`, in the first frame with a face (for an annotated clip: in
        the frames around its onset).
    point : tuple of float or None
        ``(x, y)`` in pixels of the source.
    """

    rule: str = "largest"
    point: Point | None = None

    def pick(self, tracks: Sequence[Track], *, settling: int = 0) -> Track | None:
        """Pick a track.

        Parameters
        ----------
        tracks : sequence of Track
        settling : int
            A face first found up to so many frames after the first one counts as there from the
            start.

        Returns
        -------
        Track or None
            None where there is no track.

        Raises
        ------
        InputError
            No face is near the point.
        """
        if not tracks or self.rule == "largest":
            return max(tracks, key=lambda track: track.presence, default=None)
        first = min(track.frames[0] for track in tracks)
        there = [track for track in tracks if track.frames[0] <= first + settling]
        if self.rule == "point":
            return self._at_point(there, first)
        rightmost: Callable[[Track], float] = lambda track: _middle(track.faces[0])[0]  # noqa: E731
        return max(there, key=rightmost) if self.rule == "right" else min(there, key=rightmost)

    def _at_point(self, tracks: Sequence[Track], frame: int) -> Track:
        assert self.point is not None
        point = self.point
        nearest = min(tracks, key=lambda track: math.dist(_middle(track.faces[0]), point))
        face = nearest.faces[0]
        x, y = _middle(face)
        reach_x, reach_y = ((0.5 + _MARGIN) * side for side in face.box[2:])
        if abs(point[0] - x) > reach_x or abs(point[1] - y) > reach_y:
            places = "; ".join("{:.0f},{:.0f}".format(*_middle(each.faces[0])) for each in tracks)
            raise InputError(
                f"no face at {point[0]:g},{point[1]:g} in frame {frame}; there are faces at "
                f"{places} (x,y in pixels of the source)"
            )
        return nearest


def parse_face_choice(text: str) -> FaceChoice:
    """Read a choice as the command line gives it: ``largest``, ``left``, ``right`` or ``X,Y``.

    Raises
    ------
    InputError
        It is none of these.
    """
    if text in FACE_RULES:
        return FaceChoice(text)
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InputError(
            f"face must be {', '.join(FACE_RULES)}, or a point X,Y in pixels of the source such as "
            f"320,180, not '{text}'"
        )
    return FaceChoice("point", (x, y))


def _middle(face: Face) -> Point:
    x, y, width, height = face.box
    return x + width / 2, y + height / 2
