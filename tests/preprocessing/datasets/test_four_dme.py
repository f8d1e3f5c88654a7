"""4DME: several labels a clip, action units that are not certain, a row of totals."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from tests.preprocessing.datasets.fake_datasets import frames_row, write_frames, write_sheet

read = ADAPTERS["four_dme"].read

HEADER = (
    *("sub_ID", "fold_name", "fold", "Emotion", "Onset", "Apex", "Offset", "AUs", "AU4", "AU7"),
    *("eye blink", "Positive", "Negative", "Surprise", "Repression", "Others", "Total"),
)


def row(subject: object, name: str, emotion: object, frames: tuple[object, ...], units: object,
        *marks: int) -> tuple[object, ...]:  # fmt: skip
    return (subject, name, 3, emotion, *frames, units, 1, 0, 0, *(marks or (0,) * 5), 1)


def four_dme(root: Path, *rows: tuple[object, ...]) -> Path:
    write_sheet(root / "4DME_Labelling_Micro_release v1.xlsx", [HEADER, *rows])
    extras = [("sub_ID", "self-report emo'"), (13, "1'")]
    write_sheet(root / "4DME_Labelling_Micro_extras_release v1.xlsx", extras)
    return root


def test_rows_become_clips(tmp_path: Path) -> None:
    gray = tmp_path / "4DMicro" / "gray_micro"
    for name in ("one", "two", "three"):
        write_frames(gray / "S13" / name, "{}.jpg", range(2480, 2521))
    write_frames(gray / "S13" / "four", "{}.jpg", range(2480, 2521))
    four_dme(
        tmp_path,
        row(13, "one", "Surprise+Positive", (2485, 2490, 2500), "AU4(k)+L7"),
        row("S13", "two", "Positive+Surprise", (2485.0, 2490.0, 2500.0), "AUR2+12(k)+45"),
        row("13", "three", None, (2485, 2490, 2500), "AU4 + AU7", 0, 1, 0, 1, 0),
        row("sub13", "four", "Others", (2485, 2490, 2500), "AU4"),
        (None, None, None, None, None, None, None, None, 99, 40, 3, 1, 1, 1, 1, 1, 4),
    )
    result = read(tmp_path)
    assert result.problems == []
    assert [frames_row(clip) for clip in result.clips] == [
        ("four_dme/S13/one", 5, 10, 20, "positive+surprise"),
        ("four_dme/S13/two", 5, 10, 20, "positive+surprise"),
        ("four_dme/S13/three", 5, 10, 20, "negative+repression"),
        ("four_dme/S13/four", 5, 10, 20, "others"),
    ]
    assert [clip.action_units for clip in result.clips] == [
        "AUL7",
        "AUR2+AU45",
        "AU4+AU7",
        "AU4",
    ]
    assert {(clip.subject, clip.fps) for clip in result.clips} == {("four_dme/S13", 60.0)}
    assert [(r.row, r.column, r.old, r.new) for r in result.repairs] == [
        (2, "action_units", "AU4(k)+L7", "L7"),
        (3, "action_units", "AUR2+12(k)+45", "AUR2+45"),
        (4, "label", "", "negative+repression"),
    ]
    assert result.notices == [
        "rows that are notes (no subject or clip, no frame numbers): 1",
        "clips with more than one label, joined by a plus: 3",
    ]


def test_uncertain_codes_stay_when_repairs_are_off(tmp_path: Path) -> None:
    write_frames(tmp_path / "S13" / "one", "{}.jpg", range(1, 30))
    four_dme(tmp_path, row(13, "one", "Others", (5, 9, 20), "AU4(k)+L7"))
    (clip,) = read(tmp_path, repairs=False).clips
    assert clip.action_units == "AU4+AUL7"


@pytest.mark.parametrize("first", [2485, 1], ids=["numbers kept", "numbered anew"])
def test_clips_directly_in_one_folder_are_read(first: int, tmp_path: Path) -> None:
    name = "S13_1st_001_01_1"
    write_frames(tmp_path / "gray_micro" / name, "{:04d}.jpg", range(first, first + 16))
    four_dme(tmp_path, row(13, name, "Negative", (2485, 2490, 2500), "AU4"))
    result = read(tmp_path)
    assert [frames_row(clip)[1:4] for clip in result.clips] == [(0, 5, 15)]
    assert any("numbered anew" in notice for notice in result.notices) == (first == 1)
