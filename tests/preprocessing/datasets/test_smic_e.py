"""SMIC-E: several expressions a row, numbers of the camera, text below the table."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from tests.preprocessing.datasets.fake_datasets import frames_row, write_frames, write_sheet

HEADER = (
    *("Subject", "Filename", "OnsetF", "OffsetF", "Onset2F", "Offset2F", "Onset3F", "Offset3F"),
    *("FirstF", "LastF", "TotalMF1", "TotalMF2", "TotalMF3", "TotalVL", "Emotion"),
)


def row(subject: object, name: str, *pairs: int, first: int, last: int) -> tuple[object, ...]:
    frames = [*pairs, *[None] * (6 - len(pairs))]
    label = {"ne": "negative", "po": "positive", "su": "surprise"}[name.split("_")[1][:2]]
    return (subject, name, *frames, first, last, 1, None, None, last - first + 1, label)


def smic_e(root: Path, *rows: tuple[object, ...], name: str = "SMIC-HS-E_annotation.xlsx") -> Path:
    write_sheet(root / "SMIC-E_raw image" / "HS_long" / name, [HEADER, *rows])
    return root


def video(root: Path, subject: str, name: str, first: int, last: int, tree: str = "HS") -> Path:
    long = root / "SMIC-E_raw image" / f"{tree}_long" / f"SMIC-{tree}-E" / tree
    write_frames(long / subject / name, "image{:06d}.jpg", range(first, last + 1))
    return long / subject / name


def test_each_expression_of_a_row_becomes_a_clip(tmp_path: Path) -> None:
    folder = video(tmp_path, "s01", "s01_ne_01", 12340, 12440)
    video(tmp_path, "s03", "s03_sur_02", 500, 560)
    video(tmp_path, "s03", "s03_po_09", 1, 9)
    for tree in ("VIS", "NIR"):
        video(tmp_path, "s01", "s01_ne_01", 100, 400, tree)
    smic_e(
        tmp_path,
        row(1, "s1_ne_01", 12350, 12380, 12400, 12420, 12425, 12431, first=12340, last=12440),
        row("03", "s03_sur_02", 510, 530, 0, 0, first=500, last=560),
        ("Onset is the first frame of a micro-expression",),
        (None, "TotalMF1: number of frames"),
    )
    result = ADAPTERS["smic_e"].read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [frames_row(clip) for clip in result.clips] == [
        ("smic/s01/s01_ne_01/12350", 10, 25, 40, "negative"),
        ("smic/s01/s01_ne_01/12400", 60, 70, 80, "negative"),
        ("smic/s01/s01_ne_01/12425", 85, 88, 91, "negative"),
        ("smic/s03/s03_sur_02/510", 10, 20, 30, "surprise"),
    ]
    assert {clip.source for clip in result.clips[:3]} == {folder}
    assert {(c.apex_source, c.fps) for c in result.clips} == {("midpoint", 100.0)}
    assert result.clips[3].subject == "smic/s03"
    assert result.notices == [
        "rows that are notes (no subject or clip, no frame numbers): 2",
        "clips whose apex is the middle of onset and offset, as the table has no column for it: 4",
        "videos without an expression in the table: 1",
        "expressions that are the second or third of a video: 2",
    ]


def test_files_numbered_from_one_are_understood_and_told(tmp_path: Path) -> None:
    video(tmp_path, "s01", "s01_ne_01", 1, 101)
    smic_e(tmp_path, row(1, "s1_ne_01", 12350, 12380, first=12340, last=12440))
    result = ADAPTERS["smic_e"].read(tmp_path)
    assert frames_row(result.clips[0])[1:4] == (10, 25, 40)
    assert result.notices[-1].startswith("clips from videos with files numbered anew")


@pytest.mark.parametrize("name", ["SMIC-HS-E_annotation_2019.xlsx", "SMIC_HS_E_annotation.xlsx"])
def test_other_names_of_the_table_are_found_before_those_of_other_cameras(
    name: str, tmp_path: Path
) -> None:
    video(tmp_path, "s01", "s01_ne_01", 1, 50)
    smic_e(tmp_path, row(1, "s1_ne_01", 9, 19, first=1, last=50), name=name)
    smic_e(tmp_path, row(1, "s1_ne_01", 2, 4, first=1, last=9), name="SMIC-NIR-E_annotation.xlsx")
    (clip,) = ADAPTERS["smic_e"].read(tmp_path).clips
    assert clip.onset == 8


def test_expression_without_an_offset_stops_no_other(tmp_path: Path) -> None:
    video(tmp_path, "s01", "s01_ne_01", 1, 50)
    bad = list(row(1, "s1_ne_01", 9, 19, 30, first=1, last=50))
    smic_e(tmp_path, tuple(bad))
    result = ADAPTERS["smic_e"].read(tmp_path)
    assert [clip.clip_id for clip in result.clips] == ["smic/s01/s01_ne_01/9"]
    assert [(p.row, p.column, p.clip_id) for p in result.problems] == [
        (2, "offset", "smic/s01/s01_ne_01/30")
    ]
