"""Rendered clips in the crops that real data come in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.synthesis.crops import CROP_NAMES, sample_crops
from ma2mi_preprocessing.synthesis.geometry import FacePose
from ma2mi_recipes.shifted_clips import crop_matrix, render_pairs, shifted_clips


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(CROP_NAMES), st.floats(-0.1, 0.1))
def test_a_crop_shows_the_eyes_where_it_says(seed: int, crop: str, roll: float) -> None:
    pose = FacePose(size=128, inter_ocular=31.0, centre=(63.0, 55.0), roll=roll)
    crops = sample_crops(np.random.default_rng(seed), 1, 28, crop)
    eyes = np.array([[-0.5, 0.0], [0.5, 0.0]])
    matrix = crop_matrix((31.0, 63.0, 55.0, roll), crops, 0, 1)
    shown = pose.to_pixels(eyes) @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(shown.mean(axis=0), crops.centre[0], atol=1e-3)
    across, down = (shown[1] - shown[0]) / crops.scale[0]
    assert across == pytest.approx(np.cos(crops.roll[0]), abs=1e-4)
    assert down == pytest.approx(np.sin(crops.roll[0]), abs=1e-4)


def test_pixels_of_a_finer_crop_cover_those_of_the_crop() -> None:
    crops = sample_crops(np.random.default_rng(0), 1, 28, "aligned")
    coarse, fine = (crop_matrix((31.0, 63.0, 55.0, 0.0), crops, 0, finer) for finer in (1, 4))
    point = np.array([70.0, 40.0])
    # The centre of a pixel lies between the middle two of its four finer ones.
    there = 4 * (coarse[:, :2] @ point + coarse[:, 2] + 0.5) - 0.5
    np.testing.assert_allclose(fine[:, :2] @ point + fine[:, 2], there)


def test_clips_are_labelled_and_scaled() -> None:
    pairs = render_pairs("plain", 1, 2, seed=3)
    for scaling in ("pixels", "minmax"):
        clips = shifted_clips(pairs, crop="any", flow_at="crop", scaling=scaling, seed=0)
        assert clips.motion.shape == (2, 28, 28, 3)
        assert clips.scaling == scaling
        assert [clips.classes[label] for label in clips.labels] == [one.label for one in pairs]
    assert clips.motion.min() == 0.0
    assert clips.motion.max() == 1.0
