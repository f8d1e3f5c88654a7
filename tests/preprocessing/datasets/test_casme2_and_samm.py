"""CASME II and SAMM: one table, one folder of frames a clip, and their quirks."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.annotated_folders import action_units
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import write_frames, write_sheet, write_video

# As published: with columns that have no heading.
CASME2_HEADER = (
    *("Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None),
    *("Action Units", "Estimated Emotion"),
)
SAMM_HEADER = (
    *("Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame"),
    *("Duration", "Micro", "Action Units", "Estimated Emotion", "Objective Classes", "Notes"),
)


def casme2(root: Path, *rows: tuple[object, ...]) -> Path:
    lines = [(row[0], row[1], None, *row[2:5], None, *row[5:]) for row in rows]
    write_sheet(root / "CASME2-coding-20190701.xlsx", [CASME2_HEADER, *lines])
    return root


def test_row_of_casme2_becomes_a_clip(tmp_path: Path) -> None:
    folder = tmp_path / "Cropped" / "sub01" / "EP02_01f"
    write_frames(folder, "reg_img{}.jpg", range(46, 87))
    casme2(tmp_path, (1, "EP02_01f", 46, 59, 86, "4+L10", "Happiness"))
    result = ADAPTERS["casme2"].read(tmp_path)
    (clip,) = result.clips
    assert (result.problems, result.repairs) == ([], [])
    assert (clip.clip_id, clip.subject, clip.source) == (
        "casme2/sub01/EP02_01f",
        "casme2/sub01",
        folder,
    )
    # Frame 46 is the first file of a clip cut at its onset.
    assert (clip.onset, clip.apex, clip.offset, clip.apex_source) == (0, 13, 40, "annotated")
    assert (clip.fps, clip.label, clip.action_units) == (200.0, "happiness", "AU4+AUL10")


@pytest.mark.parametrize("subject", [7, "07", "7", "sub07", 7.0, " 07 "])
def test_subject_may_be_a_number_or_text(subject: object, tmp_path: Path) -> None:
    write_frames(tmp_path / "CASME2-RAW" / "sub07" / "EP06_02_01", "img{}.jpg", range(1, 100))
    casme2(tmp_path, (subject, "EP06_02_01", 10, 20, 30, 12, "others"))
    (clip,) = ADAPTERS["casme2"].read(tmp_path).clips
    assert (clip.subject, clip.onset, clip.action_units) == ("casme2/sub07", 9, "AU12")


def test_frames_are_in_the_order_of_their_numbers_however_padded(tmp_path: Path) -> None:
    write_frames(tmp_path / "sub01" / "a", "img{}.jpg", [2, 10, 1, 9, 100])
    casme2(tmp_path, (1, "a", 2, 9, 100, "", "fear"))
    (clip,) = ADAPTERS["casme2"].read(tmp_path).clips
    assert (clip.onset, clip.apex, clip.offset) == (1, 2, 4)


@pytest.mark.parametrize("apex", ["/", "", None, 0, 5, 400, "x"])
def test_apex_that_cannot_be_is_the_middle_and_says_so(apex: object, tmp_path: Path) -> None:
    write_frames(tmp_path / "sub01" / "a", "img{}.jpg", range(1, 60))
    casme2(tmp_path, (1, "a", 10, apex, 31, "", "fear"))
    result = ADAPTERS["casme2"].read(tmp_path)
    assert (result.clips[0].apex, result.clips[0].apex_source) == (19, "midpoint")
    (repair,) = result.repairs
    assert (repair.row, repair.clip_id, repair.column) == (2, "casme2/sub01/a", "apex")
    assert (repair.old, repair.new) == ("" if apex is None else str(apex), "20")
    assert "the middle" in repair.reason


def test_missing_frames_are_counted_and_the_nearest_taken(tmp_path: Path) -> None:
    write_frames(tmp_path / "sub16" / "EP01_08", "img{}.jpg", [1, 2, 3, 6, 7, 8])
    casme2(tmp_path, (16, "EP01_08", 1, 5, 10, "", "fear"))
    result = ADAPTERS["casme2"].read(tmp_path)
    (clip,) = result.clips
    assert (clip.onset, clip.apex, clip.offset) == (0, 3, 5)
    assert [(r.column, r.old, r.new) for r in result.repairs] == [
        ("apex", "5", "6"),
        ("offset", "10", "8"),
        ("frames", "8", "6"),
    ]


def test_clip_that_is_there_twice_is_the_longer_one(tmp_path: Path) -> None:
    write_frames(tmp_path / "Cropped" / "sub01" / "a", "reg_img{}.jpg", range(5, 9))
    write_frames(tmp_path / "CASME2-RAW" / "sub01" / "a", "img{}.jpg", range(1, 20))
    casme2(tmp_path, (1, "a", 5, 6, 8, "", "fear"))
    (clip,) = ADAPTERS["casme2"].read(tmp_path).clips
    assert clip.source.parts[-3] == "CASME2-RAW"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((1, "b", 1, 2, 3, "", "fear"), "there is no folder of that subject and name"),
        ((2, "a", 1, 2, 3, "", "fear"), "there is no folder of that subject and name"),
        ((1, "a", 9, 2, 3, "", "fear"), "onset 9 is after offset 3"),
        ((1, "a", "", 2, 3, "", "fear"), "is missing"),
        ((1, "a", "1.5", 2, 3, "", "fear"), "whole frame number"),
        ((1, "a", 70, 80, 90, "", "fear"), "no frame from 70 to 90 (its frames: 1 to 20)"),
    ],
)
def test_row_that_cannot_be_a_clip_is_listed_and_stops_no_other(
    row: tuple[object, ...], reason: str, tmp_path: Path
) -> None:
    for name in ("a", "good"):
        write_frames(tmp_path / "sub01" / name, "img{}.jpg", range(1, 21))
    casme2(tmp_path, row, (1, "good", 1, 2, 3, "", "fear"))
    result = ADAPTERS["casme2"].read(tmp_path)
    assert [clip.clip_id for clip in result.clips] == ["casme2/sub01/good"]
    (problem,) = [problem for problem in result.problems if problem.row == 2]
    assert reason in problem.reason
    assert f"casme2/sub0{row[0]}/{row[1]}" in problem.reason


def test_folder_without_a_row_and_empty_folder_are_listed(tmp_path: Path) -> None:
    write_frames(tmp_path / "sub09" / "EP02_02f", "img{}.jpg", range(1, 5))
    write_frames(tmp_path / "sub01" / "a", "img{}.jpg", [])
    (tmp_path / "sub01" / "Thumbs.db").touch()
    (tmp_path / "sub01" / "Desktop - Shortcut.lnk").touch()
    casme2(tmp_path, (1, "a", 1, 2, 3, "", "fear"))
    result = ADAPTERS["casme2"].read(tmp_path)
    assert result.clips == []
    assert [str(problem) for problem in result.problems] == [
        "row 2, column 'onset': casme2/sub01/a: the folder has no frame from 1 to 3 "
        "(its frames: none)",
        "casme2/sub09/EP02_02f: the table has no row for this folder",
    ]


def test_notes_around_the_table_of_samm_are_skipped(tmp_path: Path) -> None:
    write_frames(tmp_path / "SAMM" / "006" / "006_1_2", "006_{:05d}.jpg", range(5562, 5633))
    write_frames(tmp_path / "SAMM" / "013" / "013_1_8", "013_{}.jpg", range(983, 1021))
    notes = [("SAMM micro-movements",), (), *[("a note",)] * 11]
    rows = [
        ("006", "006_1_2", 1, 5562, 5588, 5632, 71, "Micro - 1/2", "7B+A7", "Anger", 2, "ref"),
        (13, "013_1_8", 1, 983, 990, 1020, 38, "Micro - 1/2", 12, "Others", 7, None),
        ("Total", "2 clips"),
    ]
    write_sheet(tmp_path / "SAMM_Micro_FACS_Codes_v2.xlsx", [*notes, SAMM_HEADER, *rows])
    result = ADAPTERS["samm"].read(tmp_path)
    assert result.problems == []
    assert [(c.clip_id, c.subject, c.onset, c.apex, c.offset, c.label) for c in result.clips] == [
        ("samm/006/006_1_2", "samm/006", 0, 26, 70, "anger"),
        ("samm/013/013_1_8", "samm/013", 0, 7, 37, "other"),
    ]


def test_videos_are_read_where_there_are_no_pictures(tmp_path: Path) -> None:
    videos = tmp_path / "CASME2_compressed"
    write_video(videos / "sub01" / "a.avi", 60)
    write_video(videos / "sub01" / "b.avi", 60)
    (videos / "sub01" / "c.avi").write_bytes(b"no video")
    write_frames(tmp_path / "Cropped" / "sub01" / "b", "reg_img{}.jpg", range(10, 31))
    rows = [(1, name, 10, 20, 30, "", "fear") for name in "abc"]
    result = ADAPTERS["casme2"].read(casme2(tmp_path, *rows))
    assert [(c.source.name, c.kind, c.onset, c.apex, c.offset) for c in result.clips] == [
        ("a.avi", "video", 9, 19, 29),
        ("b", "frames", 0, 10, 20),
    ]
    (problem,) = result.problems
    assert problem.clip_id == "casme2/sub01/c"
    assert "no frame from 10 to 30" in problem.reason


def test_row_with_frame_numbers_is_no_note_even_without_subject(tmp_path: Path) -> None:
    write_frames(tmp_path / "sub01" / "a", "img{}.jpg", range(1, 60))
    rows = [("O1", "a", 1, 2, 3, "", "fear"), (1, None, 1, 2, 3, "", "fear")]
    casme2(tmp_path, *rows, ("Total", None, None, None, None, "", 2))
    result = ADAPTERS["casme2"].read(tmp_path)
    assert [(p.row, p.column, p.reason) for p in result.problems[:2]] == [
        (2, "subject", "'O1' names no subject"),
        (3, "filename", "'' names no clip"),
    ]
    assert result.notices == ["rows that are notes (no subject or clip, no frame numbers): 1"]


def test_table_is_found_by_the_newest_name(tmp_path: Path) -> None:
    write_frames(tmp_path / "sub01" / "a", "img{}.jpg", range(1, 9))
    casme2(tmp_path, (1, "a", 2, 3, 4, "", "fear"))
    old = [CASME2_HEADER, (1, "a", None, 5, 6, 7, None, "", "disgust")]
    write_sheet(tmp_path / "CASME2-ObjectiveClasses.xlsx", old)
    assert ADAPTERS["casme2"].read(tmp_path).clips[0].label == "fear"


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    read = ADAPTERS["casme2"].read
    with pytest.raises(InputError, match="is not a folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"no annotation table .* CASME2-coding-"):
        read(tmp_path)
    (tmp_path / "CASME2-coding-20190701.xlsx").write_bytes(b"no spreadsheet")
    with pytest.raises(InputError, match=r"cannot read .*CASME2-coding-20190701"):
        read(tmp_path)
    write_sheet(tmp_path / "CASME2-coding-20190701.xlsx", [("Name", "Age"), ("a", 3)])
    with pytest.raises(InputError, match="no row of headings with Subject, Filename, OnsetFrame"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("4+7+L10", "AU4+AU7+AUL10"),
        ("12", "AU12"),
        ("R1+R2", "AUR1+AUR2"),
        ("7B, 12A", "AU7B+AU12A"),
        ("12L", "AUL12"),
        ("4R+7", "AUR4+AU7"),
        ("12L 14", "AUL12+AU14"),
        ("12 L14", "AU12+AUL14"),
        ("1，2", "AU1+AU2"),
        ("T28+14", "AUT28+AU14"),
        ("ref(43)", "AU43"),
        ("10A/B", "AU10A"),
        ("R12 or R15", "AUR12+AUR15"),
        ("/", ""),
        ("", ""),
    ],
)
def test_action_units_are_written_alike(text: str, codes: str) -> None:
    assert action_units(text) == codes
