"""Frame difference, optical strain, gray conversion and the channels models take."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ma2mi_preprocessing import frame_difference, motion_features, optical_strain
from ma2mi_preprocessing.motion import to_gray
from tests.reference import motion as twin


@settings(max_examples=30, deadline=None)
@given(height=st.integers(2, 12), width=st.integers(2, 12), seed=st.integers(0, 999))
def test_strain_equals_the_plain_twin(height, width, seed):
    flow = np.random.default_rng(seed).standard_normal((height, width, 2)).astype(np.float32)
    np.testing.assert_allclose(optical_strain(flow), twin.optical_strain(flow), rtol=1e-4)


def test_strain_of_a_stretch_is_its_rate_and_of_a_shift_or_slow_turn_is_zero():
    y, x = np.mgrid[:20, :30].astype(float)
    stretch = np.stack((0.02 * x, 0 * y), axis=-1)
    np.testing.assert_allclose(optical_strain(stretch), 0.02, rtol=1e-4)
    both_ways = np.stack((0.02 * x, -0.02 * y), axis=-1)
    np.testing.assert_allclose(optical_strain(both_ways), 0.02 * np.sqrt(2), rtol=1e-4)
    shear = np.stack((0.02 * y, 0 * x), axis=-1)
    np.testing.assert_allclose(optical_strain(shear), 0.02 / np.sqrt(2), rtol=1e-4)
    turn = np.stack((-0.02 * y, 0.02 * x), axis=-1)
    np.testing.assert_allclose(optical_strain(turn), 0, atol=1e-6)
    np.testing.assert_array_equal(optical_strain(np.full((4, 5, 2), 3.0)), 0)


def test_strain_takes_any_leading_axes_and_layout(rng):
    flow = rng.standard_normal((2, 3, 8, 9, 2))
    strain = optical_strain(flow)
    assert strain.shape == (2, 3, 8, 9)
    assert strain.dtype == np.float32
    np.testing.assert_array_equal(strain[1, 2], optical_strain(np.asfortranarray(flow[1, 2])))


@pytest.mark.parametrize(
    ("flow", "received"),
    [
        (np.zeros((8, 8)), r"\(8, 8\)"),
        (np.zeros((8, 8, 3)), r"\(8, 8, 3\)"),
        (np.zeros((8, 8, 2), np.int64), "int64"),
        (np.zeros((0, 8, 8, 2)), r"\(0, 8, 8, 2\)"),
        (np.zeros((1, 8, 2)), "2x2"),
        (np.full((8, 8, 2), np.nan), "finite"),
    ],
)
def test_what_is_no_flow_is_refused(flow, received):
    with pytest.raises(ValueError, match=received):
        optical_strain(flow)


def test_difference_of_bytes_is_signed_and_in_units_of_full_range():
    reference = np.array([[0, 255], [10, 7]], np.uint8)
    moving = np.array([[255, 0], [13, 7]], np.uint8)
    difference = frame_difference(reference, moving)
    assert difference.dtype == np.float32
    np.testing.assert_allclose(difference, [[1, -1], [3 / 255, 0]], rtol=1e-6)


def test_difference_is_the_same_for_bytes_and_floats(rng):
    reference, moving = rng.integers(0, 256, (2, 3, 10, 12, 3), dtype=np.uint8)
    expected = frame_difference(reference, moving)
    assert expected.shape == (3, 10, 12, 3)
    np.testing.assert_allclose(frame_difference(reference / 255, moving / 255), expected, atol=1e-6)
    np.testing.assert_allclose(frame_difference(reference, moving / 255), expected, atol=1e-6)


def test_gray_follows_bt601(rng):
    image = rng.integers(0, 256, (9, 11, 3), dtype=np.uint8)
    np.testing.assert_array_equal(to_gray(image), twin.to_gray(image))
    assert np.abs(to_gray(image).astype(int) - cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)).max() <= 1
    gray = to_gray(image / 255)
    assert gray.dtype == np.float32
    np.testing.assert_allclose(gray, to_gray(image) / 255, atol=0.5 / 255 + 1e-6)


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(11)
    texture = cv2.GaussianBlur(rng.uniform(0, 1, (40, 48, 3)), (0, 0), 1.5)
    texture = (texture - texture.min()) / np.ptp(texture)
    reference = np.round(255 * texture).astype(np.uint8)
    return reference, np.roll(reference, 1, axis=1)


def test_motion_features_are_the_named_channels_in_order(frames):
    flow = motion_features(*frames, kind="flow")
    difference = motion_features(*frames, kind="difference")
    assert flow.dtype == difference.dtype == np.float32
    assert flow.shape == difference.shape == (40, 48, 3)
    assert abs(np.median(flow[..., 0]) - 1) < 0.1
    np.testing.assert_array_equal(flow[..., 2], optical_strain(flow[..., :2]))
    np.testing.assert_array_equal(difference, frame_difference(*frames))
    both = motion_features(*frames, kind="both")
    np.testing.assert_array_equal(both, np.concatenate((difference, flow), axis=-1))


def test_motion_features_of_a_batch_are_those_of_its_pairs(frames):
    reference, moving = np.stack(frames), np.stack(frames[::-1])
    batch = motion_features(reference, moving, kind="both", threads=2)
    np.testing.assert_array_equal(batch[0], motion_features(*frames, kind="both"))
    np.testing.assert_array_equal(batch[1], motion_features(*frames[::-1], kind="both"))


def test_known_flow_is_used_instead_of_estimated(frames):
    flow = np.full((40, 48, 2), 0.5, np.float32)
    features = motion_features(*frames, flow=flow)
    np.testing.assert_array_equal(features[..., :2], flow)
    with pytest.raises(ValueError, match=r"flow.shape=\(48, 40, 2\)"):
        motion_features(*frames, flow=flow.transpose(1, 0, 2))


def test_unusable_frames_and_kinds_are_refused(frames):
    with pytest.raises(ValueError, match="kind='speed'"):
        motion_features(*frames, kind="speed")
    with pytest.raises(ValueError, match=r"RGB.*\(40, 48\)"):
        motion_features(frames[0][..., 0], frames[1][..., 0])
    with pytest.raises(ValueError, match=r"moving.shape=\(39, 48, 3\)"):
        motion_features(frames[0], frames[1][1:])
    with pytest.raises(ValueError, match="finite"):
        frame_difference(np.full((4, 4), np.nan), np.zeros((4, 4)))
    with pytest.raises(ValueError, match="int64"):
        frame_difference(np.zeros((4, 4), np.int64), np.zeros((4, 4), np.int64))
