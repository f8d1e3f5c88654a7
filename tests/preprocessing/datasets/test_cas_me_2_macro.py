"""CAS(ME)^2, macro-expressions: a sheet without headings, and rules that name the folders."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import mended, said, write_book, write_frames

RULE1 = [(15, "s15", 1), (16, "s16", 2)]
# The first code as text, the second as a number that has lost its zero.
RULE2 = [("0101", "disgust1"), (401, "anger1")]
MACRO, MICRO = "macro-expression", "micro-expression"

read = ADAPTERS["cas_me_2_macro"].read


def table(root: Path, *rows: tuple[object, ...], name: str = "CAS(ME)^2code_final.xlsx") -> None:
    sheets = {"CASFEcode_final": rows, "naming rule1": RULE1, "naming rule2": RULE2}
    write_book(root / name, sheets)


def video(root: Path, subject: str, name: str, last: int = 100) -> Path:
    folder = root / "rawpic" / subject / name
    write_frames(folder, "img{:03d}.jpg", range(1, last + 1))
    return folder


def test_rows_become_clips_of_the_long_videos(tmp_path: Path) -> None:
    anger = video(tmp_path, "s15", "15_0401girlcrashing")
    disgust = video(tmp_path, "s16", "16_0101disgustingteeth", 1200)
    table(
        tmp_path,
        (1, "anger1_1", 10, 20, 40, "4+L10", "Negative", MACRO, "anger"),
        (1, "anger1_2", 50, 55, 60, "12", "positive", MICRO, "happyiness"),
        (2.0, "disgust1_1", 1100, 1110, 1130, 9, "others", "Macro-expression ", "disgust"),
    )
    result = read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [(c.clip_id, c.subject, c.source, c.label) for c in result.clips] == [
        ("cas_me_2/s15/macro/anger1_1/10", "cas_me_2/s15", anger, "negative"),
        ("cas_me_2/s16/macro/disgust1_1/1100", "cas_me_2/s16", disgust, "others"),
    ]
    # Frame numbers start at 1, and img1100.jpg is behind img999.jpg.
    assert [(c.onset, c.apex, c.offset, c.fps, c.action_units) for c in result.clips] == [
        (9, 19, 39, 30.0, "AU4+AUL10"),
        (1099, 1109, 1129, 30.0, "AU9"),
    ]
    assert {clip.dataset for clip in result.clips} == {"cas_me_2"}


def test_offset_of_zero_is_estimated_from_the_apex(tmp_path: Path) -> None:
    video(tmp_path, "s15", "15_0401girlcrashing")
    table(
        tmp_path,
        (1, "anger1_1", 10, 20, 0, "", "negative", MACRO, ""),
        (1, "anger1_2", 80, 95, None, "", "negative", MACRO, ""),
        (1, "anger1_3", 80, 0, 0, "", "negative", MACRO, ""),
        (1, "anger1_4", 30, 0, 41, "", "negative", MACRO, ""),
    )
    result = read(tmp_path)
    assert [(c.onset, c.apex, c.offset, c.apex_source) for c in result.clips] == [
        (9, 19, 29, "annotated"),
        (79, 94, 99, "annotated"),
        (29, 34, 40, "midpoint"),
    ]
    assert mended(result.repairs) == [
        ("cas_me_2/s15/macro/anger1_1/10", "offset", "0", "30"),
        ("cas_me_2/s15/macro/anger1_2/80", "offset", "", "110"),
        # The video ends at 100.
        ("cas_me_2/s15/macro/anger1_2/80", "offset", "110", "100"),
        ("cas_me_2/s15/macro/anger1_4/30", "apex", "0", "35"),
    ]
    assert said(result.problems) == [
        (3, "onset", "cas_me_2/s15/macro/anger1_3/80: onset 80 is after offset 0")
    ]


def test_offset_of_zero_is_a_problem_where_repairs_are_off(tmp_path: Path) -> None:
    video(tmp_path, "s15", "15_0401girlcrashing")
    table(tmp_path, (1, "anger1_1", 10, 20, 0, "", "negative", MACRO, ""))
    result = read(tmp_path, repairs=False)
    assert (result.clips, result.repairs) == ([], [])
    assert said(result.problems) == [
        (1, "onset", "cas_me_2/s15/macro/anger1_1/10: onset 10 is after offset 0")
    ]


def test_rows_that_cannot_be_clips_are_listed(tmp_path: Path) -> None:
    video(tmp_path, "s15", "15_0401girlcrashing")
    good = (1, "anger1_1", 10, 20, 30, "", "negative", MACRO, "")
    table(
        tmp_path,
        ("subject", "video", "onset", "apex", "offset"),
        good,
        good,
        (2, "anger1_1", 10, 20, 30, "", "negative", MACRO, ""),
        (1, "joy1_1", 10, 20, 30, "", "negative", MACRO, ""),
        (23, "anger1_1", 10, 20, 30, "", "negative", MACRO, ""),
        (1, "anger1_3", 10, 20, 30, "", "negative", "expression", ""),
        (1, "anger1_4", "x", 20, 30, "", "negative", MACRO, ""),
        (1, "anger1_5", 200, 210, 220, "", "negative", MACRO, ""),
    )
    result = read(tmp_path)
    assert [clip.clip_id for clip in result.clips] == ["cas_me_2/s15/macro/anger1_1/10"]
    # The line of headings, and the expression of no known kind.
    assert result.notices == ["rows that are no macro-expression: 2"]
    lost = "there is no folder of that subject and name"
    assert said(result.problems) == [
        (
            3,
            "filename",
            "cas_me_2/s15/macro/anger1_1/10: the table has this clip twice, with one onset",
        ),
        (4, "filename", f"cas_me_2/s16/macro/anger1_1/10: {lost}"),
        (5, "filename", f"cas_me_2/s15/macro/joy1_1/10: {lost}"),
        (6, "subject", "'23' names no subject"),
        (
            8,
            "onset",
            "cas_me_2/s15/macro/anger1_4/x: must be a whole frame number or empty, not 'x'",
        ),
        (
            9,
            "onset",
            "cas_me_2/s15/macro/anger1_5/200: the folder has no frame from 200 to 220 "
            "(its frames: 1 to 100)",
        ),
    ]


def test_longest_copy_of_a_video_counts_whatever_the_case(tmp_path: Path) -> None:
    video(tmp_path / "cropped", "S15", "15_0401", 90)
    long = video(tmp_path, "s15", "15_0401girlcrashing")
    cut = tmp_path / "selectedpic" / "s15" / "Disgust1_1"
    write_frames(cut, "img{}.jpg", range(10, 31))
    (cut / "Thumbs.db").touch()
    table(
        tmp_path,
        (1, "Anger1_1", 10, 20, 30, "", "negative", MACRO, ""),
        (1, "disgust1_1", 10, 20, 30, "", "negative", MACRO, ""),
        name="code_final.xlsx",
    )
    result = read(tmp_path)
    assert result.problems == []
    assert [(clip.source, clip.onset) for clip in result.clips] == [(long, 9), (cut, 0)]


def test_missing_frames_are_counted(tmp_path: Path) -> None:
    folder = video(tmp_path, "s15", "15_0401girlcrashing")
    for number in (12, 13, 20):
        (folder / f"img{number:03d}.jpg").unlink()
    table(tmp_path, (1, "anger1_1", 10, 20, 30, "", "negative", MACRO, ""))
    result = read(tmp_path)
    assert (result.clips[0].onset, result.clips[0].apex, result.clips[0].offset) == (9, 16, 26)
    assert mended(result.repairs) == [
        ("cas_me_2/s15/macro/anger1_1/10", "apex", "20", "19"),
        ("cas_me_2/s15/macro/anger1_1/10", "frames", "21", "18"),
    ]


def test_people_and_clips_are_told_from_those_of_the_micro_expressions(tmp_path: Path) -> None:
    video(tmp_path, "s15", "15_0401girlcrashing")
    table(
        tmp_path,
        (1, "anger1_1", 10, 20, 40, "4", "negative", MACRO, "anger"),
        (1, "anger1_1", 10, 15, 20, "4", "negative", MICRO, "anger"),
    )
    (macro,), (micro,) = read(tmp_path).clips, ADAPTERS["cas_me_2"].read(tmp_path).clips
    assert (macro.subject, macro.dataset) == (micro.subject, micro.dataset)
    assert macro.clip_id != micro.clip_id


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"no annotation table .*code_final"):
        read(tmp_path)
    write_book(tmp_path / "code_final.xlsx", {"CASFEcode_final": [(1, "anger1_1", 1, 2, 3)]})
    with pytest.raises(InputError, match="give the table with its three sheets"):
        read(tmp_path)
