"""CAS(ME)^2: no headings, names by two further sheets, offsets of 0."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import (
    frames_row,
    write_book,
    write_frames,
    write_sheet,
    write_video,
)

read = ADAPTERS["cas_me_2"].read

MICRO, MACRO = "micro-expression", "macro-expression"
ROWS = [
    (1, "disgust1_1", 20, 27, 33, "4+7", "negative", MICRO, "disgust"),
    (1, "disgust1_2", 50, 60, 0, "6", "Positive", MICRO, "happyiness"),
    (1, "disgust1_3", 70, 80, 95, "12", "positive", MACRO, "happyiness"),
    (2, "anger1_1", 5, 0, 15, "4", "others", MICRO, "anger"),
]


def cas_me_2(root: Path, rows: list[tuple[object, ...]], sheet: str = "CASMEcode_final") -> Path:
    sheets = {
        sheet: rows,
        "naming rule1": [(15, "s15", 1), (16, "s16", 2)],
        "naming rule2": [("0101", "disgust1"), (401, "anger1")],
    }
    write_book(root / "CAS(ME)^2" / "CAS(ME)^2code_final.xlsx", sheets)
    return root


def long_videos(root: Path) -> Path:
    rawpic = root / "CAS(ME)^2" / "rawpic"
    write_frames(rawpic / "s15" / "15_0101disgustingteeth", "img{:03d}.jpg", range(1, 101))
    write_frames(rawpic / "s16" / "16_0401girlcrashing", "img{}.jpg", range(1, 41))
    write_frames(rawpic / "s16" / "16_0505funnyinnovations", "img{}.jpg", range(1, 41))
    return rawpic


@pytest.mark.parametrize("sheet", ["CASMEcode_final", "CASFEcode_final", "codes"])
def test_rows_become_clips(sheet: str, tmp_path: Path) -> None:
    rawpic = long_videos(tmp_path)
    result = read(cas_me_2(tmp_path, ROWS, sheet))
    assert result.problems == []
    assert [frames_row(clip) for clip in result.clips] == [
        ("cas_me_2/s15/disgust1_1/20", 19, 26, 32, "negative"),
        ("cas_me_2/s15/disgust1_2/50", 49, 59, 69, "positive"),
        ("cas_me_2/s16/anger1_1/5", 4, 9, 14, "others"),
    ]
    assert [c.source for c in result.clips] == [
        rawpic / "s15" / "15_0101disgustingteeth",
        rawpic / "s15" / "15_0101disgustingteeth",
        rawpic / "s16" / "16_0401girlcrashing",
    ]
    first = result.clips[0]
    assert (first.subject, first.fps, first.action_units) == ("cas_me_2/s15", 30.0, "AU4+AU7")
    assert [(r.row, r.column, r.old, r.new) for r in result.repairs] == [
        (2, "offset", "0", "70"),
        (4, "apex", "0", "10"),
    ]
    assert result.notices == [
        "videos without an expression in the table: 1",
        "rows that are no micro-expression: 1",
    ]


def test_table_without_its_names_of_videos_is_one_clear_error(tmp_path: Path) -> None:
    long_videos(tmp_path)
    sheets = {"CASMEcode_final": ROWS, "naming rule1": [(15, "s15", 1), (16, "s16", 2)]}
    write_book(tmp_path / "CAS(ME)^2" / "CAS(ME)^2code_final.xlsx", sheets)
    with pytest.raises(InputError, match="its sheet 'naming rule2'"):
        read(tmp_path)


def test_offset_of_zero_stays_a_problem_when_repairs_are_off(tmp_path: Path) -> None:
    long_videos(tmp_path)
    result = read(cas_me_2(tmp_path, ROWS), repairs=False)
    assert [(p.row, p.clip_id) for p in result.problems] == [(2, "cas_me_2/s15/disgust1_2/50")]
    assert "onset 50 is after offset 0" in result.problems[0].reason


@pytest.mark.parametrize("first", [20, 1], ids=["numbers kept", "numbered anew"])
def test_selected_pictures_are_read_however_numbered(first: int, tmp_path: Path) -> None:
    folder = tmp_path / "selectedpic" / "s15" / "disgust1_1"
    write_frames(folder, "img{:04d}.jpg", range(first, first + 14))
    result = read(cas_me_2(tmp_path, ROWS[:1]))
    assert [frames_row(clip)[1:4] for clip in result.clips] == [(0, 7, 13)]
    told = any("numbered anew" in notice for notice in result.notices)
    assert told == (first == 1)


def test_videos_are_read_where_there_are_no_pictures(tmp_path: Path) -> None:
    long_videos(tmp_path)
    root = tmp_path / "CAS(ME)^2"
    write_video(root / "rawvideo" / "s15" / "15_0101disgustingteeth.avi", 40)
    write_video(root / "rawvideo" / "s16" / "16_0102eatingworms.avi", 40)
    sheets: dict[str, list[tuple[object, ...]]] = {
        "CASMEcode_final": [*ROWS[:1], (2, "disgust2_1", 5, 9, 15, "4", "negative", MICRO, "")],
        "naming rule1": [(15, "s15", 1), (16, "s16", 2)],
        "naming rule2": [("0101", "disgust1"), ("0102", "disgust2")],
    }
    write_book(root / "CAS(ME)^2code_final(Updated).xlsx", sheets)
    clips = read(tmp_path).clips
    assert [(clip.kind, clip.onset, clip.apex, clip.offset) for clip in clips] == [
        ("frames", 19, 26, 32),
        ("video", 4, 8, 14),
    ]


def test_subject_that_the_names_lack_is_a_problem(tmp_path: Path) -> None:
    long_videos(tmp_path)
    unknown = (23, "anger1_1", 5, 9, 15, "4", "others", MICRO, "anger")
    result = read(cas_me_2(tmp_path, [*ROWS, unknown]))
    assert [str(problem) for problem in result.problems] == [
        "row 5, column 'subject': '23' names no subject"
    ]


def test_table_without_its_sheets_of_names_is_refused(tmp_path: Path) -> None:
    write_sheet(tmp_path / "code_final.xlsx", ROWS)
    with pytest.raises(InputError, match="three sheets"):
        read(tmp_path)
