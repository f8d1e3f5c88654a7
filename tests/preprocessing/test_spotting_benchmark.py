"""What `benchmark spotting` measures is known, and measured on people nobody tuned on."""

import numpy as np
import pytest

from ma2mi_preprocessing.benchmarks.spotting import (
    FULL_PLAN,
    QUICK_PLAN,
    TUNING_SEED,
    SpottingPlan,
    _tasks,
    spotting_document,
)
from ma2mi_preprocessing.benchmarks.spotting_rivals import (
    difference_to_first,
    feature_differences,
)
from ma2mi_preprocessing.benchmarks.spotting_videos import OURS, VideoTask, search_video
from ma2mi_preprocessing.errors import InputError


def flashing(count: int, start: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """A gray face whose mouth becomes brighter and dark again."""
    frames = np.clip(120 + rng.normal(0, 1, (count, 40, 40, 3)), 0, 255)
    course = np.sin(np.pi * np.clip((np.arange(count) - start) / length, 0, 1))
    frames[:, 25:32, 12:28] += 60 * course[:, None, None, None]
    return frames.astype(np.uint8)


def test_a_clip_is_rendered_aligned_and_searched() -> None:
    found = search_video(VideoTask("clip", "micro", 3, 60.0, 0.0, 1))
    onset, apex, offset = found["true"]
    assert onset < apex < offset < found["frames"]
    assert 0.2 < found["peak"] < 2.2
    assert abs(found["found"][OURS][1] - apex) <= 4
    assert len(found["found"]) == 3


def test_nobody_is_met_twice_nor_was_tuned_on() -> None:
    for plan in (FULL_PLAN, QUICK_PLAN):
        subjects = [task.subject for task in _tasks(plan, 0)]
        assert len(set(subjects)) == len(subjects)
    with pytest.raises(InputError, match="take another"):
        spotting_document(SpottingPlan((), ()), seed=TUNING_SEED)


def test_the_frame_unlike_the_first_is_the_rivals_apex(rng: np.random.Generator) -> None:
    onset, apex, offset = difference_to_first(flashing(60, 20, 20, rng), 100.0, "micro")
    assert abs(apex - 30) <= 2
    assert (apex - onset, offset - apex) == (15, 15)


def test_the_rival_spots_a_flash_of_its_duration(rng: np.random.Generator) -> None:
    found = feature_differences(flashing(300, 140, 15, rng), 50.0)
    assert any(kind == "micro" and first <= 147 <= last for first, last, kind in found)
