"""CAS(ME)^3 part A: several expressions a video, case of names, depth beside colour, errata."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from tests.preprocessing.datasets.fake_datasets import frames_row, write_book, write_frames

read = ADAPTERS["cas_me_3_a"].read

HEADER = ("Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion")


def label_table(root: Path, *rows: tuple[object, ...]) -> Path:
    sheets = {"Sheet1": [("nothing",)], "label": [HEADER, *rows], "Sheet3": [(1, 2)]}
    write_book(root / "annotation" / "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx", sheets)
    return root


def video(root: Path, subject: str, letter: str, numbers: range) -> Path:
    folder = root / "part_A" / subject / letter
    write_frames(folder / "color", "{}.jpg", numbers)
    write_frames(folder / "depth", "{}.png", numbers)
    return folder / "color"


def test_rows_become_clips(tmp_path: Path) -> None:
    folder = video(tmp_path, "spNo.1", "a", range(8, 500))
    video(tmp_path, "spNO.3", "J", range(1, 60))
    video(tmp_path, "spNO.3", "k", range(1, 60))
    label_table(
        tmp_path,
        ("spNO.1", "a", "355", "361", "373", "16+24", "VII", "disgust"),
        ("spNO.1", "a", "400", "405", "410", "R4", "III", "Others"),
        ("spNO.3", "J", "20", "25", "30", "T28+14", "VII", "happy"),
    )
    result = read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [frames_row(clip) for clip in result.clips] == [
        ("cas_me_3_a/spNO.1/a/355", 347, 353, 365, "disgust"),
        ("cas_me_3_a/spNO.1/a/400", 392, 397, 402, "others"),
        ("cas_me_3_a/spNO.3/j/20", 19, 24, 29, "happy"),
    ]
    assert result.clips[0].source == folder
    assert [(c.subject, c.action_units, c.fps) for c in result.clips] == [
        ("cas_me_3_a/spNO.1", "AU16+AU24", 30.0),
        ("cas_me_3_a/spNO.1", "AUR4", 30.0),
        ("cas_me_3_a/spNO.3", "AUT28+AU14", 30.0),
    ]
    assert result.notices == ["videos without an expression in the table: 1"]


def test_missing_frames_are_counted(tmp_path: Path) -> None:
    video(tmp_path, "spNO.1", "a", range(12, 60, 2))
    label_table(tmp_path, ("spNO.1", "a", "10", "15", "20", "4", "III", "disgust"))
    result = read(tmp_path)
    assert frames_row(result.clips[0])[1:4] == (0, 1, 4)
    assert [(r.column, r.old, r.new) for r in result.repairs] == [
        ("onset", "10", "12"),
        ("apex", "15", "14"),
        ("frames", "9", "5"),
    ]


@pytest.mark.parametrize("first", [355, 1], ids=["numbers kept", "numbered anew"])
def test_cut_clips_are_read_however_numbered(first: int, tmp_path: Path) -> None:
    clips = tmp_path / "Part_A_ME_clip"
    for kind in ("frame", "depth"):
        write_frames(clips / kind / "spNO.1_a_355", "{}.jpg", range(first, first + 19))
        write_frames(clips / kind / "spNO.1_a_400", "{}.jpg", range(400, 411))
    label_table(
        tmp_path,
        ("spNO.1", "a", "355", "361", "373", "16+24", "VII", "disgust"),
        ("spNO.1", "a", "400", "405", "410", "R4", "III", "others"),
    )
    result = read(tmp_path)
    assert [frames_row(clip)[1:4] for clip in result.clips] == [(0, 6, 18), (0, 5, 10)]
    assert [c.source.parts[-2:] for c in result.clips] == [
        ("frame", "spNO.1_a_355"),
        ("frame", "spNO.1_a_400"),
    ]
    assert any("numbered anew" in notice for notice in result.notices) == (first == 1)


def test_long_videos_go_before_cut_clips(tmp_path: Path) -> None:
    folder = video(tmp_path, "spNO.1", "a", range(1, 500))
    write_frames(tmp_path / "Part_A_ME_clip" / "frame" / "spNO.1_a_355", "{}.jpg", [355, 361, 373])
    label_table(tmp_path, ("spNO.1", "a", "355", "361", "373", "16", "VII", "disgust"))
    (clip,) = read(tmp_path).clips
    assert clip.source == folder


def test_known_errors_are_mended_by_subject_video_and_onset(tmp_path: Path) -> None:
    rows = [
        ("spNO.149", "d", "112", "83", "358", "T28+14", "VII", "fear"),
        ("spNO.216", "d", "3647", "2668", "2694", "4", "III", "others"),
        ("spNO.40", "e", "1812", "1824", "0", "4", "III", "others"),
        ("spNO.40", "e", "2327", "2363", "0", "4", "III", "others"),
    ]
    for subject, letter in [("spNO.149", "d"), ("spNO.216", "d"), ("spNO.40", "e")]:
        video(tmp_path, subject, letter, range(1, 4000))
    label_table(tmp_path, *rows)
    result = read(tmp_path)
    assert [frames_row(clip)[:4] for clip in result.clips] == [
        ("cas_me_3_a/spNO.149/d/112", 111, 166, 357),
        ("cas_me_3_a/spNO.216/d/3647", 2646, 2667, 2693),
        ("cas_me_3_a/spNO.40/e/1812", 1811, 1823, 1844),
        ("cas_me_3_a/spNO.40/e/2327", 2326, 2362, 2402),
    ]
    assert [(r.column, r.old, r.new) for r in result.repairs] == [
        ("apex", "83", "167"),
        ("onset", "3647", "2647"),
        ("offset", "0", "1845"),
        ("offset", "0", "2403"),
    ]
    assert result.clips[0].apex_source == "repaired"
    raw = read(tmp_path, repairs=False)
    assert [clip.clip_id for clip in raw.clips] == ["cas_me_3_a/spNO.149/d/112"]
    assert raw.clips[0].apex_source == "midpoint"
    assert len(raw.problems) == 3


def test_table_of_all_expressions_gives_clips_without_labels(tmp_path: Path) -> None:
    video(tmp_path, "spNO.1", "a", range(1, 100))
    header = (*HEADER[:6], "Expression type", "Objective class")
    rows = [
        ("spNO.1", "a", "5", "9", "15", "4", "Micro-expression", "III"),
        ("spNO.1", "a", "25", "39", "55", "4", "Macro-expression", "III"),
    ]
    sheets = {"AU+Emotion": [header, *rows], "eye blink": [HEADER[:5]]}
    write_book(tmp_path / "CAS(ME)3_part_A_v2.xlsx", sheets)
    result = read(tmp_path)
    assert [frames_row(clip) for clip in result.clips] == [
        ("cas_me_3_a/spNO.1/a/5", 4, 8, 14, None)
    ]
    assert result.notices == [
        "rows that are no micro-expression: 1",
        "CAS(ME)3_part_A_v2.xlsx has no emotions, so the clips have no label",
    ]
