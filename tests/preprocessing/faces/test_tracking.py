"""One person is followed, not whoever is largest."""

from ma2mi_preprocessing.faces.choice import FaceChoice
from ma2mi_preprocessing.faces.detection import Face
from ma2mi_preprocessing.faces.tracking import FaceTracker, overlap


def face(x: float, side: float = 100.0, score: float = 0.9) -> Face:
    eyes = ((x + 0.3 * side, 40.0), (x + 0.7 * side, 40.0))
    return Face((x, 0.0, side, side), *eyes, score)


def test_face_that_comes_back_soon_is_the_same_track() -> None:
    tracker = FaceTracker(longest_gap=10)
    for frame in (0, 1, 2, 9, 10):
        tracker.add(frame, [face(frame)])
    (track,) = tracker.tracks
    assert track.frames == [0, 1, 2, 9, 10]
    assert track.span == 11


def test_face_that_was_away_longer_starts_a_new_track() -> None:
    tracker = FaceTracker(longest_gap=5)
    for frame in (0, 1, 7, 8, 9):
        tracker.add(frame, [face(0)])
    assert [track.frames for track in tracker.tracks] == [[0, 1], [7, 8, 9]]
    assert FaceChoice().pick(tracker.tracks) is tracker.tracks[1]


def test_two_people_keep_their_tracks_when_the_larger_changes() -> None:
    tracker = FaceTracker(longest_gap=5)
    tracker.add(0, [face(0, 110), face(300, 100)])
    tracker.add(1, [face(298, 120), face(2, 100)])
    first, second = tracker.tracks
    assert [round(each.box[0]) for each in first.faces] == [0, 2]
    assert [round(each.box[0]) for each in second.faces] == [300, 298]


def test_of_equally_long_tracks_the_larger_face_counts() -> None:
    tracker = FaceTracker(longest_gap=5)
    for frame in range(4):
        tracker.add(frame, [face(0, 80), face(300, 120)])
    longest = FaceChoice().pick(tracker.tracks)
    assert longest is not None
    assert longest.mean_area == 120.0**2


def test_jump_across_the_frame_is_another_face() -> None:
    tracker = FaceTracker(longest_gap=5)
    tracker.add(0, [face(0)])
    tracker.add(1, [face(400)])
    assert len(tracker.tracks) == 2


def test_no_detection_gives_no_track() -> None:
    tracker = FaceTracker(longest_gap=5)
    tracker.add(0, [])
    assert FaceChoice().pick(tracker.tracks) is None


def test_overlap_of_boxes() -> None:
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1.0
    assert overlap((0, 0, 10, 10), (5, 0, 10, 10)) == 50 / 150
    assert overlap((0, 0, 10, 10), (10, 0, 10, 10)) == 0.0
