"""Oulu-CASIA: one sequence under two cameras and three lights, and cropped copies."""

from itertools import product
from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.errors import InputError
from tests.preprocessing.datasets.fake_datasets import mended, said, write_frames

ORIGINAL = "B_OriginalImg/OriginalImg"

read = ADAPTERS["oulu_casia"].read


def sequence(root: Path, *parts: str, numbers: range = range(5)) -> Path:
    folder = root.joinpath(*parts)
    write_frames(folder, "{:03d}.jpeg", numbers)
    return folder


def test_cameras_and_lights_are_told_apart(tmp_path: Path) -> None:
    for camera, light in product(("VL", "NI"), ("Strong", "Weak", "Dark")):
        sequence(tmp_path, ORIGINAL, camera, light, "P012", "Anger", numbers=range(7))
    result = read(tmp_path)
    assert (result.problems, result.repairs) == ([], [])
    assert [clip.clip_id for clip in result.clips] == [
        f"oulu_casia/P012/{camera}/{light}/anger"
        for camera, light in product(("NI", "VL"), ("Dark", "Strong", "Weak"))
    ]
    assert {(c.subject, c.label, c.fps, c.onset, c.apex, c.offset) for c in result.clips} == {
        ("oulu_casia/P012", "anger", 25.0, 0, 6, None)
    }


def test_cropped_copy_counts_only_where_there_is_no_other(tmp_path: Path) -> None:
    original = sequence(tmp_path, ORIGINAL, "VL", "Strong", "P001", "Fear")
    sequence(tmp_path, "A_PreProcess_Img", "VL_Acropped", "Strong", "P001", "Fear")
    cropped = sequence(tmp_path, "A_PreProcess_Img", "NI_Acropped", "dark", "p1", "happiness")
    result = read(tmp_path)
    assert [(clip.clip_id, clip.source) for clip in result.clips] == [
        ("oulu_casia/P001/NI/Dark/happiness", cropped),
        ("oulu_casia/P001/VL/Strong/fear", original),
    ]


def test_missing_frames_and_folders_that_do_not_tell_are_listed(tmp_path: Path) -> None:
    folder = sequence(tmp_path, "VL", "Strong", "P001", "Fear", numbers=range(2, 9))
    (folder / "005.jpeg").unlink()
    (folder / "Thumbs.db").touch()
    sequence(tmp_path, "VL", "Strong", "P002", "Fear", numbers=range(0))
    sequence(tmp_path, "VL", "P003", "Fear")
    sequence(tmp_path, "VL", "Strong", "P003", "Neutral")
    result = read(tmp_path)
    assert [(clip.clip_id, clip.apex) for clip in result.clips] == [
        ("oulu_casia/P001/VL/Strong/fear", 5)
    ]
    assert mended(result.repairs) == [("oulu_casia/P001/VL/Strong/fear", "frames", "9", "6")]
    untold = (
        "its path does not tell camera (VL, NI), light (Strong, Weak, Dark) and expression "
        "(anger, disgust, fear, happiness, sadness, surprise)"
    )
    assert [(problem.clip_id, *said([problem])[0][1:]) for problem in result.problems] == [
        ("oulu_casia/VL/P003/Fear", "filename", untold),
        ("oulu_casia/VL/Strong/P003/Neutral", "filename", untold),
        ("oulu_casia/P002/VL/Strong/fear", "source", "0 frame(s), and a movement needs two"),
    ]


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="no folder of images like VL/Strong/P012/Anger"):
            read(root)
