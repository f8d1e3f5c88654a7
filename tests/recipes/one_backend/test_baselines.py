"""Baselines beside a run, by command, on the backend at hand."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from keras_ma2mi.evaluation import leave_one_subject_out
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions, build_classifier
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, call, succeed
from tests.recipes.made_up_clips import made_up_clips

WHO = ["clip_id", "subject", "label", "fold", "seed"]


def _table(run: Path) -> pd.DataFrame:
    return RunDirectory.open(run, "train").read_table("predictions.csv")


def test_training_leaves_baselines_on_the_very_same_folds(chain: Chain) -> None:
    ours = _table(chain.run)
    found = sorted(path.name for path in (chain.run / "baselines").iterdir())
    assert found == ["linear_svm", "majority", "rbf_svm"]
    for name in found:
        run = RunDirectory.open(chain.run / "baselines" / name, "train")
        assert run.finished and run.info["model"] == name
        assert run.info["clip_list_hash"] == RunDirectory.open(chain.run).info["clip_list_hash"]
        pd.testing.assert_frame_equal(_table(run.path)[WHO], ours[WHO])


def test_one_command_adds_the_missing_baseline_and_repeats_nothing(
    chain: Chain, tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ma2mi_recipes.baselines.choice as choice

    monkeypatch.setitem(choice.NETWORK_SCHEDULE, "epochs", 2)
    run = tmp_path / "run"
    shutil.copytree(chain.run, run)
    before = (run / "baselines" / "rbf_svm" / "run.json").read_bytes()
    told = succeed("baselines", chain.micro_store, run, "--backend", backend)
    assert "12 clips of 3 subjects, 3 folds" in told and "three_stream" in told
    assert (run / "baselines" / "rbf_svm" / "run.json").read_bytes() == before
    network = run / "baselines" / "three_stream_cnn"
    pd.testing.assert_frame_equal(_table(network)[WHO], _table(run)[WHO])
    assert (network / "model.keras").is_file() and (network / "metrics.json").is_file()
    again = succeed("baselines", chain.micro_store, run, "--backend", backend)
    assert "12 clips of 3 subjects" in again and "epoch/s" not in again


def test_without_a_run_baselines_stand_alone(chain: Chain, tmp_path: Path, backend: str) -> None:
    store, out = chain.micro_store, tmp_path / "alone"
    options = ("--only", "majority,linear_svm", "--split", "k-fold:2", "--backend", backend)
    succeed("baselines", store, out, *options)
    assert set(_table(out / "baselines" / "linear_svm")["fold"]) == {"fold-1", "fold-2"}
    assert "linear_svm" in (out / "report.html").read_text(encoding="utf-8")


def test_a_baseline_can_be_the_model_of_a_run(chain: Chain, tmp_path: Path, backend: str) -> None:
    succeed("train", chain.micro_store, tmp_path / "run", "--model", "linear_svm",
            "--backend", backend)  # fmt: skip
    assert not (tmp_path / "run" / "baselines").exists()
    beside = _table(chain.run / "baselines" / "linear_svm")
    pd.testing.assert_frame_equal(_table(tmp_path / "run"), beside)
    done = call("predict", chain.clips, "--model", tmp_path / "run", "--backend", backend)
    assert done.exit_code == 2 and "is a run of linear_svm, which is no network" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--only", "oracle"), "there is no baseline oracle; choose from majority"),
        (("--seeds", "-1"), "--seeds must be different numbers from 0 up"),
        (("--split", "k-fold:9"), "need at least 9 subjects; there are 3"),
    ],
)
def test_wrong_options_are_one_line(
    arguments: tuple[str, ...], message: str, chain: Chain, tmp_path: Path, backend: str
) -> None:
    done = call("baselines", chain.micro_store, tmp_path / "new", *arguments, "--backend", backend)
    assert done.exit_code == 2
    assert message in done.output
    assert len(done.output.strip().splitlines()) == 1 and not (tmp_path / "new").exists()


def test_another_store_is_refused(chain: Chain, backend: str) -> None:
    done = call("baselines", chain.macro_store, chain.run, "--backend", backend)
    assert done.exit_code == 2
    assert "give the store that it was trained on" in done.output


def test_the_three_stream_network_learns_and_forgets_between_folds() -> None:
    clips = made_up_clips(subjects=3, size=20)
    options = TrainOptions(model="three_stream_cnn", epochs=6, batch_size=8, learning_rate=0.01)
    network = build_classifier(clips, options, seed=1)
    first, second, _ = leave_one_subject_out(clips.subjects)
    rows = TrainingRows(clips, second)
    history = network.fit(rows, 7).history
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    answers = network.predict(clips, second.test)
    network.fit(TrainingRows(clips, first), 8, epochs=1)
    network.fit(rows, 7)
    np.testing.assert_allclose(network.predict(clips, second.test), answers, atol=1e-5)
    assert network.heat_maps(clips, second.test).shape == (len(second.test), 5, 5)
