"""Scores of spotted intervals, as the spotting challenges take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEAST_OVERLAP = 0.5
"""Intersection over union from which on a spotted interval is a true one."""

Interval = tuple[int, int]
KindOfInterval = tuple[int, int, str]


@dataclass(frozen=True)
class SpottingScore:
    """Counts over all videos, and what follows from them.

    Attributes:
        true_positives: Spotted intervals matched to a true one.
        false_positives: Spotted intervals that are not.
        false_negatives: True intervals that nothing was matched to.
    """

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """Share of the spotted that is true; NaN where nothing was spotted."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Share of the true that was spotted; NaN where there is nothing to spot."""
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float:
        """`2 TP / (2 TP + FP + FN)`; NaN where nothing is true and nothing was spotted."""
        wrong = self.false_positives + self.false_negatives
        return _share(2 * self.true_positives, 2 * self.true_positives + wrong)

    def __add__(self, other: "SpottingScore") -> "SpottingScore":
        return SpottingScore(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
        )


NOTHING = SpottingScore(0, 0, 0)
"""The score of no videos."""


def interval_overlap(spotted: npt.ArrayLike, true: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Intersection over union of every spotted with every true interval.

    Args:
        spotted: `(P, 2)` integers, first and last frame, both part of the interval.
        true: `(N, 2)` likewise.

    Returns:
        `(P, N)` float64 in 0..1.

    Raises:
        ValueError: An interval ends before it begins, or shapes are others.
    """
    found, given = _checked("spotted", spotted), _checked("true", true)
    first = np.maximum(found[:, None, 0], given[None, :, 0])
    last = np.minimum(found[:, None, 1], given[None, :, 1])
    shared = np.maximum(last - first + 1, 0)
    lengths = [each[:, 1] - each[:, 0] + 1 for each in (found, given)]
    return np.asarray(shared / (lengths[0][:, None] + lengths[1][None, :] - shared))


def match_intervals(
    spotted: npt.ArrayLike, true: npt.ArrayLike, *, least_overlap: float = LEAST_OVERLAP
) -> list[tuple[int, int]]:
    """The largest set of pairs of a spotted and a true interval that overlap enough.

    No interval is in two pairs. With overlapping intervals, taking the best pair first can leave
    another without a partner; augmenting paths find as many pairs as there can be.

    Args:
        spotted: `(P, 2)` integers, first and last frame.
        true: `(N, 2)` likewise.
        least_overlap: Intersection over union that is enough, above 0 and up to 1.

    Returns:
        Pairs of indices (spotted, true), by the first.

    Raises:
        ValueError: As `interval_overlap`, or `least_overlap` out of range.

    Example:
        >>> match_intervals([(10, 19), (40, 50)], [(12, 21)])
        [(0, 0)]
    """
    if not 0 < least_overlap <= 1:
        raise ValueError(
            f"`least_overlap` must be above 0 and at most 1. Received: {least_overlap}"
        )
    overlap = interval_overlap(spotted, true)
    partner: dict[int, int] = {}
    for index in range(len(overlap)):
        _find_partner(index, overlap, least_overlap, partner, set())
    return sorted((found, given) for given, found in partner.items())


def score_video(
    spotted: npt.ArrayLike, true: npt.ArrayLike, *, least_overlap: float = LEAST_OVERLAP
) -> SpottingScore:
    """Count the true and false positives, and the misses, of one video.

    Args:
        spotted: `(P, 2)` integers, first and last frame.
        true: `(N, 2)` likewise.
        least_overlap: As for `match_intervals`.
    """
    matched = len(match_intervals(spotted, true, least_overlap=least_overlap))
    return SpottingScore(
        matched, len(_checked("spotted", spotted)) - matched, len(_checked("true", true)) - matched
    )


def score_spotting(
    videos: Sequence[tuple[Sequence[KindOfInterval], Sequence[KindOfInterval]]],
    *,
    kinds: Sequence[str] = ("micro", "macro"),
    least_overlap: float = LEAST_OVERLAP,
) -> Mapping[str, SpottingScore]:
    """Score many videos as the spotting challenges do: counts are summed, then taken together.

    A spotted interval is right where its intersection over union with a true interval of its own
    kind is at least a half, and each true interval is found once at most.

    Args:
        videos: For each video its spotted and its true intervals, each `(first, last, kind)`.
        kinds: The kinds that are scored.
        least_overlap: As for `match_intervals`.

    Returns:
        A score for each kind; `"all"`, the sum over kinds, as the challenges rank by; and
        `"any"`, where the kind does not matter.

    Raises:
        ValueError: An interval of another kind, or as `match_intervals`.

    References:
        - Li et al., "MEGC2020 - The Third Facial Micro-Expression Grand Challenge", FG 2020.
        - He et al., "Spotting macro- and micro-expression intervals in long video sequences",
          FG 2020, https://arxiv.org/abs/1912.11985
    """
    scores = {kind: NOTHING for kind in (*kinds, "all", "any")}
    for spotted, true in videos:
        for _, _, kind in (*spotted, *true):
            if kind not in kinds:
                raise ValueError(f"`kinds` must hold every interval's kind. Received: {kind!r}")
        for kind in kinds:
            score = score_video(
                _of_kind(spotted, kind), _of_kind(true, kind), least_overlap=least_overlap
            )
            scores[kind] += score
            scores["all"] += score
        scores["any"] += score_video(
            [each[:2] for each in spotted],
            [each[:2] for each in true],
            least_overlap=least_overlap,
        )
    return scores


def _find_partner(
    index: int,
    overlap: npt.NDArray[np.float64],
    least: float,
    partner: dict[int, int],
    visited: set[int],
) -> bool:
    # The best overlap first, so that of several largest sets a plausible one is taken.
    for candidate in np.argsort(-overlap[index], kind="stable").tolist():
        if overlap[index, candidate] < least or candidate in visited:
            continue
        visited.add(candidate)
        if candidate not in partner or _find_partner(
            partner[candidate], overlap, least, partner, visited
        ):
            partner[candidate] = index
            return True
    return False


def _of_kind(intervals: Sequence[KindOfInterval], kind: str) -> list[Interval]:
    return [(first, last) for first, last, other in intervals if other == kind]


def _checked(name: str, intervals: npt.ArrayLike) -> npt.NDArray[np.int64]:
    array = np.asarray(intervals)
    if array.size == 0:
        return np.zeros((0, 2), np.int64)
    if array.ndim != 2 or array.shape[1] != 2 or not np.issubdtype(array.dtype, np.integer):
        raise ValueError(
            f"`{name}` must have shape (N, 2) of integers. Received: {array.shape} {array.dtype}"
        )
    if (array[:, 1] < array[:, 0]).any():
        wrong = array[array[:, 1] < array[:, 0]][0].tolist()
        raise ValueError(f"`{name}` must end after they begin. Received: {wrong}")
    return array.astype(np.int64)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
