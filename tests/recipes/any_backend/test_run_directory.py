import json
from pathlib import Path

import pandas as pd
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.run_directory import RUN_VERSION, RunDirectory

INFO = {
    "kind": "train",
    "backend": "jax",
    "seeds": [0],
    "classes": ["a", "b"],
    "clip_list_hash": "x",
    "options": {"epochs": 3, "motion": "flow"},
}


def test_run_records_versions_command_and_time(tmp_path: Path) -> None:
    info = RunDirectory.create(tmp_path / "run", INFO).info
    assert info["run_version"] == RUN_VERSION
    assert {"python", "keras", "numpy"} <= set(info["versions"])
    assert info["name"] == "run"
    assert info["started"].endswith("+00:00")


def test_same_run_is_taken_up_again(tmp_path: Path) -> None:
    first = RunDirectory.create(tmp_path / "run", INFO)
    started = first.info["started"]
    again = RunDirectory.create(tmp_path / "run", INFO)
    assert again.info["started"] == started
    assert not again.finished
    again.finish(note="done")
    assert again.finished
    assert again.info["note"] == "done"


def test_another_run_in_the_folder_is_refused_with_what_differs(tmp_path: Path) -> None:
    RunDirectory.create(tmp_path / "run", INFO)
    other = {**INFO, "classes": ["a", "c"], "options": {"epochs": 4, "motion": "flow"}}
    with pytest.raises(InputError, match=r"differs in: classes, epochs"):
        RunDirectory.create(tmp_path / "run", other)


def test_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="holds no run"):
        RunDirectory.create(tmp_path, INFO)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_run_of_another_kind_is_named(tmp_path: Path) -> None:
    RunDirectory.create(tmp_path / "run", INFO)
    with pytest.raises(InputError, match="is a `train` run; this needs a `pretrain` run"):
        RunDirectory.open(tmp_path / "run", "pretrain")


def test_run_of_another_version_is_refused(tmp_path: Path) -> None:
    RunDirectory.create(tmp_path / "run", INFO)
    content = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**content, "run_version": 99}))
    with pytest.raises(InputError, match="run version 99"):
        RunDirectory.open(tmp_path / "run")


def test_damaged_run_file_is_named(tmp_path: Path) -> None:
    RunDirectory.create(tmp_path / "run", INFO)
    (tmp_path / "run" / "run.json").write_text("{half")
    with pytest.raises(InputError, match=r"run\.json cannot be read"):
        RunDirectory.open(tmp_path / "run")


def test_unfinished_run_says_how_to_go_on(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path / "run", INFO)
    with pytest.raises(InputError, match="repeat its command"):
        run.require_finished()


def test_subjects_stay_text_in_tables(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path / "run", INFO)
    table = pd.DataFrame({"subject": ["006", "007"], "fold": ["006", "007"], "label": ["a", "b"]})
    run.write_table("predictions.csv", table)
    assert run.read_table("predictions.csv")["subject"].tolist() == ["006", "007"]
    assert [path.name for path in run.path.iterdir() if "partial" in path.name] == []
