"""Choosing two eyes among candidates by what a face's geometry allows."""

import math
from dataclasses import dataclass

from .detection import Point

# Mean positions of the eyes in the box of the frontal-face cascade, as fractions of its width.
_CANONICAL_LEFT = (0.30, 0.40)
_CANONICAL_RIGHT = (0.69, 0.40)

# How far an eye is from its canonical place, in fractions of the distance between the eyes, before
# it is taken for an eyebrow, a nostril or a shadow. A head rolled by 20 degrees moves it by 0.17.
_FARTHEST = 0.35
_STEEPEST_ROLL = math.radians(30)
_DISTANCE_RANGE = (0.75, 1.30)

_SCORE_ONE_EYE = 0.5
_SCORE_NO_EYE = 0.2


@dataclass(frozen=True)
class EyeCandidate:
    """Centre of something that looks like an eye (pixels of the face's crop) and its weight."""

    x: float
    y: float
    weight: float


def canonical_eyes(face_width: float) -> tuple[Point, Point]:
    """Usual place of both eyes in a square face crop of a given width in pixels."""
    (left_x, left_y), (right_x, right_y) = _CANONICAL_LEFT, _CANONICAL_RIGHT
    return (
        (left_x * face_width, left_y * face_width),
        (right_x * face_width, right_y * face_width),
    )


def best_pair(
    left: list[EyeCandidate], right: list[EyeCandidate], canonical: tuple[Point, Point]
) -> tuple[Point, Point, float]:
    """Choose the pair of candidates that is most like two eyes.

    Parameters
    ----------
    left, right : list of EyeCandidate
        What was found on either side.
    canonical : tuple of two points
        Where eyes usually are; takes the place of an eye that was not found.

    Returns
    -------
    left_eye, right_eye : tuple of float
    score : float
        Above 0.5 for two eyes found (1 for a canonical pair), 0.5 for one, 0.2 for none.
    """
    pairs = [
        (_pair_cost(a, b, canonical), (a.x, a.y), (b.x, b.y))
        for a in _near(left, canonical[0], canonical)
        for b in _near(right, canonical[1], canonical)
        if _plausible(a, b, canonical)
    ]
    if pairs:
        cost, left_eye, right_eye = min(pairs)
        return left_eye, right_eye, min(1.0, max(0.55, 1.0 - cost))
    return _with_one_eye(left, right, canonical)


def _with_one_eye(
    left: list[EyeCandidate], right: list[EyeCandidate], canonical: tuple[Point, Point]
) -> tuple[Point, Point, float]:
    singles = [
        (_place_cost(candidate, place, canonical), candidate, place)
        for candidates, place in ((left, canonical[0]), (right, canonical[1]))
        for candidate in _near(candidates, place, canonical)
    ]
    if not singles:
        return canonical[0], canonical[1], _SCORE_NO_EYE
    _, eye, place = min(singles, key=lambda single: single[0])
    # The found eye moves the whole canonical pair: distance and roll stay as usual.
    shift_x, shift_y = eye.x - place[0], eye.y - place[1]
    moved = [(x + shift_x, y + shift_y) for x, y in canonical]
    return moved[0], moved[1], _SCORE_ONE_EYE


def _near(
    candidates: list[EyeCandidate], place: Point, canonical: tuple[Point, Point]
) -> list[EyeCandidate]:
    return [eye for eye in candidates if _place_cost(eye, place, canonical) <= _FARTHEST]


def _place_cost(eye: EyeCandidate, place: Point, canonical: tuple[Point, Point]) -> float:
    return math.dist((eye.x, eye.y), place) / math.dist(*canonical)


def _plausible(a: EyeCandidate, b: EyeCandidate, canonical: tuple[Point, Point]) -> bool:
    distance = math.dist((a.x, a.y), (b.x, b.y)) / math.dist(*canonical)
    roll = math.atan2(b.y - a.y, b.x - a.x)
    return _DISTANCE_RANGE[0] <= distance <= _DISTANCE_RANGE[1] and abs(roll) <= _STEEPEST_ROLL


def _pair_cost(a: EyeCandidate, b: EyeCandidate, canonical: tuple[Point, Point]) -> float:
    # A rolled or shifted head moves both eyes, so the middle of the pair and its length say more
    # than each place alone; the cascade's weights only break near ties.
    middle = ((a.x + b.x) / 2, (a.y + b.y) / 2)
    usual = tuple((p + q) / 2 for p, q in zip(*canonical, strict=True))
    length = math.dist(*canonical)
    off_middle = math.dist(middle, usual) / length
    off_length = abs(math.dist((a.x, a.y), (b.x, b.y)) / length - 1.0)
    return off_middle + off_length - 0.01 * (min(a.weight, 5.0) + min(b.weight, 5.0))
