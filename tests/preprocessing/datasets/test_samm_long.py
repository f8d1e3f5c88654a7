"""SAMM Long Videos: notes above the headings, overlong expressions, micro rows beside."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import mended, said, write_frames, write_sheet

HEADER = (
    *("Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset"),
    *("Duration", "Type", "Action Units", "Notes"),
)
NOTES = [("SAMM Long Videos",), *[("a note",)] * 8]

read = ADAPTERS["samm_long"].read


def table(root: Path, *rows: tuple[object, ...], version: int = 2) -> None:
    write_sheet(root / f"SAMM_LongVideos_V{version}_Release.xlsx", [*NOTES, HEADER, *rows])


def test_macro_rows_become_clips_with_the_subjects_of_samm(tmp_path: Path) -> None:
    first = tmp_path / "SAMM_longvideos" / "006_1"
    write_frames(first, "006_1_{:04d}.jpg", range(1, 700))
    write_frames(tmp_path / "SAMM_longvideos" / "035_7", "035_7_{}.jpg", range(1, 300))
    # Clips of SAMM itself, beside the long videos, are no videos.
    write_frames(tmp_path / "SAMM" / "006" / "006_1_2", "006_{:05d}.jpg", range(100, 700))
    table(
        tmp_path,
        ("006", "006_1_1", 1, 100, 150, 300, 201, "Macro", "4+7B", None),
        ("006", "006_1_2", 1, 400, 420, 440, 41, "Micro - 1/2", "12", None),
        (35, "035_7_3", 7, 20, "/", 60, 41, "macro", 12, "a note"),
        ("Total", "2"),
    )
    result = read(tmp_path)
    assert result.problems == []
    assert [(c.clip_id, c.subject, c.onset, c.apex, c.offset) for c in result.clips] == [
        ("samm/006/macro/006_1_1/100", "samm/006", 99, 149, 299),
        ("samm/035/macro/035_7_3/20", "samm/035", 19, 39, 59),
    ]
    assert result.clips[0].source == first
    assert {(c.dataset, c.fps, c.label) for c in result.clips} == {("samm", 200.0, None)}
    assert [clip.action_units for clip in result.clips] == ["AU4+AU7B", "AU12"]
    assert mended(result.repairs) == [("samm/035/macro/035_7_3/20", "apex", "/", "40")]
    assert result.notices == [
        "rows that are notes (no subject or clip, no frame numbers): 1",
        "rows that are no macro-expression: 1",
    ]


def test_overlong_unknown_and_lost_expressions_are_listed(tmp_path: Path) -> None:
    write_frames(tmp_path / "006_1", "006_1_{:04d}.jpg", range(1, 700))
    table(
        tmp_path,
        ("006", "006_1_1", 1, 0, 150, 300, 201, "Macro", "4", None),
        ("006", "006_1_2", 1, 1, 150, 300, 201, "Macro", "4", None),
        ("006", "006_1_3", 1, 10, 15, 30, 21, "", "4", None),
        ("007", "007_1_1", 1, 10, 15, 30, 21, "Macro", "4", None),
        ("006", "006_1_4", 1, 690, 695, 705, 16, "Macro", "4", None),
    )
    result = read(tmp_path)
    assert said(result.problems) == [
        (
            row,
            "onset",
            f"samm/006/macro/006_1_{row - 10}/{row - 11}: the expression has begun before the "
            "video, so it has no onset",
        )
        for row in (11, 12)
    ] + [
        (13, "type", "samm/006/macro/006_1_3/10: '' is neither a micro- nor a macro-expression"),
        (14, "filename", "samm/007/macro/007_1_1/10: there is no folder of that subject and name"),
    ]
    assert mended(result.repairs) == [("samm/006/macro/006_1_4/690", "offset", "705", "699")]


def test_video_is_found_by_the_inducement_where_the_name_does_not_tell(tmp_path: Path) -> None:
    write_frames(tmp_path / "006_3", "006_3_{:04d}.jpg", range(1, 50))
    table(tmp_path, ("006", "M12", 3, 10, 15, 30, 21, "Macro", "4", None))
    (clip,) = read(tmp_path).clips
    assert clip.clip_id == "samm/006/macro/M12/10"


def test_people_and_clips_are_told_from_those_of_the_micro_expressions(tmp_path: Path) -> None:
    write_frames(tmp_path / "long" / "006_1", "006_1_{:04d}.jpg", range(1, 50))
    write_frames(tmp_path / "SAMM" / "006" / "006_1_2", "006_{:05d}.jpg", range(1, 50))
    table(tmp_path, ("006", "006_1_2", 1, 5, 15, 30, 21, "Macro", "4", None))
    header = (*HEADER[:8], "Action Units", "Estimated Emotion", "Objective Classes", "Notes")
    row = ("006", "006_1_2", 1, 5, 15, 30, 21, "Micro - 1/2", "4", "Anger", 2, None)
    write_sheet(tmp_path / "SAMM_Micro_FACS_Codes_v2.xlsx", [header, row])
    (macro,), (micro,) = read(tmp_path).clips, ADAPTERS["samm"].read(tmp_path).clips
    assert (macro.subject, macro.dataset) == (micro.subject, micro.dataset)
    assert macro.clip_id != micro.clip_id


def test_newest_release_counts(tmp_path: Path) -> None:
    write_frames(tmp_path / "006_1", "006_1_{:04d}.jpg", range(1, 50))
    table(tmp_path, ("006", "006_1_1", 1, 5, 15, 30, 21, "Macro", "4", None), version=1)
    table(tmp_path, ("006", "006_1_1", 1, 6, 15, 30, 21, "Macro", "4", None), version=3)
    assert [clip.onset for clip in read(tmp_path).clips] == [5]


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"no annotation table .*SAMM_LongVideos"):
        read(tmp_path)
