"""Lids slide over the eyeball without tearing or folding back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.synthesis.eyelids import Eye, EyeState

closures = st.floats(0.0, 1.0)
AHEAD = (0.0, 0.0)


def column(across: float, opening: float, width: float = 0.245) -> Eye:
    down = np.linspace(-0.28, 0.26, 241)
    return Eye(width, opening, np.full_like(down, across), down)


@given(before=closures, after=closures, across=st.floats(-0.2, 0.2), opening=st.floats(0.12, 0.22))
def test_skin_keeps_its_order_and_comes_back(
    before: float, after: float, across: float, opening: float
) -> None:
    eye, first, then = column(across, opening), EyeState(before, AHEAD), EyeState(after, AHEAD)
    moved = eye.down + eye.lid_shift(first, then)
    skin = ~eye.inside(first)
    assert np.all(np.diff(moved[skin]) > -1e-6)
    target = Eye(eye.half_width, opening, eye.across, moved)
    # Skin at the very edge may land a hair within the opening of the other state.
    lands_on_skin = skin & ~target.inside(then)
    assert lands_on_skin.sum() > 0.9 * skin.sum()
    back = moved + target.lid_shift(then, first)
    np.testing.assert_allclose(back[lands_on_skin], eye.down[lands_on_skin], atol=1e-3)


@given(across=st.floats(-0.24, 0.24), opening=st.floats(0.12, 0.22), closure=closures)
def test_lids_close_from_both_sides_and_meet(across: float, opening: float, closure: float) -> None:
    eye = column(across, opening)
    upper, lower = (edge[0] for edge in eye.edges(closure))
    open_upper, open_lower = (edge[0] for edge in eye.edges(0.0))
    assert open_upper - 1e-9 <= upper <= lower + 1e-9 <= open_lower + 2e-9
    # The upper lid goes most of the way.
    assert upper - open_upper >= open_lower - lower - 1e-9
    meeting = eye.edges(1.0)
    assert meeting[0][0] == pytest.approx(meeting[1][0])
    assert not eye.inside(EyeState(1.0, AHEAD)).any()


def test_an_open_eye_shows_its_ball_in_the_middle() -> None:
    eye = column(0.0, 0.18)
    seen = eye.down[eye.inside(EyeState(0.0, AHEAD))]
    assert seen.min() == pytest.approx(-0.62 * 0.18 + 0.024, abs=0.004)
    assert seen.max() == pytest.approx(0.40 * 0.18 + 0.015, abs=0.004)
