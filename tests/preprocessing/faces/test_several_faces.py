"""One person of several is followed, whoever comes, grows or passes."""

from pathlib import Path

import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.faces.choice import FaceChoice, parse_face_choice
from ma2mi_preprocessing.faces.detection import Face
from ma2mi_preprocessing.faces.tracking import FaceTracker, Track
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.process_clip import process_clip
from tests.preprocessing.faces.two_people import WIDTH, Person, Place, filmed, who, written

FRAMES = 16


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [Person(0), Person(3)]


def shown(
    people: list[Person],
    film: list[np.ndarray],
    folder: Path,
    face: str,
    least: int = FRAMES - 2,
    **keys: int,
) -> list[int]:
    """Who is in each of the aligned frames, of which there must be `least`."""
    clip = written(film, folder, **keys)
    options = PreprocessOptions(size=64, pairs="none", face=face, detections_per_second=10.0)
    processed = process_clip(clip, options)
    assert len(processed.frames) >= least
    return [who(frame, people) for frame in processed.frames]


@pytest.mark.parametrize("annotated", [False, True])
@pytest.mark.parametrize(
    ("face", "expected"), [("largest", 1), ("left", 0), ("right", 1), ("150,150", 0)]
)
def test_side_by_side_the_chosen_one_is_aligned(
    face: str, expected: int, annotated: bool, people: list[Person], tmp_path: Path
) -> None:
    film = filmed(people, [lambda n: (160, 220), lambda n: (470, 260)], FRAMES)
    keys = {"onset": 4, "apex": 8, "offset": 12} if annotated else {}
    assert set(shown(people, film, tmp_path / "film", face, **keys)) == {expected}


@pytest.mark.parametrize("annotated", [False, True])
def test_who_grows_larger_later_does_not_take_over(
    annotated: bool, people: list[Person], tmp_path: Path
) -> None:
    film = filmed(people, [lambda n: (160, 240), lambda n: (470, 150 + 9 * n)], FRAMES)
    keys = {"onset": 1, "apex": 8, "offset": 15} if annotated else {}
    face = "largest" if annotated else "left"
    assert set(shown(people, film, tmp_path / "film", face, **keys)) == {0}


def test_who_enters_later_does_not_take_over(people: list[Person], tmp_path: Path) -> None:
    film = filmed(
        people, [lambda n: (200, 220), lambda n: (480, 290) if n >= FRAMES // 2 else None], FRAMES
    )
    assert set(shown(people, film, tmp_path / "largest", "largest")) == {0}
    assert set(shown(people, film, tmp_path / "right", "right")) == {0}


@pytest.mark.parametrize(("face", "expected"), [("right", 1), ("left", 0)])
def test_people_who_pass_each_other_are_not_exchanged(
    face: str, expected: int, people: list[Person], tmp_path: Path
) -> None:
    def passing(speed: float) -> list[Place]:
        return [lambda n: (150 + speed * n, 200), lambda n: (WIDTH - 150 - speed * n, 240)]

    # Slowly, where the run of who is behind ends with the hiding; and quickly, where it goes on,
    # and shows who is in front for as long as that lasts.
    slow, quick = filmed(people, passing(11.5), 30), filmed(people, passing(21), 17)
    assert set(shown(people, slow, tmp_path / "slow", face, least=10)) == {expected}
    seen = shown(people, quick, tmp_path / "quick", face, least=15)
    assert {*seen[:5], *seen[-5:]} == {expected}


def test_point_without_a_face_says_where_faces_are(people: list[Person], tmp_path: Path) -> None:
    film = filmed(people, [lambda n: (160, 220), lambda n: (470, 260)], 4)
    with pytest.raises(InputError, match=r"no face at 320,10 in frame 0; there are faces at"):
        shown(people, film, tmp_path / "film", "320,10")


@pytest.mark.parametrize("text", ["middle", "1", "1,2,3", "a,b", "nan,3", ""])
def test_choice_that_means_nothing_is_refused_before_any_clip(text: str) -> None:
    with pytest.raises(InputError, match="largest, left, right, or a point X,Y"):
        PreprocessOptions(face=text)


def test_choices_are_read() -> None:
    assert parse_face_choice("left") == FaceChoice("left")
    assert parse_face_choice("320, 180.5") == FaceChoice("point", (320.0, 180.5))


def test_largest_is_who_fills_most_of_the_video() -> None:
    def face(side: float) -> Face:
        return Face((0, 0, side, side), (1, 1), (2, 1), 0.9)

    long_small = Track([0, 9], [face(10), face(10)])
    short_large = Track([3, 7], [face(20), face(20)])
    assert FaceChoice().pick([long_small, short_large]) is short_large
    assert FaceChoice().pick([]) is None


def test_face_missed_in_the_first_frame_can_still_be_chosen() -> None:
    tracker = FaceTracker(longest_gap=5)
    left = Face((0, 0, 10, 10), (1, 1), (2, 1), 0.9)
    right = Face((50, 0, 10, 10), (51, 1), (52, 1), 0.9)
    tracker.add(0, [left])
    tracker.add(1, [left, right])
    assert FaceChoice("right").pick(tracker.tracks) is tracker.tracks[0]
    assert FaceChoice("right").pick(tracker.tracks, settling=4) is tracker.tracks[1]
