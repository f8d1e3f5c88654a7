from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.manifest import index_manifest, write_manifest
from ma2mi_preprocessing.errors import InputError


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((28, 28, 3), np.uint8))


def read(root: Path):  # type: ignore[no-untyped-def]
    return ADAPTERS["motion_images"].read(root)


def test_table_of_labels_finds_its_images_and_lists_what_is_amiss(tmp_path: Path) -> None:
    for name in ("images/ep01.png", "images/EP02 .png", "images/extra.png"):
        touch(tmp_path / name)
    (tmp_path / "labels.csv").write_text(
        "File Name,Subject,Emotion\nep01,006,Happiness\nep02.jpg,s02,surprise\nep09,s02,surprise\n"
    )
    result = read(tmp_path)
    assert [(clip.clip_id, clip.subject, clip.label, clip.kind) for clip in result.clips] == [
        ("006/ep01", "006", "happiness", "motion"),
        ("s02/EP02", "s02", "surprise", "motion"),
    ]
    assert [(problem.row, problem.clip_id) for problem in result.problems] == [
        (4, "ep09"),
        (0, "extra.png"),
    ]


def test_list_of_htnet_is_understood(tmp_path: Path) -> None:
    touch(tmp_path / "whole" / "sub01_EP02_01f .png")
    touch(tmp_path / "whole" / "s01_s01_ne_01 .png")
    (tmp_path / "list.csv").write_text(
        "dataset,sub,filename_o,label,apex,imagename,sub_filename\n"
        "casme2,sub01,EP02_01f,1,,sub01_EP02_01f.jpg,\n"
        "smic,s01,s01_ne_01,0,,s01_s1_ne_01.jpg,\n"
    )
    result = read(tmp_path)
    assert not result.problems
    assert [(clip.dataset, clip.subject, clip.label) for clip in result.clips] == [
        ("casme2", "casme2/sub01", "positive"),
        ("smic", "smic/s01", "negative"),
    ]


def test_numbers_in_any_other_list_stay_numbers(tmp_path: Path) -> None:
    touch(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text("file,subject,label\na,s1,1\n")
    assert read(tmp_path).clips[0].label == "1"


def test_folds_give_each_clip_once_with_the_subject_that_is_held_out(tmp_path: Path) -> None:
    root = tmp_path / "three"
    touch(root / "sub01" / "u_test" / "0" / "sub01_a.png")
    touch(root / "sub01" / "u_train" / "2" / "s02_b.png")
    touch(root / "s02" / "u_test" / "2" / "s02_b.png")
    touch(root / "s02" / "u_train" / "0" / "sub01_a.png")
    (root / "s03" / "u_test" / "1").mkdir(parents=True)
    result = read(root)
    assert [(clip.subject, clip.label) for clip in result.clips] == [
        ("three/s02", "surprise"),
        ("three/sub01", "negative"),
    ]
    assert [problem.clip_id for problem in result.problems] == ["three/s03"]


def test_folders_of_three_images_and_channels_of_their_own(tmp_path: Path) -> None:
    for part in ("u", "v", "strain"):
        touch(tmp_path / "split" / "ep01" / f"{part}.png")
    touch(tmp_path / "ep02.png")
    (tmp_path / "labels.csv").write_text(
        "file,subject,label,motion_channels,motion_scaling\n"
        "ep01,s1,a,,\nep02.png,s1,b,u-v-strain,minmax\n"
    )
    result = read(tmp_path)
    assert not result.problems
    assert [clip.source.name for clip in result.clips] == ["ep01", "ep02.png"]
    assert result.clips[1].motion_channels == "u-v-strain"
    write_manifest(result.clips, tmp_path / "out" / "m.csv")
    again = index_manifest(tmp_path / "out" / "m.csv")
    assert again.clips == result.clips


@pytest.mark.parametrize(
    ("column", "value"), [("motion_scaling", "zscore"), ("motion_channels", "u-w")]
)
def test_unknown_scaling_or_channels_are_problems_of_their_row(
    column: str, value: str, tmp_path: Path
) -> None:
    touch(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text(f"file,label,{column}\na,x,{value}\n")
    problems = [problem for problem in read(tmp_path).problems if problem.row]
    assert [(problem.row, problem.column) for problem in problems] == [(2, column)]
    pd.DataFrame([{"source": "a.png", "kind": "motion", column: value}]).to_csv(
        tmp_path / "m.csv", index=False
    )
    assert index_manifest(tmp_path / "m.csv").problems[0].column == column


def test_two_files_of_one_name_need_a_path(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "ep.png")
    touch(tmp_path / "b" / "ep.png")
    (tmp_path / "labels.csv").write_text("file,label\nep,x\nb/ep.png,y\n")
    result = read(tmp_path)
    assert [clip.label for clip in result.clips] == ["y"]
    assert "several files" in str(result.problems[0])


def test_hopeless_folders_say_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing at"):
        read(tmp_path / "no")
    with pytest.raises(InputError, match="neither a table"):
        read(tmp_path)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("file,label\n")
    with pytest.raises(InputError, match="several tables"):
        read(tmp_path)
