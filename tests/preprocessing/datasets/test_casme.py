"""CASME: two columns of apexes, files named after the clip, padded from some clip on."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import frames_row, write_frames, write_sheet

HEADER = (
    *("Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None),
    *("AU", "Emotion"),
)


def casme(root: Path, *rows: tuple[object, ...]) -> Path:
    lines = [(row[0], row[1], None, *row[2:6], None, *row[6:]) for row in rows]
    write_sheet(root / "casme.xlsx", [HEADER, *lines])
    return root


def test_rows_become_clips(tmp_path: Path) -> None:
    raw = tmp_path / "CASME_raw_selected"
    write_frames(raw / "sub01" / "EP01_5", "EP01_5-{}.jpg", range(80, 112))
    write_frames(raw / "sub02" / "EP02_1", "reg_EP02_1-{:03d}.jpg", range(9, 31))
    write_frames(raw / "sub35" / "EP03_1", "EP03_1-{:03d}.jpg", range(1, 31))
    (raw / "sub01" / ".DS_Store").touch()
    casme(
        tmp_path,
        (1, "EP01_5", 80, 98, None, 111, "4+9", "disgust"),
        ("02", "EP02_1", 9, "/", 20, 30, "L1+2", "Tense"),
        ("sub35", "EP03_1", 1, None, None, 30, 14, "repression"),
        (None, None, None, None, None, None, None, "a note"),
    )
    result = ADAPTERS["casme"].read(tmp_path)
    assert result.problems == []
    assert [frames_row(clip) for clip in result.clips] == [
        ("casme/sub01/EP01_5", 0, 18, 31, "disgust"),
        ("casme/sub02/EP02_1", 0, 11, 21, "tense"),
        ("casme/sub35/EP03_1", 0, 14, 29, "repression"),
    ]
    assert [(c.subject, c.fps, c.action_units, c.apex_source) for c in result.clips] == [
        ("casme/sub01", 60.0, "AU4+AU9", "annotated"),
        ("casme/sub02", 60.0, "AUL1+AU2", "annotated"),
        ("casme/sub35", 60.0, "AU14", "midpoint"),
    ]
    assert [(r.row, r.column, r.old, r.new) for r in result.repairs] == [
        (3, "apex", "/", "20"),
        (4, "apex", "", "15"),
    ]
    assert result.notices == ["rows that are notes (no subject or clip, no frame numbers): 1"]


def test_second_apex_is_not_read_when_repairs_are_off(tmp_path: Path) -> None:
    write_frames(tmp_path / "sub02" / "EP02_1", "EP02_1-{}.jpg", range(9, 31))
    casme(tmp_path, (2, "EP02_1", 9, "/", 22, 30, "", "tense"))
    (clip,) = ADAPTERS["casme"].read(tmp_path, repairs=False).clips
    assert (clip.apex, clip.apex_source) == (10, "midpoint")


@pytest.mark.parametrize("name", ["CASME2-coding-20190701.xlsx", "notes.xlsx"])
def test_table_of_another_dataset_is_not_taken(name: str, tmp_path: Path) -> None:
    write_sheet(tmp_path / name, [HEADER])
    with pytest.raises(InputError, match="no annotation table"):
        ADAPTERS["casme"].read(tmp_path)
