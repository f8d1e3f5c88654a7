"""CAS(ME)^3 part C: one video a person, no apex, a Chinese comma."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from tests.preprocessing.datasets.fake_datasets import frames_row, write_book, write_frames

read = ADAPTERS["cas_me_3_c"].read

HEADER = ("sub", "count", "onset", "offset", "au", "emotion", "PHY")


def part_c(root: Path) -> Path:
    rows = [
        (1, 1, 373, 383, "4,7", "negative", "x"),
        (1, 2, 400, 421, "1，2", "Surprise", "x"),
        (12, 1, 373, 377, 14, "others", "x"),
    ]
    sheets = {"notes": [("a note",)], "mockCrimeME": [HEADER, *rows]}
    write_book(root / "CAS(ME)3_part_C_ME.xlsx", sheets)
    return root


EXPECTED = [
    ("cas_me_3_c/01/1/373", "negative", "AU4+AU7"),
    ("cas_me_3_c/01/2/400", "surprise", "AU1+AU2"),
    ("cas_me_3_c/12/1/373", "others", "AU14"),
]


def test_rows_of_long_videos_become_clips(tmp_path: Path) -> None:
    for person in ("01", "12", "31"):
        for kind in ("color", "depth"):
            write_frames(tmp_path / "part_C" / person / "a" / kind, "{}.jpg", range(8, 500))
    result = read(part_c(tmp_path))
    assert (result.problems, result.repairs) == ([], [])
    assert [(c.clip_id, c.label, c.action_units) for c in result.clips] == EXPECTED
    assert [frames_row(clip)[1:4] for clip in result.clips] == [
        (365, 370, 375),
        (392, 402, 413),
        (365, 367, 369),
    ]
    assert [c.subject for c in result.clips] == ["cas_me_3_c/01"] * 2 + ["cas_me_3_c/12"]
    assert result.clips[0].source == tmp_path / "part_C" / "01" / "a" / "color"
    assert {c.apex_source for c in result.clips} == {"midpoint"}
    assert result.notices == [
        "clips whose apex is the middle of onset and offset, as the table has no column for it: 3",
        "videos without an expression in the table: 1",
    ]


@pytest.mark.parametrize("tree", ["ME_C/{0:02d}/{1}/color", "{0:02d}/color/{0:02d}_{1}"])
def test_cut_clips_are_known_by_their_count(tree: str, tmp_path: Path) -> None:
    spans = [(1, 1, 373, 383), (1, 2, 400, 421), (12, 1, 373, 377)]
    for subject, count, onset, offset in spans:
        folder = tmp_path / tree.format(subject, count)
        write_frames(folder, "{}.jpg", range(onset, offset + 1))
    result = read(part_c(tmp_path))
    assert result.problems == []
    assert [frames_row(clip)[1:4] for clip in result.clips] == [(0, 5, 10), (0, 10, 21), (0, 2, 4)]
