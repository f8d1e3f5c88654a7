"""SMIC-HS: folders are labels, people are not padded, cropped copies lack frames."""

from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.audit import audit
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import frames_row, write_frames

read = ADAPTERS["smic_hs"].read


def clip(root: Path, tree: str, subject: str, label: str, name: str, *numbers: int) -> Path:
    folder = root / tree / subject / "micro" / label / name
    pattern = "reg_image{:06d}.bmp" if "cropped" in tree else "image{:06d}.bmp"
    write_frames(folder, pattern, numbers)
    return folder


def test_folders_become_clips(tmp_path: Path) -> None:
    raw = "SMIC_all_raw/HS"
    clip(tmp_path, raw, "s3", "surprise", "s3_sur_01", *range(100, 120))
    clip(tmp_path, raw, "s11", "positive", "s11_po_02", *range(123, 134))
    folder = clip(tmp_path, raw, "s1", "negative", "s1_ne_01", *range(7, 11))
    (folder / "Thumbs.db").touch()
    clip(tmp_path, "SMIC_all_raw/VIS", "s11", "positive", "s11_po_02", 1, 2)
    clip(tmp_path, "SMIC_all_raw/NIR", "s11", "positive", "s11_po_02", 1, 2)
    write_frames(tmp_path / raw / "s1" / "non_micro" / "s1_ne_01", "image{:06d}.bmp", [1, 2])
    result = read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [frames_row(one) for one in result.clips] == [
        ("smic/s01/s01_ne_01", 0, 1, 3, "negative"),
        ("smic/s03/s03_sur_01", 0, 9, 19, "surprise"),
        ("smic/s11/s11_po_02", 0, 5, 10, "positive"),
    ]
    first = result.clips[0]
    assert (first.subject, first.source, first.kind) == ("smic/s01", folder, "frames")
    assert (first.apex_source, first.fps, first.action_units) == ("midpoint", 100.0, "")
    assert result.notices == [
        "clips whose apex is the middle frame, as none is annotated: 3",
        "folders of other cameras, or without micro-expression, not read: 3",
    ]


def test_missing_frames_and_empty_folders_are_listed(tmp_path: Path) -> None:
    tree = "SMIC_all_cropped/HS"
    clip(tmp_path, tree, "s3", "positive", "s3_po_08", 5, 6, 8, 10)
    clip(tmp_path, tree, "s18", "surprise", "s18_sur_03")
    result = read(tmp_path)
    assert [(r.clip_id, r.column, r.old, r.new) for r in result.repairs] == [
        ("smic/s03/s03_po_08", "frames", "6", "4")
    ]
    account = audit("smic_hs", result)
    assert (account.clips_in, account.clips_out, account.without_row) == (2, 1, ())
    (problem,) = result.problems
    assert problem.clip_id == "smic/s18/s18_sur_03"
    assert str(problem).endswith(
        "there is no numbered frame in SMIC_all_cropped/HS/s18/micro/surprise/s18_sur_03"
    )


def test_whole_copies_are_chosen_and_gaps_filled_from_the_other(tmp_path: Path) -> None:
    for name, numbers in [("s18_sur_03", range(0)), ("s18_sur_04", range(1, 9))]:
        clip(tmp_path, "SMIC_all_cropped/HS", "s18", "surprise", name, *numbers)
    clip(tmp_path, "SMIC_all_raw/HS", "s18", "surprise", "s18_sur_03", 1, 2)
    result = read(tmp_path)
    assert [c.source.relative_to(tmp_path).parts[0] for c in result.clips] == [
        "SMIC_all_raw",
        "SMIC_all_cropped",
    ]
    assert result.problems == []
    assert result.notices[-2:] == [
        "several copies of the clips: SMIC_all_cropped/HS has most frames and is read before "
        "SMIC_all_raw/HS",
        "clips read from SMIC_all_raw/HS: 1",
    ]


def test_label_that_is_not_that_of_the_name_is_told(tmp_path: Path) -> None:
    clip(tmp_path, "HS", "s2", "negative", "s02_po_01", 1, 2, 3)
    result = read(tmp_path)
    assert result.clips[0].label == "negative"
    assert (
        "smic/s02/s02_po_01: the folder says negative, the name positive; the folder counts"
        in result.notices
    )


def test_folder_without_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder such as"):
        read(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        read(tmp_path / "nowhere")
