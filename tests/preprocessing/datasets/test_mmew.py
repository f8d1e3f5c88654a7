"""MMEW: two trees, two names of a class, frame numbers of the trimmed clip."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from tests.preprocessing.datasets.fake_datasets import frames_row, write_frames, write_sheet

HEADER = (
    *("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame"),
    *("Action Units", "Estimated Emotion", "remarks"),
)


def mmew(root: Path, *rows: tuple[object, ...]) -> Path:
    write_sheet(root / "MMEW_Micro_Exp (20).xlsx", [HEADER, *rows])
    return root


@pytest.mark.parametrize(
    "tree",
    [
        "MMEW_Final/Micro_Expression/{emotion}/{clip}",
        "MMEW/{subject}/{emotion}/{clip}",
        "cropped/{subject}/{clip}",
    ],
)
def test_both_trees_are_read(tree: str, tmp_path: Path) -> None:
    clips = [("S03", "happiness", "S03-01-002", 40), ("S05", "others", "S05-04-001", 30)]
    for subject, emotion, clip, frames in clips:
        folder = tmp_path / tree.format(subject=subject, emotion=emotion, clip=clip)
        write_frames(folder, "{}.jpg", range(1, frames + 1))
    macro = tmp_path / "MMEW_Final" / "Macro_Expression" / "S03" / "happiness"
    write_frames(macro, "S03-01-{:03d}.jpg", [1, 2])
    mmew(
        tmp_path,
        (3, "S03-01-002", 1, 15, 40, "6+12L", "happiness", None),
        ("05", "S05-04-001", 2, 9, 30, 4, "others", "a remark"),
    )
    result = ADAPTERS["mmew"].read(tmp_path)
    assert (result.problems, result.repairs, result.notices) == ([], [], [])
    assert [frames_row(clip) for clip in result.clips] == [
        ("mmew/S03/S03-01-002", 0, 14, 39, "happiness"),
        ("mmew/S05/S05-04-001", 1, 8, 29, "others"),
    ]
    first = result.clips[0]
    assert (first.subject, first.fps, first.action_units) == ("mmew/S03", 90.0, "AU6+AUL12")


def test_numbers_of_the_long_video_are_understood_and_told(tmp_path: Path) -> None:
    write_frames(tmp_path / "disgust" / "S01-03-001", "{}.jpg", range(1, 22))
    mmew(tmp_path, (1, "S01-03-001", 70, 75, 90, "4", "disgust", None))
    result = ADAPTERS["mmew"].read(tmp_path)
    assert frames_row(result.clips[0])[1:4] == (0, 5, 20)
    assert result.notices == [
        "clips from folders cut from onset to offset, with files numbered anew: 1"
    ]


def test_both_names_of_a_class_are_one(tmp_path: Path) -> None:
    write_frames(tmp_path / "repression" / "S01-04-001", "{}.jpg", range(1, 9))
    write_frames(tmp_path / "others" / "S01-04-002", "{}.jpg", range(1, 9))
    write_frames(tmp_path / "anger" / "S01-04-003", "{}.jpg", range(1, 9))
    mmew(
        tmp_path,
        (1, "S01-04-001", 1, 3, 8, "", "others", None),
        (1, "S01-04-002", 1, 3, 8, "", "Repression", None),
        (2, "S01-04-003", 1, 3, 8, "", "others", None),
    )
    result = ADAPTERS["mmew"].read(tmp_path)
    assert {clip.label for clip in result.clips} == {"others"}
    assert {clip.subject for clip in result.clips} == {"mmew/S01"}
    assert result.notices == [
        "row 4: subject S02, but clip S01-04-003; the name counts",
        "rows with the class spelt repression or other, which is written others: 1",
        "mmew/S01/S01-04-003: the table says others, the folder anger; the table counts",
    ]


def test_faulty_rows_are_listed(tmp_path: Path) -> None:
    write_frames(tmp_path / "fear" / "S01-05-001", "{}.jpg", range(1, 41))
    write_frames(tmp_path / "fear" / "S02-05-001", "{}.jpg", range(1, 41))
    mmew(
        tmp_path,
        (1, "S01-05-001", 1, 60, 75, "", "fear", None),
        (1, "S01 05 002", 1, 6, 7, "", "fear", None),
    )
    result = ADAPTERS["mmew"].read(tmp_path)
    assert frames_row(result.clips[0])[1:4] == (0, 39, 39)
    assert [(r.column, r.old, r.new) for r in result.repairs] == [
        ("apex", "60", "40"),
        ("offset", "75", "40"),
    ]
    assert [str(problem) for problem in result.problems] == [
        "row 3, column 'subject': 'S01 05 002' names no subject",
        "mmew/S02/S02-05-001: the table has no row for this folder",
    ]
