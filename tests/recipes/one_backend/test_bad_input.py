"""Wrong input: one line, exit code 2, no traceback, nothing lost."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.recipes.conftest import Chain, call


def refused(*arguments: object) -> str:
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    errors = [line for line in result.output.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, result.output
    return errors[0]


@pytest.mark.parametrize(
    "command",
    [
        ("preprocess", "NOWHERE", "store"),
        ("index", "videos", "NOWHERE", "out.csv"),
        ("index", "csv", "NOWHERE", "out.csv"),
        ("pretrain", "NOWHERE", "run"),
        ("train", "NOWHERE", "run"),
        ("evaluate", "NOWHERE"),
        ("explain", "NOWHERE"),
        ("predict", "NOWHERE", "--model", "run"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_wrong_path_is_named(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "NOWHERE" in refused(*command)
    assert list(tmp_path.iterdir()) == []


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    message = refused("preprocess", tmp_path / "videos", tmp_path / "store")
    assert "videos" in message
    assert not (tmp_path / "store").exists()


def test_manifest_without_its_column_names_the_column(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("clip_id,file\na,b.mp4\n")
    message = refused("preprocess", tmp_path / "m.csv", tmp_path / "store")
    assert "source" in message
    assert "m.csv" in message


def test_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("x")
    assert str(tmp_path) in refused("train", tmp_path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_store_of_another_version_is_refused(chain: Chain, tmp_path: Path) -> None:
    store = tmp_path / "old.store"
    shutil.copytree(chain.micro_store, store)
    path = store / "zarr.json"
    content = json.loads(path.read_text())
    version = [key for key in content["attributes"] if "version" in key]
    assert len(version) == 1
    content["attributes"][version[0]] = 99
    path.write_text(json.dumps(content))
    message = refused("train", store, tmp_path / "run")
    assert "99" in message
    assert not (tmp_path / "run").exists()


def test_folder_in_use_is_not_taken_for_a_run(chain: Chain, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    assert "not empty" in refused("train", chain.micro_store, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_other_options_in_a_run_folder_are_refused(chain: Chain, backend: str) -> None:
    before = (chain.run / "predictions.csv").read_bytes()
    message = refused("train", chain.micro_store, chain.run, "--epochs", 7, "--backend", backend)
    assert "epochs" in message
    assert (chain.run / "predictions.csv").read_bytes() == before


def test_runs_of_other_class_sets_are_not_compared(chain: Chain, tmp_path: Path) -> None:
    shutil.copytree(chain.run, tmp_path / "other")
    path = tmp_path / "other" / "run.json"
    info = json.loads(path.read_text())
    path.write_text(json.dumps({**info, "classes": [*info["classes"][1:], "boredom"]}))
    assert "boredom" in refused("evaluate", chain.run, tmp_path / "other")


def test_class_that_no_clip_has_is_named(chain: Chain, tmp_path: Path) -> None:
    message = refused("train", chain.micro_store, tmp_path / "run", "--classes", "boredom,disgust")
    assert "boredom" in message


def test_pretraining_on_a_held_out_subject_is_a_leak(
    chain: Chain, tmp_path: Path, backend: str
) -> None:
    shutil.copytree(chain.pretrained, tmp_path / "leaky")
    path = tmp_path / "leaky" / "run.json"
    info = json.loads(path.read_text())
    subject = pd.read_csv(chain.clips / "micro" / "manifest.csv")["subject"][0]
    path.write_text(json.dumps({**info, "subjects": [subject]}))
    message = refused("train", chain.micro_store, tmp_path / "run", "--pretrained",
                      tmp_path / "leaky", "--backend", backend)  # fmt: skip
    assert subject in message
    assert "leak" in message


def test_pretraining_on_another_motion_is_refused(
    chain: Chain, tmp_path: Path, backend: str
) -> None:
    message = refused("train", chain.micro_store, tmp_path / "run", "--pretrained",
                      chain.pretrained, "--motion", "difference", "--backend", backend)  # fmt: skip
    assert "--motion flow" in message


def test_training_run_is_no_pretraining_run(chain: Chain, tmp_path: Path, backend: str) -> None:
    message = refused("train", chain.micro_store, tmp_path / "run", "--pretrained", chain.run,
                      "--backend", backend)  # fmt: skip
    assert "pretrain" in message


@pytest.mark.parametrize("seeds", ["1,1", "one", "-1"])
def test_seeds_that_make_no_sense_are_refused(seeds: str, chain: Chain, tmp_path: Path) -> None:
    refused("train", chain.micro_store, tmp_path / "run", f"--seeds={seeds}")


def test_rendering_into_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"x")
    refused("synthesize", "micro", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]
