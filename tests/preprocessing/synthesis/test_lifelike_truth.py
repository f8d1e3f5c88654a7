"""What is true of lifelike clips: flow with blinks and speech, and what is no expression."""

import dataclasses

import numpy as np
import pytest

from ma2mi_preprocessing.synthesis import RenderedClip, ground_truth, render_clip
from ma2mi_preprocessing.synthesis.renderer import perform
from ma2mi_preprocessing.synthesis.script import write_script
from ma2mi_preprocessing.synthesis.style import NATURAL, Acting, Style

from .test_ground_truth import read_at

# Plain looks: brightness does not change with movement, so that frames can be compared.
RESTLESS = Style(acting=Acting(lifelike=True, blinks=60.0, saccades=2.0, speech=1.0, leaks=1.0))


def clean_clip(
    subject: int, style: Style = RESTLESS, kind: str = "macro", clip: int = 0
) -> RenderedClip:
    """A clip without noise and in constant light."""
    script = write_script(
        kind, subject=subject, clip=clip, label=None, size=128, fps=30.0, seed=3, style=style
    )
    constant = np.zeros_like(script.lighting_change)
    constant[:, 0] = 1.0
    return perform(dataclasses.replace(script, lighting_change=constant), noise=False)


@pytest.fixture(scope="module")
def blinking() -> RenderedClip:
    clip = clean_clip(1)
    assert clip.lids.min() == 0 and clip.lids.max() == 1
    return clip


def around_eyes(clip: RenderedClip, frame: int) -> np.ndarray:
    near = np.zeros(clip.frames.shape[1:3], bool)
    for x, y in clip.eyes[frame].round().astype(int):
        near[y - 9 : y + 9, x - 9 : x + 9] = True
    return near


@pytest.mark.parametrize(("reference", "moving"), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.4)])
def test_flow_through_a_blink_brings_one_frame_to_the_other(
    blinking: RenderedClip, reference: float, moving: float
) -> None:
    first, second = (int(np.abs(blinking.lids - wanted).argmin()) for wanted in (reference, moving))
    flow, seen = blinking.flow(first, second), ~blinking.hidden(first, second)
    error = np.abs(read_at(blinking.frames[second], flow) - blinking.frames[first]).mean(axis=-1)
    still = np.abs(blinking.frames[second].astype(float) - blinking.frames[first]).mean(axis=-1)
    assert error[4:-4, 4:-4][seen[4:-4, 4:-4]].mean() < 0.8
    # What is left lies on the edges of the lids, where a pixel shows skin and eyeball at once.
    eyes = around_eyes(blinking, first) & seen
    assert error[eyes].mean() < 0.4 * still[eyes].mean()


@pytest.mark.parametrize(("kind", "subject"), [("macro", 0), ("macro", 3), ("micro", 2)])
def test_flow_of_natural_faces_is_the_motion_of_their_pictures(kind: str, subject: int) -> None:
    clip = clean_clip(subject, NATURAL, kind, clip=1)
    first, second = clip.onset, clip.apex
    flow, seen = clip.flow(first, second), ~clip.hidden(first, second)
    reference, moving = clip.frames[first].astype(float), clip.frames[second]
    error = np.abs(read_at(moving, flow) - reference).mean(axis=-1)
    still = np.abs(moving - reference).mean(axis=-1)
    seen[:4] = seen[-4:] = seen[:, :4] = seen[:, -4:] = False
    # Wrinkles come with the expression, and no flow takes them away.
    assert error[seen].mean() < 0.6 * still[seen].mean()


def test_flow_through_a_blink_returns(blinking: RenderedClip) -> None:
    first, second = int(blinking.lids.argmin()), int(blinking.lids.argmax())
    forth, back = blinking.flow(first, second), blinking.flow(second, first)
    residual = np.abs(forth + read_at(back, forth)).max(axis=-1)
    inside = ~blinking.hidden(first, second)
    inside[:4] = inside[-4:] = inside[:, :4] = inside[:, -4:] = False
    assert np.quantile(residual[inside], 0.99) < 0.02
    assert residual[inside & around_eyes(blinking, first)].mean() < 0.25


def test_only_eyeballs_behind_closing_lids_are_hidden(blinking: RenderedClip) -> None:
    first, second = int(blinking.lids.argmin()), int(blinking.lids.argmax())
    hidden = blinking.hidden(first, second)
    assert 20 < hidden.sum() < 300
    assert not (hidden & ~around_eyes(blinking, first)).any()
    assert not blinking.hidden(second, first).any()


