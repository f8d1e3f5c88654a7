"""DFEW: five folds of lists, several copies of a clip, no subjects."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.dfew import EMOTIONS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import mended, said, write_frames, write_text

read = ADAPTERS["dfew"].read


def lists(root: Path, train: str, test: str = "", fold: int = 1) -> None:
    splits = root / "EmoLabel_DataSplit"
    for name, lines in (("train", train), ("test", test)):
        write_text(
            splits / f"{name}(single-labeled)" / f"set_{fold}.csv", "video_name,label\n" + lines
        )


def frames(root: Path, *names: str, copy: str = "jpg_256") -> None:
    for name in names:
        write_frames(root / "Clip" / copy / name, "{:05d}.jpg", range(1, 4))


def test_frame_folders_get_the_labels_of_all_folds(tmp_path: Path) -> None:
    frames(tmp_path, *(f"{number:05d}" for number in range(1, 10)))
    lists(tmp_path, "".join(f"{number},{number}\n" for number in range(1, 5)), "5,5\n6,6\n")
    lists(tmp_path, "1,1\n5,5\n", "00007,7.0\n", fold=2)
    result = read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [(c.clip_id, c.label) for c in result.clips] == [
        *((f"dfew/{at:05d}", label) for at, label in enumerate(EMOTIONS, start=1)),
        # In no list: not of a single label, but of use for pre-training.
        ("dfew/00008", None),
        ("dfew/00009", None),
    ]
    assert {(c.dataset, c.subject, c.kind, c.fps, c.onset, c.apex) for c in result.clips} == {
        ("dfew", "", "frames", None, None, None)
    }


def test_released_videos_come_before_copies_of_them(tmp_path: Path) -> None:
    for name in ("00001.mp4", "00002.MP4", "._00001.mp4", "notes.mp4"):
        write_text(tmp_path / "Clip" / "original" / "part_1" / name, "")
    frames(tmp_path, "00001", "00003")
    frames(tmp_path, "00003", "00004", copy="clip_224x224")
    frames(tmp_path, "00004", "00005", copy="clip_224x224_16f")
    lists(tmp_path, "1,1\n")
    result = read(tmp_path)
    copies = [
        (c.source.relative_to(tmp_path).parts[1], c.source.name, c.kind) for c in result.clips
    ]
    assert copies == [
        ("original", "00001.mp4", "video"),
        ("original", "00002.MP4", "video"),
        ("jpg_256", "00003", "frames"),
        ("clip_224x224", "00004", "frames"),
        ("clip_224x224_16f", "00005", "frames"),
    ]
    uneven = "its makers dropped or interpolated frames, so gaps in seconds are not exact"
    assert result.notices == [
        "clips without a label (in no list, or the lists are at fault; of use for pre-training): 4",
        f"clips read from clip_224x224 ({uneven}): 1",
        f"clips read from clip_224x224_16f ({uneven}): 1",
    ]


def test_lists_that_err_are_reported_and_cost_no_clip(tmp_path: Path) -> None:
    frames(tmp_path, "00001", "00002", "00003", "00004")
    for empty in ("00005", "00006"):
        (tmp_path / "Clip" / "jpg_256" / empty).mkdir()
    lists(tmp_path, "1,1\n2,8\nabc,1\n3,happy\n\n16372,2\n", "4,4\n1,1\n")
    lists(tmp_path, "4,2\n16372,2\n5,1\n", fold=2)
    result = read(tmp_path)
    assert [(c.clip_id, c.label) for c in result.clips] == [
        ("dfew/00001", "happy"),
        ("dfew/00002", None),
        ("dfew/00003", None),
        ("dfew/00004", None),
    ]
    assert mended(result.repairs) == [
        ("dfew/00002", "label", "8", "none"),
        ("dfew/00003", "label", "happy", "none"),
        ("dfew/00004", "label", "angry and sad", "none"),
    ]
    train = "train(single-labeled)"
    assert said(result.problems) == [
        (4, "video_name", f"{train}/set_1.csv: 'abc' is no number of a clip"),
        (4, "name", f"{train}/set_2.csv names dfew/00005, but its folder holds no frame"),
        (7, "name", f"{train}/set_1.csv names dfew/16372, but there is no such clip"),
        (0, "filename", "jpg_256/00006 holds no frame, and is in no list"),
    ]


def test_lists_of_several_labels_and_other_columns_are_told_apart(tmp_path: Path) -> None:
    frames(tmp_path, "00001")
    splits = tmp_path / "emolabel_datasplit"
    write_text(splits / "train(multi-labeled)" / "set_1.csv", "1happy,2sad\n0,1\n")
    write_text(splits / "Train(single_labeled)" / "SET_1.CSV", "\ufeffid,label,video_name\n0,3,1\n")
    (clip,) = read(tmp_path).clips
    assert clip.label == "neutral"


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no set_1\.csv below a folder EmoLabel_DataSplit"):
        read(tmp_path / "nowhere")
    lists(tmp_path, "1,1\n")
    with pytest.raises(InputError, match=r"no clip like 00001\.mp4"):
        read(tmp_path)
    frames(tmp_path, "00001")
    write_text(tmp_path / "EmoLabel_DataSplit" / "test" / "set_3.csv", "1,2\n")
    with pytest.raises(InputError, match=r"set_3\.csv has no header video_name,label"):
        read(tmp_path)
