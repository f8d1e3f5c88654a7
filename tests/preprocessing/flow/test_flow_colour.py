"""Flow painted with the colour wheel."""

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.flow_colour import flow_to_colour


def _colour(u, v, max_flow=1.0):
    return flow_to_colour(np.full((2, 2, 2), (u, v), np.float32), max_flow=max_flow)[0, 0]


def test_no_movement_is_white_and_right_is_red():
    np.testing.assert_array_equal(_colour(0, 0), 255)
    np.testing.assert_array_equal(_colour(1, 0), (255, 0, 0))
    np.testing.assert_array_equal(flow_to_colour(np.zeros((3, 4, 2))), 255)


@given(angle=st.floats(0, 6.28), length=st.floats(0.1, 0.9))
def test_length_is_saturation_and_does_not_change_the_hue(angle, length):
    u, v = np.cos(angle), np.sin(angle)
    hue, _, _ = colorsys.rgb_to_hsv(*_colour(u, v) / 255)
    weaker_hue, saturation, _ = colorsys.rgb_to_hsv(*_colour(length * u, length * v) / 255)
    assert abs((weaker_hue - hue + 0.5) % 1 - 0.5) < 0.02
    assert saturation == pytest.approx(length, abs=0.02)


def test_hue_runs_once_round_the_circle_without_a_jump():
    angles = np.linspace(0, 2 * np.pi, 721)
    flow = np.stack((np.cos(angles), np.sin(angles)), axis=-1)[None].repeat(2, axis=0)
    colours = flow_to_colour(flow, max_flow=1.0 + 1e-6)[0].astype(int)
    assert np.abs(np.diff(colours, axis=0)).max() <= 40
    hues = [colorsys.rgb_to_hsv(*colour / 255)[0] for colour in colours[:-1]]
    assert (np.diff(hues) >= -0.01).all()
    assert hues[-1] > 0.95


def test_pictures_with_one_range_are_comparable_and_longer_movements_darker():
    assert _colour(2, 0).sum() < _colour(1, 0).sum()
    flow = np.zeros((4, 4, 2))
    flow[0, 0] = (2, 0)
    flow[1, 1] = (1, 0)
    picture = flow_to_colour(flow)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture[0, 0], (255, 0, 0))
    np.testing.assert_array_equal(picture[1, 1], _colour(1, 0, max_flow=2.0))


def test_unusable_arguments_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 4, 3\)"):
        flow_to_colour(np.zeros((4, 4, 3)))
    with pytest.raises(ValueError, match="max_flow=0"):
        flow_to_colour(np.zeros((4, 4, 2)), max_flow=0)
