"""Plans for whole clips, from a detector whose answers are known."""

import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.faces.alignment import canonical_eyes
from ma2mi_preprocessing.faces.detection import Face
from ma2mi_preprocessing.faces.plan import NumberedFrames, plan_by_tracking, plan_from_onset

FPS = 25.0


class Scripted:
    """Finds in a frame that holds the number n what the script says for n."""

    name = "cascade"

    def __init__(self, script: dict[int, tuple[float, float]], score: float = 0.9) -> None:
        self.script, self.score = script, score

    def detect(self, image: np.ndarray) -> list[Face]:
        number = int(image[0, 0, 0]) + 256 * int(image[0, 0, 1])
        if number not in self.script:
            return []
        x, y = self.script[number]
        return [Face((x - 30, y - 40, 120.0, 120.0), (x, y), (x + 60, y), self.score)]


def frames(numbers: range) -> NumberedFrames:
    for number in numbers:
        yield number, np.full((8, 8, 3), (number % 256, number // 256, 0), np.uint8)


def track(script: dict[int, tuple[float, float]], **changes: float):  # type: ignore[no-untyped-def]
    options = {"fps": FPS, "step": 1, "max_frames": 900, "smoothing_seconds": 0.3} | changes
    score = float(options.pop("score", 0.9))
    numbers = range(0, 100, int(options["step"]))
    return plan_by_tracking(frames(numbers), Scripted(script, score), 224, **options)


def test_clip_takes_the_median_of_the_frames_around_its_onset() -> None:
    script = {8: (100.0, 80.0), 9: (101.0, 80.0), 10: (102.0, 80.0), 11: (101.5, 80.0),
              12: (130.0, 95.0)}  # fmt: skip
    plan = plan_from_onset(frames(range(8, 13)), frames(range(0, 50, 5)), Scripted(script), 224)
    assert plan.first_frame is None
    assert plan.transforms.shape == (1, 2, 3)
    np.testing.assert_allclose(plan.transforms[0] @ [101.5, 80.0, 1.0], canonical_eyes(224)[0])
    assert (plan.frames_looked_at, plan.frames_with_face) == (5, 5)


def test_clip_without_a_face_at_its_onset_looks_elsewhere() -> None:
    plan = plan_from_onset(
        frames(range(3)), frames(range(0, 50, 5)), Scripted({20: (50.0, 60.0)}), 224
    )
    assert (plan.frames_looked_at, plan.frames_with_face) == (13, 1)


def test_no_face_says_how_many_frames_were_looked_at_and_what_to_try() -> None:
    with pytest.raises(
        InputError, match=r"no face found in 13 frames.*'cascade'.*--detector yunet"
    ):
        plan_from_onset(frames(range(3)), frames(range(0, 50, 5)), Scripted({}), 224)
    with pytest.raises(InputError, match="no face found in 100 frames"):
        track({})


def test_faces_without_eyes_are_no_faces() -> None:
    with pytest.raises(InputError, match="no face found"):
        track({number: (100.0, 80.0) for number in range(100)}, score=0.2)


def test_longest_run_is_kept_and_starts_where_the_face_does() -> None:
    script = {number: (100.0 + 0.1 * number, 80.0) for number in [*range(10), *range(40, 90)]}
    plan = track(script)
    assert plan.first_frame == 40
    assert plan.transforms.shape == (50, 2, 3)
    for row in (0, 25, 49):
        eye = (100.0 + 0.1 * (40 + row), 80.0, 1.0)
        np.testing.assert_allclose(plan.transforms[row] @ eye, canonical_eyes(224)[0], atol=0.1)


def test_face_hidden_for_a_moment_does_not_end_the_run() -> None:
    script = {number: (100.0, 80.0) for number in range(100) if not 50 <= number < 60}
    plan = track(script)
    assert len(plan.transforms) == 100
    assert plan.frames_with_face == 90


def test_looking_at_every_fourth_frame_keeps_the_frames_between_and_after() -> None:
    plan = track({number: (100.0, 80.0) for number in range(100)}, step=4)
    assert len(plan.transforms) == 100
    assert plan.frames_looked_at == 25


def test_run_is_cut_at_the_most_frames_and_not_read_further() -> None:
    plan = track({number: (100.0, 80.0) for number in range(100)}, max_frames=30)
    assert len(plan.transforms) == 30
    assert plan.frames_looked_at == 30


def test_face_for_an_instant_is_not_a_clip() -> None:
    with pytest.raises(InputError, match="for 3 frames only"):
        track({number: (100.0, 80.0) for number in (5, 6, 7)})
