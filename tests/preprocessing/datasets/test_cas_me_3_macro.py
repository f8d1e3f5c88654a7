"""CAS(ME)^3 part A, macro-expressions: two tables, long videos or cut clips."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import mended, said, write_book, write_frames

HEADER = (
    *("Subject", "Filename", "Onset", "Apex", "Offset"),
    *("AU", "Expression type", "Objective class"),
)
BLINKS = [("Subject", "Filename", "Onset", "Offset"), ("spNO.1", "a", "5", "9")]
MACRO, MICRO = "Macro-expression", "Micro-expression"

read = ADAPTERS["cas_me_3_macro"].read


def all_expressions(root: Path, *rows: tuple[object, ...]) -> None:
    sheets = {"eye blink": BLINKS, "AU+Emotion": [HEADER, *rows]}
    write_book(root / "annotation" / "CAS(ME)3_part_A_v2.xlsx", sheets)


def emotions(root: Path, *rows: tuple[object, ...]) -> None:
    lines = [("sub", "seq", "onset", "apex", "offset", "emotion"), *rows]
    path = root / "annotation" / "cas(me)3_part_A_MaE_label_JpgIndex_v2_emotion.xlsx"
    write_book(path, {"Sheet1": lines})


def video(root: Path, subject: str, name: str, numbers: range) -> Path:
    folder = root / "part_A" / subject / name / "color"
    write_frames(folder, "{}.jpg", numbers)
    write_frames(folder.parent / "depth", "{}.png", range(500))
    return folder


def test_macro_rows_become_clips_and_depth_is_no_colour(tmp_path: Path) -> None:
    # Tables say spNO, this folder says spNo; the first frames of most videos are missing.
    folder = video(tmp_path, "spNo.1", "a", range(8, 400))
    all_expressions(
        tmp_path,
        ("spNO.1", "A", "355", "360", "370", "4+R12", MACRO, "I"),
        ("spNO.1", "a", "20", "30", "40", "4", MICRO, "I"),
        ("spNO.1", "a", 100, 110, 120, 12, MACRO, "II"),
    )
    result = read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [(c.clip_id, c.onset, c.apex, c.offset) for c in result.clips] == [
        ("cas_me_3_a/spNO.1/macro/a/355", 347, 352, 362),
        ("cas_me_3_a/spNO.1/macro/a/100", 92, 102, 112),
    ]
    assert {(c.subject, c.source, c.fps, c.label) for c in result.clips} == {
        ("cas_me_3_a/spNO.1", folder, 30.0, None)
    }
    assert [clip.action_units for clip in result.clips] == ["AU4+AUR12", "AU12"]
    assert result.notices == [
        "rows that are no macro-expression: 1",
        "clips without a label (in no table called CAS(ME)3_part_A_MaE_*): 2",
    ]


def test_emotions_of_the_second_table_are_joined(tmp_path: Path) -> None:
    video(tmp_path, "spNO.7", "b", range(1, 200))
    rows = [("spNO.7", "b", str(at), str(at + 5), str(at + 9)) for at in (10, 50)]
    all_expressions(tmp_path, *((*row, "4", MACRO, "I") for row in rows))
    emotions(tmp_path, (*rows[1], "Others"))
    result = read(tmp_path)
    assert [clip.label for clip in result.clips] == [None, "others"]
    assert result.notices == ["clips without a label (in no table called CAS(ME)3_part_A_MaE_*): 1"]


def test_people_and_clips_are_told_from_those_of_the_micro_expressions(tmp_path: Path) -> None:
    video(tmp_path, "spNO.7", "b", range(1, 200))
    key = ("spNO.7", "b", "10", "15", "20", "4")
    all_expressions(tmp_path, (*key, MACRO, "I"), (*key, MICRO, "I"))
    (macro,), (micro,) = read(tmp_path).clips, ADAPTERS["cas_me_3_a"].read(tmp_path).clips
    assert (macro.subject, macro.dataset) == (micro.subject, micro.dataset)
    assert macro.clip_id != micro.clip_id


def test_table_of_emotions_alone_will_do(tmp_path: Path) -> None:
    video(tmp_path, "spNO.7", "b", range(1, 200))
    emotions(tmp_path, ("spNO.7", "b", "10", "15", "20", "Happy"), ("total", "", "", "", "", ""))
    (clip,) = read(tmp_path).clips
    assert (clip.clip_id, clip.label) == ("cas_me_3_a/spNO.7/macro/b/10", "happy")


def test_cut_clip_is_found_by_its_onset(tmp_path: Path) -> None:
    folder = tmp_path / "Part_A_MaE_clip" / "frame" / "spNO.1_a_355"
    write_frames(folder, "{}.jpg", range(355, 371))
    write_frames(tmp_path / "Part_A_MaE_clip" / "depth" / "spNO.1_a_400", "{}.png", range(9))
    all_expressions(
        tmp_path,
        ("spNO.1", "a", "355", "360", "370", "4", MACRO, "I"),
        ("spNO.1", "a", "400", "402", "405", "4", MACRO, "I"),
    )
    result = read(tmp_path)
    assert [(clip.source, clip.onset) for clip in result.clips] == [(folder, 0)]
    assert said(result.problems) == [
        (
            3,
            "filename",
            "cas_me_3_a/spNO.1/macro/a/400: there is no folder of that subject and name",
        )
    ]


def test_impossible_and_missing_values_are_listed(tmp_path: Path) -> None:
    video(tmp_path, "spNO.149", "d", range(8, 400))
    all_expressions(
        tmp_path,
        ("spNO.149", "d", "112", "83", "158", "4", MACRO, "I"),
        ("spNO.149", "d", "1", "20", "30", "4", MACRO, "I"),
        ("spNO.149", "d", "50", "60", "0", "4", MACRO, "I"),
        ("spNO.149", "d", "90", "80", "70", "4", MACRO, "I"),
        ("spNO.149", "d", "50", "61", "70", "4", MACRO, "I"),
        ("spNO.149", "D", "50", "61", "71", "4", MACRO, "I"),
    )
    result = read(tmp_path)
    name = "cas_me_3_a/spNO.149/macro/d"
    assert mended(result.repairs) == [
        (f"{name}/112", "apex", "83", "135"),
        (f"{name}/1", "onset", "1", "8"),
    ]
    assert [clip.apex_source for clip in result.clips] == ["midpoint", "annotated", "annotated"]
    assert said(result.problems) == [
        (4, "onset", f"{name}/50: onset 50 is after offset 0"),
        (5, "onset", f"{name}/90: onset 90 is after offset 70"),
        (7, "filename", f"{name}/50: the table has this clip twice, with one onset"),
    ]


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        read(tmp_path / "nowhere")
    # The table of micro-expressions is another one.
    path = tmp_path / "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
    write_book(path, {"label": [HEADER]})
    with pytest.raises(InputError, match="no annotation table"):
        read(tmp_path)
    damaged = tmp_path / "cas(me)3_part_A_MaE_label_JpgIndex_v2_emotion.xlsx"
    damaged.write_bytes(b"no spreadsheet")
    with pytest.raises(InputError, match=r"cannot read .*MaE_label"):
        read(tmp_path)
