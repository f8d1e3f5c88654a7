"""The flow of a rendered clip is the motion of its pictures, not an estimate of it."""

import dataclasses

import numpy as np
import pytest

from ma2mi_preprocessing.synthesis import RenderedClip, render_clip
from ma2mi_preprocessing.synthesis.renderer import perform
from ma2mi_preprocessing.synthesis.sampling import sample_cubic
from ma2mi_preprocessing.synthesis.script import write_script


def clean_clip(kind: str, label: str, subject: int = 1) -> RenderedClip:
    """A clip without noise and in constant light, so that its frames differ by motion only."""
    script = write_script(kind, subject=subject, clip=0, label=label, size=128, fps=30.0, seed=5)
    constant = np.zeros_like(script.lighting_change)
    constant[:, 0] = 1.0
    return perform(dataclasses.replace(script, lighting_change=constant), noise=False)


def read_at(values: np.ndarray, flow: np.ndarray) -> np.ndarray:
    height, width = flow.shape[:2]
    x = flow[..., 0] + np.arange(width, dtype=np.float32)[None, :]
    y = flow[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return sample_cubic(values.astype(np.float32), x, y)


@pytest.mark.parametrize(
    ("kind", "label"), [("macro", "happiness"), ("macro", "surprise"), ("micro", "disgust")]
)
def test_moving_frame_warped_by_the_flow_is_the_reference(kind: str, label: str) -> None:
    clip = clean_clip(kind, label)
    flow = clip.flow_from_onset(clip.apex)
    reference, moving = clip.frames[clip.onset].astype(np.float32), clip.frames[clip.apex]
    inside = np.s_[4:-4, 4:-4]
    error = np.abs(read_at(moving, flow) - reference)[inside].mean()
    still_error = np.abs(moving - reference)[inside].mean()
    # Two frames rounded to 8 bits differ by a third of a grey level on the mean.
    assert error < 0.8
    assert error < 0.6 * still_error


@pytest.mark.parametrize(("kind", "label"), [("macro", "surprise"), ("micro", "anger")])
def test_flow_there_and_back_returns(kind: str, label: str) -> None:
    clip = clean_clip(kind, label)
    forth = clip.flow(clip.onset, clip.apex)
    back = clip.flow(clip.apex, clip.onset)
    residual = (forth + read_at(back, forth))[4:-4, 4:-4]
    assert np.abs(residual).max() < 0.05
    assert np.abs(residual).mean() < 2e-3


def test_flow_to_the_same_frame_is_zero() -> None:
    clip = clean_clip("macro", "sadness")
    assert np.abs(clip.flow(clip.apex, clip.apex)).max() < 1e-3


def test_nothing_but_the_head_moves_before_the_onset() -> None:
    clip = render_clip("macro", subject=2, size=96, noise=False, head_motion=False)
    assert np.abs(clip.flow(0, clip.onset)).max() < 1e-4
    assert np.abs(clip.flow(clip.onset, len(clip.frames) - 1)).max() < 1e-4


def test_landmarks_go_where_the_flow_goes() -> None:
    clip = clean_clip("macro", "happiness", subject=3)
    flow = clip.flow_from_onset(clip.apex)
    start = clip.landmarks[clip.onset]
    moved = sample_cubic(flow, start[None, :, 0], start[None, :, 1])[0]
    np.testing.assert_allclose(start + moved, clip.landmarks[clip.apex], atol=0.05)
    corner = clip.landmark_names.index("mouth_corner_right")
    assert np.linalg.norm(moved[corner]) > 1.0


@pytest.mark.parametrize(("kind", "low", "high"), [("macro", 4.0, 12.0), ("micro", 0.3, 2.0)])
def test_apex_displacement_is_in_the_range_of_the_kind(kind: str, low: float, high: float) -> None:
    for subject in range(6):
        clip = render_clip(
            kind, subject=subject, clip=subject, size=112, noise=False, head_motion=False, fps=20
        )
        peak = np.linalg.norm(clip.flow_from_onset(clip.apex), axis=-1).max() * 224 / 112
        assert 0.97 * low <= peak <= 1.03 * high


def test_cubic_sampling_reproduces_straight_slopes() -> None:
    rows, columns = np.mgrid[:20, :24].astype(np.float32)
    picture = np.stack([columns, 2.0 * rows - columns], axis=-1)
    rng = np.random.default_rng(4)
    x = rng.uniform(2, 20, (5, 7)).astype(np.float32)
    y = rng.uniform(2, 16, (5, 7)).astype(np.float32)
    expected = np.stack([x, 2.0 * y - x], axis=-1)
    np.testing.assert_allclose(sample_cubic(picture, x, y), expected, atol=1e-4)
