"""A training that is cut off, and one that meets another."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from ma2mi_preprocessing.store_lock import run_lock, running
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, call, succeed


def test_interrupted_training_goes_on_at_its_fold_with_the_same_result(
    chain: Chain, tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ma2mi_recipes.fine_tuning import fold_runner

    command = ("train", chain.micro_store, tmp_path / "run", "--epochs", 2, "--batch-size", 4,
               "--backend", backend)  # fmt: skip
    succeed(*command[:2], tmp_path / "whole", *command[3:])
    keep = fold_runner.keep_fold
    kept: list[str] = []

    def stop_after_one(run, clips, result):  # type: ignore[no-untyped-def]
        if kept:
            raise KeyboardInterrupt
        kept.append(result.fold.name)
        return keep(run, clips, result)

    monkeypatch.setattr(fold_runner, "keep_fold", stop_after_one)
    stopped = call(*command)
    assert stopped.exit_code == 130
    assert "goes on from there" in stopped.output
    monkeypatch.setattr(fold_runner, "keep_fold", keep)
    succeed(*command)
    whole, resumed = (
        RunDirectory.open(tmp_path / name).read_table("predictions.csv")
        for name in ("whole", "run")
    )
    columns = [name for name in whole if name.startswith("probability_")]
    assert whole["clip_id"].tolist() == resumed["clip_id"].tolist()
    np.testing.assert_allclose(whole[columns], resumed[columns], atol=2e-4)


def test_a_second_training_into_a_run_directory_is_refused(chain: Chain, backend: str) -> None:
    with run_lock(chain.run, "run directory"):
        refused = call("train", chain.micro_store, chain.run, "--pretrained", chain.pretrained,
                       "--epochs", 2, "--batch-size", 4, "--backend", backend)  # fmt: skip
    assert refused.exit_code == 2
    assert "is being written to by another run" in " ".join(refused.output.split())
    assert "give another run directory" in " ".join(refused.output.split())


def test_nobody_else_writes_to_a_run_while_its_baselines_are_fitted(
    chain: Chain, tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ma2mi_recipes.baselines import stage

    run = tmp_path / "run"
    shutil.copytree(chain.run, run)
    shutil.rmtree(run / "baselines")
    fit, held = stage.train_baseline, []

    def watched(folder, plan, model, *more):  # type: ignore[no-untyped-def]
        held.append((model, running(run) is not None))
        return fit(folder, plan, model, *more)

    monkeypatch.setattr(stage, "train_baseline", watched)
    succeed("train", chain.micro_store, run, "--pretrained", chain.pretrained, "--epochs", 2,
            "--batch-size", 4, "--backend", backend)  # fmt: skip
    assert held == [("majority", True), ("linear_svm", True), ("rbf_svm", True)]
    held.clear()
    succeed("baselines", chain.micro_store, run, "--only", "majority", "--backend", backend)
    assert held == [("majority", True)]
    assert running(run) is None


def test_baselines_of_a_run_that_is_being_written_to_are_refused(
    chain: Chain, backend: str
) -> None:
    with run_lock(chain.run, "run directory"):
        refused = call("baselines", chain.micro_store, chain.run, "--backend", backend)
    assert refused.exit_code == 2
    assert "is being written to by another run" in " ".join(refused.output.split())
    assert not (chain.run / "baselines" / "three_stream_cnn").exists()
