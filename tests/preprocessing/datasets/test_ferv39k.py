"""FERV39k: lists without a header, parted by spaces, and folders SCENE/EMOTION/CLIP."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import mended, said, write_frames, write_text

read = ADAPTERS["ferv39k"].read


def lists(root: Path, train: str, test: str = "") -> None:
    setups = root / "4_setups" / "All_scenes"
    write_text(setups / "train_All.csv", train)
    write_text(setups / "test_All.csv", test)


def frames(root: Path, *names: str, numbers: range = range(3)) -> None:
    for name in names:
        write_frames(root / "2_ClipsforFaceCrop" / name, "{}.jpg", numbers)


def test_folders_get_the_labels_of_the_lists(tmp_path: Path) -> None:
    frames(tmp_path, "Action/Happy/0267", "DailyLife/Fear/0001", "DailyLife/Fear/0002")
    lists(tmp_path, "Action/Happy/0267 Happy\n", "dailylife\\fear\\0001 Fear\r\n")
    # Another release of a clip, and one setup of a single scene.
    write_frames(tmp_path / "3_ClipsforScenImages" / "Action/Happy/0267", "{}.jpg", range(9))
    write_text(tmp_path / "4_setups" / "22_scenes" / "train_Action.csv", "Action/Happy/1 Sad\n")
    result = read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [(c.clip_id, c.label) for c in result.clips] == [
        ("ferv39k/Action/Happy/0267", "happy"),
        ("ferv39k/DailyLife/Fear/0001", "fear"),
        # In no list: kept without a label.
        ("ferv39k/DailyLife/Fear/0002", None),
    ]
    first = result.clips[0]
    assert first.source == tmp_path / "2_ClipsforFaceCrop" / "Action" / "Happy" / "0267"
    assert (first.subject, first.kind, first.onset, first.fps) == ("", "frames", None, None)


def test_lists_that_err_are_reported_and_cost_no_clip(tmp_path: Path) -> None:
    frames(tmp_path, "Action/Happy/0001", "Action/Sad/0002", "Action/Fear/0003", "Crime/still")
    frames(tmp_path, "Action/Happy/0011", "Action/Sad/0009", numbers=range(0))
    lists(
        tmp_path,
        "Action/Happy/0001 Happy\nAction/Sad/0002 Angry\n\nAction/Fear/0003 Fear\n"
        "Action/Sad/0009 Sad\nAction/Sad/0010\nAction/Happy/0001 Joy\n",
        "Action/Fear/0003 Surprise\n",
    )
    result = read(tmp_path)
    assert [(c.clip_id, c.label) for c in result.clips] == [
        ("ferv39k/Action/Fear/0003", None),
        ("ferv39k/Action/Happy/0001", "happy"),
        ("ferv39k/Action/Sad/0002", "angry"),
    ]
    assert mended(result.repairs) == [
        ("ferv39k/Action/Fear/0003", "label", "fear and surprise", "none"),
        ("ferv39k/Action/Happy/0001", "label", "Joy", "happy"),
        ("ferv39k/Action/Sad/0002", "label", "sad", "angry"),
    ]
    where = "All_scenes/train_All.csv"
    assert said(result.problems) == [
        (
            6,
            "label",
            f"{where}: 'Action/Sad/0010' is not a name, a space and a label",
        ),
        (5, "name", f"{where} names ferv39k/Action/Sad/0009, but its folder holds no frame"),
        (0, "filename", "Happy/0011 holds no frame, and is in no list"),
        (0, "filename", "a folder of images that is not SCENE/EMOTION/CLIP"),
    ]
    assert [problem.clip_id for problem in result.problems[-2:]] == [
        "ferv39k/Action/Happy/0011",
        "ferv39k/2_ClipsforFaceCrop/Crime/still",
    ]


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no train_All\.csv or test_All\.csv"):
        read(tmp_path / "nowhere")
    lists(tmp_path, "Action/Happy/0267 Happy\n")
    with pytest.raises(InputError, match="no folder of images like Action/Happy/0267"):
        read(tmp_path)
