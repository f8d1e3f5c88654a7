"""`keras-ma2mi store verify` and `store info`: what a person and a script see."""

import json
from pathlib import Path

import pytest

from tests.preprocessing.pipeline.small_clips import annotated, frame_folder
from tests.recipes.conftest import call, succeed


@pytest.fixture
def store(tmp_path: Path) -> Path:
    annotated(tmp_path / "lab", "a")
    frame_folder(tmp_path / "lab", "b")
    (tmp_path / "lab" / "letter.mp4").write_text("no film " * 30)
    succeed("preprocess", tmp_path / "lab", tmp_path / "s", "--size", 32, "--detector", "none",
            "--workers", 1)  # fmt: skip
    return tmp_path / "s"


def damage(store: Path) -> None:
    path = next((store / "clips").glob("lab_a-*/frames/c/0/0/0/0"))
    path.write_bytes(path.read_bytes()[:-1])


def test_whole_store_passes(store: Path) -> None:
    assert f"2 clips looked at, no problem found: {store}" in succeed("store", "verify", store)


def test_damage_is_a_line_an_exit_code_and_a_way_out(store: Path) -> None:
    damage(store)
    result = call("store", "verify", store)
    assert result.exit_code == 1
    line = "lab/a: frames/c/0/0/0/0 is damaged; remove it with store verify --remove-damaged"
    assert line in result.output
    result = call("store", "verify", store, "--remove-damaged")
    assert result.exit_code == 1
    assert "removed 1; run preprocess again" in result.output
    lab = store.parent / "lab"
    output = succeed("preprocess", lab, store, "--size", 32, "--detector", "none", "--workers", 1)
    assert "1 stored, 1 already there" in output
    succeed("store", "verify", store)


def test_folder_that_is_no_store_is_one_line(tmp_path: Path) -> None:
    for command in ("verify", "info"):
        result = call("store", command, tmp_path / "nowhere")
        assert result.exit_code == 2
        assert result.output.count("error: there is no clip store at") == 1


def test_info_says_what_is_there(store: Path) -> None:
    output = succeed("store", "info", store)
    for part in ("clips", "frames a second", "read 1", "detector=none", "finished"):
        assert part in output


def test_info_for_scripts_is_json(store: Path) -> None:
    summary = json.loads(succeed("store", "info", store, "--json"))
    assert (summary["clips"], summary["frames"], summary["rejected"]) == (2, 12, {"read": 1})
    assert summary["options"]["size"] == 32
    assert summary["finished"] is True
