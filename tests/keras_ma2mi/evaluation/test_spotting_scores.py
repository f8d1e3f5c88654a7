"""Scores of spotted intervals equal hand-made counts and matching by trying everything."""

import math
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.evaluation.spotting_scores import (
    SpottingScore,
    interval_overlap,
    match_intervals,
    score_spotting,
    score_video,
)

INTERVALS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 12)).map(lambda pair: (pair[0], sum(pair))),
    max_size=5,
)


def overlap_by_counting(one: tuple[int, int], other: tuple[int, int]) -> float:
    frames = [set(range(first, last + 1)) for first, last in (one, other)]
    return len(frames[0] & frames[1]) / len(frames[0] | frames[1])


def most_pairs(spotted: list[tuple[int, int]], true: list[tuple[int, int]], least: float) -> int:
    """Try every way to give each true interval another spotted one, or none."""
    slots = [*range(len(spotted)), *[None] * len(true)]
    return max(
        sum(
            place is not None and overlap_by_counting(spotted[place], interval) >= least
            for place, interval in zip(order, true, strict=True)
        )
        for order in set(permutations(slots, len(true)))
    )


@given(st.tuples(INTERVALS, INTERVALS))
@settings(max_examples=60, deadline=None)
def test_overlap_is_that_of_the_sets_of_frames(both: tuple[list, list]) -> None:
    spotted, true = both
    overlap = interval_overlap(spotted, true)
    assert overlap.shape == (len(spotted), len(true))
    for row, one in enumerate(spotted):
        for column, other in enumerate(true):
            assert overlap[row, column] == pytest.approx(overlap_by_counting(one, other))


@given(
    st.lists(INTERVALS.map(lambda given: given[:3]), min_size=2, max_size=2),
    st.sampled_from([0.1, 0.3, 0.5]),
)
@settings(max_examples=60, deadline=None)
def test_as_many_are_matched_as_can_be(both: list[list], least: float) -> None:
    spotted, true = both
    pairs = match_intervals(spotted, true, least_overlap=least)
    assert len(pairs) == most_pairs(spotted, true, least)
    assert len({found for found, _ in pairs}) == len({given for _, given in pairs}) == len(pairs)
    for found, place in pairs:
        assert overlap_by_counting(spotted[found], true[place]) >= least


def test_the_best_pair_does_not_cost_another_its_partner() -> None:
    # The first overlaps both true intervals, and the first of them best; the second only that.
    true = [(0, 9), (6, 15)]
    spotted = [(3, 12), (0, 9)]
    assert match_intervals(spotted, true, least_overlap=0.5) == [(0, 1), (1, 0)]


def test_half_is_enough_and_less_is_not() -> None:
    assert score_video([(0, 9)], [(0, 19)]) == SpottingScore(1, 0, 0)
    assert score_video([(0, 8)], [(0, 19)]) == SpottingScore(0, 1, 1)


def test_a_true_interval_is_found_once() -> None:
    assert score_video([(0, 9), (1, 10), (0, 8)], [(0, 9)]) == SpottingScore(1, 2, 0)


def test_counts_are_summed_over_videos_and_kinds_kept_apart() -> None:
    videos = [
        ([(0, 9, "micro"), (50, 99, "macro")], [(1, 10, "micro"), (40, 99, "macro")]),
        # Found, but taken for the other kind.
        ([(5, 40, "micro")], [(5, 40, "macro"), (80, 90, "micro")]),
        ([], []),
        ([(7, 9, "macro")], []),
    ]
    scores = score_spotting(videos)
    assert scores["micro"] == SpottingScore(1, 1, 1)
    assert scores["macro"] == SpottingScore(1, 1, 1)
    assert scores["all"] == SpottingScore(2, 2, 2)
    assert scores["any"] == SpottingScore(3, 1, 1)
    assert scores["all"].f1 == pytest.approx(0.5)
    assert scores["any"].precision == scores["any"].recall == pytest.approx(0.75)


def test_what_has_no_value_is_no_number() -> None:
    nothing = score_video([], [])
    assert nothing == SpottingScore(0, 0, 0)
    assert all(math.isnan(value) for value in (nothing.precision, nothing.recall, nothing.f1))
    missed = score_video([], [(0, 5)])
    assert math.isnan(missed.precision)
    assert missed.recall == missed.f1 == 0.0
    invented = score_video([(0, 5)], [])
    assert math.isnan(invented.recall)
    assert invented.precision == invented.f1 == 0.0


@pytest.mark.parametrize("wrong", [[(5, 4)], [(1, 2, 3)], [(0.5, 2.0)]])
def test_what_is_no_interval_is_refused(wrong: list) -> None:
    with pytest.raises(ValueError, match="`spotted`"):
        score_video(wrong, [(0, 5)])


@pytest.mark.parametrize("least", [0.0, 1.5, -1.0])
def test_an_overlap_out_of_range_is_refused(least: float) -> None:
    with pytest.raises(ValueError, match="`least_overlap`"):
        match_intervals([(0, 1)], [(0, 1)], least_overlap=least)


def test_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="blink"):
        score_spotting([([(0, 3, "blink")], [])])
