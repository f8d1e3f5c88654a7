"""A video's face frame by frame is the one that preprocessing stores, whatever the length."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.aligned_video import AlignedVideo
from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.process_clip import process_clip
from ma2mi_preprocessing.synthesis import render_clip


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "face.avi"
    frames = render_clip("micro", subject=2, size=160, fps=50, seed=3).frames
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50, (160, 160))
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_frames_are_those_of_preprocessing(video: Path) -> None:
    options = PreprocessOptions(size=64, pairs="none")
    whole = process_clip(Clip(clip_id="face", source=video), options)
    aligned = AlignedVideo(video, options)
    np.testing.assert_array_equal(np.stack(list(aligned.frames())), whole.frames)
    assert aligned.first_frame == whole.first_frame
    assert aligned.fps == pytest.approx(whole.fps)
    assert aligned.indices == list(range(whole.first_frame, whole.first_frame + len(whole.frames)))


def test_single_frames_are_the_same_again_and_in_any_size(video: Path) -> None:
    aligned = AlignedVideo(video, PreprocessOptions(size=64))
    frames = list(aligned.frames())
    again = aligned.pick([3, 9])
    assert sorted(again) == [3, 9]
    np.testing.assert_array_equal(again[9], frames[9])
    large = aligned.pick([3], 128)[3]
    assert large.shape == (128, 128, 3)
    small = cv2.resize(large, (64, 64), interpolation=cv2.INTER_AREA)
    # A pixel off would make ten times that difference.
    assert np.abs(small.astype(float) - frames[3]).mean() < 2.0
    assert aligned.pick([]) == {}


def test_frames_that_are_faces_already_stay_as_they_are(video: Path) -> None:
    aligned = AlignedVideo(video, PreprocessOptions(size=160, detector="none"), fps=80.0)
    frames = list(aligned.frames())
    assert aligned.fps == 80.0
    assert frames[0].shape == (160, 160, 3)
    read = cv2.VideoCapture(str(video)).read()[1]
    np.testing.assert_array_equal(frames[0], cv2.cvtColor(read, cv2.COLOR_BGR2RGB))


def test_what_was_looked_at_is_told_and_what_is_missing_is_refused(
    video: Path, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    AlignedVideo(video, PreprocessOptions(size=64), on_frame=lambda *each: told.append(each))
    assert told[0][0] == 1
    assert told[-1][0] <= told[-1][1]
    with pytest.raises(InputError, match="there is nothing at"):
        AlignedVideo(tmp_path / "none.avi", PreprocessOptions(size=64))
