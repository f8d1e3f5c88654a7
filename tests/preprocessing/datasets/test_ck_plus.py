"""CK+: neutral to peak, most labels missing, junk files, two names of the folder above."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.ck_plus import EMOTIONS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import mended, said, write_frames, write_text

read = ADAPTERS["ck_plus"].read


def images(
    root: Path, subject: str, sequence: str, numbers: range, parent: str = "cohn-kanade-images"
) -> Path:
    folder = root / parent / subject / sequence
    write_frames(folder, f"{subject}_{sequence}_{{:08d}}.png", numbers)
    return folder


def emotion(root: Path, subject: str, sequence: str, frame: int, text: str) -> None:
    name = f"{subject}_{sequence}_{frame:08d}_emotion.txt"
    write_text(root / "Emotion" / subject / sequence / name, text)


def facs(root: Path, subject: str, sequence: str, frame: int, text: str) -> None:
    name = f"{subject}_{sequence}_{frame:08d}_facs.txt"
    write_text(root / "FACS" / subject / sequence / name, text)


def test_sequence_runs_from_neutral_to_the_peak(tmp_path: Path) -> None:
    folder = images(tmp_path, "S005", "001", range(1, 12))
    emotion(tmp_path, "S005", "001", 11, "   3.0000000e+00\n")
    facs(
        tmp_path,
        *("S005", "001", 11),
        "   9.0000000e+00   5.0000000e+00\n   1.7000000e+01   0.0000000e+00\n\n",
    )
    result = read(tmp_path)
    (clip,) = result.clips
    assert (result.problems, result.repairs) == ([], [])
    assert (clip.clip_id, clip.subject, clip.source) == ("ck_plus/S005/001", "ck_plus/S005", folder)
    assert (clip.onset, clip.apex, clip.offset, clip.apex_source) == (0, 10, None, "annotated")
    assert (clip.fps, clip.label, clip.action_units) == (30.0, "disgust", "AU9E+AU17")


@pytest.mark.parametrize("number", range(8))
def test_labels_are_numbered_from_neutral(number: int, tmp_path: Path) -> None:
    images(tmp_path, "S010", "002", range(1, 4))
    emotion(tmp_path, "S010", "002", 3, f"{number}")
    assert read(tmp_path).clips[0].label == EMOTIONS[number]


def test_sequences_without_a_label_and_junk_are_no_losses(tmp_path: Path) -> None:
    parent = "extended-cohn-kanade-images/cohn-kanade-images"
    images(tmp_path, "S005", "001", range(1, 5), parent)
    images(tmp_path, "S005", "002", range(1, 6), parent)
    (tmp_path / "Emotion" / "S005" / "001").mkdir(parents=True)
    for junk in ("cohn-kanade-images/S005/.DS_Store", "Emotion/S005/002/._S005_002_1_emotion.txt"):
        write_text(tmp_path / junk, "junk")
    write_text(tmp_path / "Landmarks" / "S005" / "001" / "S005_001_00000001_landmarks.txt", "1 2")
    result = read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [(c.clip_id, c.apex, c.label, c.action_units) for c in result.clips] == [
        ("ck_plus/S005/001", 3, None, ""),
        ("ck_plus/S005/002", 4, None, ""),
    ]


def test_cropped_copy_with_as_many_frames_is_not_taken(tmp_path: Path) -> None:
    images(tmp_path, "S005", "001", range(1, 5), "ck_cropped")
    folder = images(tmp_path, "S005", "001", range(1, 5))
    result = read(tmp_path)
    assert [clip.source for clip in result.clips] == [folder]
    assert result.notices == [
        "sequences that are there several times (that with most frames is read, of equal ones "
        "one that is not cropped): 1",
        "sequences without an emotion (of use for pre-training): 1",
    ]


def test_missing_frames_and_unreadable_labels_are_reported(tmp_path: Path) -> None:
    folder = images(tmp_path, "S005", "001", range(2, 11))
    (folder / "S005_001_00000005.png").unlink()
    emotion(tmp_path, "S005", "001", 11, "7.0")
    images(tmp_path, "S005", "002", range(1, 4))
    emotion(tmp_path, "S005", "002", 3, "nine")
    facs(tmp_path, "S005", "002", 3, "1.0 2.0\nx 1.0\n4.0 9.0\n")
    images(tmp_path, "S005", "003", range(1, 4))
    emotion(tmp_path, "S005", "003", 3, "1")
    emotion(tmp_path, "S005", "003", 2, "2")
    result = read(tmp_path)
    assert [(c.clip_id, c.apex, c.label, c.action_units) for c in result.clips] == [
        ("ck_plus/S005/001", 7, "surprise", ""),
        ("ck_plus/S005/002", 2, None, "AU1B"),
        ("ck_plus/S005/003", 2, None, ""),
    ]
    assert mended(result.repairs) == [
        ("ck_plus/S005/001", "apex", "11", "10"),
        ("ck_plus/S005/001", "frames", "10", "8"),
        ("ck_plus/S005/002", "label", "nine", "none"),
        ("ck_plus/S005/002", "action_units", "x 1.0", "none"),
        ("ck_plus/S005/002", "action_units", "4.0 9.0", "none"),
        ("ck_plus/S005/003", "label", "anger and contempt", "none"),
    ]


def test_sequences_without_images_are_listed(tmp_path: Path) -> None:
    images(tmp_path, "S005", "001", range(1, 4))
    images(tmp_path, "S005", "002", range(0))
    images(tmp_path, "S005", "003", range(1, 2))
    emotion(tmp_path, "S006", "001", 3, "1")
    result = read(tmp_path)
    assert [clip.clip_id for clip in result.clips] == ["ck_plus/S005/001"]
    assert [(problem.clip_id, *said([problem])[0][1:]) for problem in result.problems] == [
        ("ck_plus/S005/002", "source", "0 frame(s), and a movement needs two"),
        ("ck_plus/S005/003", "source", "1 frame(s), and a movement needs two"),
        ("ck_plus/S006/001", "source", "a label, but no images"),
    ]


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="no folder of images like S005/001"):
            read(root)
