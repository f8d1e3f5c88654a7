"""Two eyes are chosen by what a face allows; what is not seen is not invented with confidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.faces.eye_pairs import EyeCandidate, best_pair, canonical_eyes

USUAL = canonical_eyes(160.0)
(LEFT_X, LEFT_Y), (RIGHT_X, RIGHT_Y) = USUAL


def eye(x: float, y: float, weight: float = 3.0) -> EyeCandidate:
    return EyeCandidate(x, y, weight)


def test_eyes_are_preferred_to_brow_and_nostril() -> None:
    left = [eye(LEFT_X, LEFT_Y - 18), eye(LEFT_X + 1, LEFT_Y), eye(LEFT_X + 16, LEFT_Y + 20)]
    right = [eye(RIGHT_X, RIGHT_Y + 1), eye(RIGHT_X - 14, RIGHT_Y + 21)]
    left_eye, right_eye, score = best_pair(left, right, USUAL)
    assert left_eye == (LEFT_X + 1, LEFT_Y)
    assert right_eye == (RIGHT_X, RIGHT_Y + 1)
    assert score > 0.9


def test_one_eye_moves_the_usual_pair_and_says_so() -> None:
    left_eye, right_eye, score = best_pair([eye(LEFT_X + 4, LEFT_Y - 3)], [], USUAL)
    assert left_eye == pytest.approx((LEFT_X + 4, LEFT_Y - 3))
    assert right_eye == pytest.approx((RIGHT_X + 4, RIGHT_Y - 3))
    assert score == 0.5


def test_no_eye_gives_the_usual_places_with_a_low_score() -> None:
    left_eye, right_eye, score = best_pair([], [], USUAL)
    assert (left_eye, right_eye) == USUAL
    assert score == 0.2


def test_candidates_far_from_any_eye_count_as_none() -> None:
    assert best_pair([eye(5, 150)], [eye(155, 150)], USUAL)[2] == 0.2


def test_pair_that_is_too_steep_is_not_a_pair() -> None:
    left, right = [eye(LEFT_X + 4, LEFT_Y - 20)], [eye(RIGHT_X - 4, RIGHT_Y + 20)]
    assert best_pair(left, right, USUAL)[2] == 0.5


candidates = st.lists(
    st.builds(EyeCandidate, st.floats(0, 160), st.floats(0, 160), st.floats(-5, 9)), max_size=4
)


@given(candidates, candidates)
def test_result_is_always_a_plausible_pair(
    left: list[EyeCandidate], right: list[EyeCandidate]
) -> None:
    left_eye, right_eye, score = best_pair(left, right, USUAL)
    usual = RIGHT_X - LEFT_X
    assert 0.6 * usual < right_eye[0] - left_eye[0] < 1.31 * usual
    assert 0.2 <= score <= 1.0
