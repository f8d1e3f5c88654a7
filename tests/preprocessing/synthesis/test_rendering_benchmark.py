"""`benchmark rendering`: what is counted is what was rendered, and tables come from figures."""

import dataclasses

import pytest

from ma2mi_preprocessing.benchmarks.rendering import (
    SetPlan,
    measure_set,
    measure_steps,
    set_plans,
)
from ma2mi_preprocessing.synthesis import render_clip


def test_set_is_counted_from_its_files() -> None:
    row = measure_set(SetPlan("macro", "plain", "video", 1, 1, 1, 48))
    clip = render_clip("macro", size=48)
    assert (row.clips, row.frames) == (1, len(clip.frames))
    # Frames of 48 pixels without loss: less than raw, more than the noise lets go.
    assert 0.2 * clip.frames.nbytes < row.frame_bytes < clip.frames.nbytes
    assert row.truth_bytes > clip.landmarks.nbytes / 4
    if row.cpu_seconds is not None and row.megabytes is not None:
        assert 0 < row.cpu_seconds < 60
        assert 30 < row.megabytes < 20_000


def test_every_step_of_a_clip_takes_time() -> None:
    steps = {
        row.step: row.milliseconds for row in measure_steps("macro", "plain", clips=1, size=48)
    }
    assert list(steps) == [
        "rendering",
        "exact flow and ground truth",
        "writing as png",
        "writing as jpeg",
        "writing as video",
    ]
    assert all(0 <= time < 1000 for time in steps.values())
    assert steps["rendering"] > 0


@pytest.mark.parametrize("whole", [False, True])
def test_of_the_first_style_all_forms_and_one_process_are_measured(whole: bool) -> None:
    plans = set_plans(
        ["natural", "plain"], workers=2, subjects=3, clips_per_subject=2, size=64, whole=whole
    )
    if whole:
        large = plans.pop(0)
        assert large.subjects * large.clips_per_subject > 1000
        assert dataclasses.replace(large, subjects=3, clips_per_subject=2) == plans[0]
    assert {plan.frames_as for plan in plans if plan.style == "natural"} == {"png", "jpeg", "video"}
    assert {(plan.style, plan.kind) for plan in plans if plan.workers == 2} == {
        (style, kind) for style in ("natural", "plain") for kind in ("macro", "micro")
    }
    assert [plan.workers for plan in plans if plan.workers != 2] == [1]
    assert len(plans) == len(set(plans)) == 7
