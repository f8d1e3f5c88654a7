import pytest

from ma2mi_recipes.key_frame_benchmark import jitter_of
from ma2mi_recipes.key_frame_tables import key_frame_markdown, key_frame_tables


def row(jitter: str, moved: str, frames: int, uf1: float) -> dict[str, object]:
    figures = {
        f"{name}{end}": uf1
        for name in ("accuracy", "uf1", "uar", "uf1_change")
        for end in ("", "_low", "_high")
    }
    errors = {"onset_error": 4.0, "apex_error": 1.5, "at_border": 0.25}
    return {"jitter": jitter, "moved": moved, "frames": frames, **figures, **errors}


DOCUMENT = {
    "command": "keras-ma2mi benchmark key-frames",
    "machine": {
        "cpu": "a CPU",
        "cpus": 2,
        "system": "Linux",
        "python": "3.11",
        "versions": {"numpy": "2"},
    },
    "clips": 80,
    "subjects": 8,
    "size": 56,
    "epochs": 30,
    "seeds": [0, 1],
    "variants": 4,
    "backend": "torch",
    "spans": {"shortest": 6.0, "median": 12.5, "longest": 24.0},
    "rows": [
        row("0", "apex", 0, 0.7),
        row("0", "apex", 10, 0.3),
        row("0", "found", 0, 0.6),
        row("5f", "apex", 0, 0.71),
        row("5f", "apex", 10, 0.5),
        row("5f", "found", 0, 0.65),
    ],
}


def test_jitters_stand_side_by_side_and_then_each_with_its_intervals() -> None:
    across, *each = key_frame_tables(DOCUMENT)
    assert across.rows[1] == ("Apex moved", "10", "0.300", "0.500")
    assert across.rows[2] == ("Onset and apex found", "", "0.600", "0.650")
    assert [table.rows[2][1] for table in each] == ["4 / 1.5", "4 / 1.5"]
    assert each[0].rows[1][2] == "0.300 [0.30, 0.30]"


def test_markdown_says_what_was_measured() -> None:
    text = key_frame_markdown(DOCUMENT)
    assert "80 rendered micro clips of 8 identities" in text
    assert "median 12.5" in text
    assert "| Apex moved | 10 | 0.300 | 0.500 |" in text


def test_jitter_is_a_share_or_frames() -> None:
    assert jitter_of("0.15") == {"jitter": 0.15}
    assert jitter_of("5f") == {"jitter_frames": 5}
    for wrong in ("f", "a", "", "1.5f", "-1f", "-0.1", "nan"):
        with pytest.raises(ValueError):
            jitter_of(wrong)