def test_lid_landmarks_go_where_the_flow_goes(blinking: RenderedClip) -> None:
    names = blinking.landmark_names
    opened, shut = blinking.lids.argmin(), blinking.lids.argmax()
    for name in ("upper_lid_left", "upper_lid_right"):
        lid = names.index(name)
        gap = blinking.landmarks[:, names.index(name.replace("upper", "lower")), 1]
        gap = gap - blinking.landmarks[:, lid, 1]
        assert gap[opened] > 2.0
        assert abs(gap[shut]) < 0.8
    brow = names.index("brow_outer_left")
    moved = read_at(blinking.flow(0, 5), np.zeros((128, 128, 2)))
    x, y = blinking.landmarks[0, brow].round().astype(int)
    expected = blinking.landmarks[5, brow] - blinking.landmarks[0, brow]
    np.testing.assert_allclose(moved[y, x], expected, atol=0.15)


def test_without_distractors_the_same_expression_is_alone() -> None:
    calm = dataclasses.replace(RESTLESS, acting=RESTLESS.acting.undistracted())
    for subject in range(3):
        busy, alone = (
            render_clip("micro", subject=subject, size=64, style=style)
            for style in (RESTLESS, calm)
        )
        for name in ("unit_codes", "label", "onset", "apex", "offset", "pose"):
            assert getattr(busy, name) == getattr(alone, name)
        np.testing.assert_array_equal(busy.intensities, alone.intensities)
        np.testing.assert_array_equal(busy.sides, alone.sides)
        assert busy.distractor_codes
        assert alone.distractor_codes == () and alone.distractor_intensities.shape[1] == 0
        assert alone.blinks == () and not alone.lids.any() and not alone.head[:, 3:].any()
        assert len(np.unique(alone.gaze, axis=0)) == 1


def test_flow_of_a_calm_clip_is_within_the_range_of_its_kind() -> None:
    calm = Style(acting=Acting(lifelike=True).undistracted())
    for kind, low, high in (("micro", 0.3, 2.0), ("macro", 4.0, 12.0)):
        for subject in range(3):
            clip = render_clip(
                kind, subject=subject, size=112, fps=20, style=calm, noise=False, head_motion=False
            )
            peak = np.linalg.norm(clip.flow_from_onset(clip.apex), axis=-1).max() * 2.0
            assert 0.95 * low <= peak <= 1.03 * high


def test_distractors_are_part_of_the_flow() -> None:
    speaking = Acting(
        lifelike=True, habits=0.0, blinks=0.0, saccades=0.0, speech=1.0, leaks=0.0, turns=0.0
    )
    busy, alone = (
        render_clip("macro", subject=1, size=64, style=Style(acting=acting), head_motion=False)
        for acting in (speaking, speaking.undistracted())
    )
    frame = int(busy.distractor_intensities.sum(axis=1).argmax())
    assert "speech" in busy.distractor_reasons
    added = np.linalg.norm(busy.flow(0, frame) - alone.flow(0, frame), axis=-1)
    row, column = np.unravel_index(added.argmax(), added.shape)
    mouth = busy.landmarks[0, busy.landmark_names.index("mouth")]
    assert added.max() > 0.03
    assert np.hypot(column - mouth[0], row - mouth[1]) < 0.25 * 64


def test_head_can_be_held_still() -> None:
    clip = render_clip("micro", size=64, style="natural", head_motion=False)
    assert not clip.head.any()


def test_ground_truth_has_all_that_happens(blinking: RenderedClip) -> None:
    truth = ground_truth(blinking)
    frames, units = truth["intensities"].shape
    assert units == len(truth["unit_codes"]) == len(truth["sides"])
    assert truth["distractor_intensities"].shape == (frames, len(truth["distractor_codes"]))
    assert len(truth["distractor_reasons"]) == len(truth["distractor_codes"])
    assert truth["head"].shape == (frames, 5) and truth["gaze"].shape == (frames, 2)
    inside = np.zeros(frames, bool)
    for first, last in truth["blinks"]:
        inside[first : last + 1] = True
    np.testing.assert_array_equal(inside, truth["lids"] > 0)
    assert truth["hidden"].dtype == bool and truth["hidden"].shape == truth["flow"].shape[:2]


def test_plain_clips_have_the_same_arrays_with_nothing_in_them() -> None:
    truth = ground_truth(render_clip("micro", size=48, fps=20))
    assert truth["distractor_codes"].size == truth["blinks"].size == 0
    assert set(truth["sides"].ravel().tolist()) <= {0.0, 1.0}
    assert not truth["lids"].any() and not truth["hidden"].any()
