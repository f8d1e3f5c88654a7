import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.batches import PairBatches
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, call, succeed

# The chain takes long to make where a backend compiles: one worker of pytest makes it for them all.
pytestmark = pytest.mark.xdist_group("chain")


def test_every_labelled_clip_is_predicted_once_by_a_model_that_left_it_out(chain: Chain) -> None:
    predictions = RunDirectory.open(chain.run).read_table("predictions.csv")
    manifest = pd.read_csv(chain.clips / "micro" / "manifest.csv")
    assert sorted(predictions["clip_id"]) == sorted(manifest["clip_id"])
    assert (predictions["fold"] == predictions["subject"]).all()
    assert predictions["subject"].nunique() == 3


def test_probabilities_are_distributions_over_the_class_set(chain: Chain) -> None:
    run = RunDirectory.open(chain.run)
    predictions, classes = run.read_table("predictions.csv"), run.info["classes"]
    columns = [f"probability_{name}" for name in classes]
    np.testing.assert_allclose(predictions[columns].sum(axis=1), 1, atol=1e-4)
    best = [classes[place] for place in predictions[columns].to_numpy().argmax(axis=1)]
    assert best == predictions["prediction"].tolist()


def test_pairs_of_an_autoencoder_have_the_frame_as_their_future(chain: Chain) -> None:
    store = open_store(chain.macro_store)
    (moving,), (still,) = (
        PairBatches(store, "flow", 8, 0, still=still)[0] for still in (False, True)
    )
    np.testing.assert_array_equal(still["future"], still["frame"])
    np.testing.assert_array_equal(still["frame"], moving["frame"])
    np.testing.assert_array_equal(still["motion"], moving["motion"])
    assert np.abs(moving["future"] - moving["frame"]).max() > 0.01


def test_run_says_what_it_was(chain: Chain, backend: str) -> None:
    info = RunDirectory.open(chain.run, "train").info
    assert info["backend"] == backend
    assert info["protocol"] == "leave-one-subject-out"
    assert info["select"] == "last"
    assert info["rendered"] is True
    assert len(info["clip_list_hash"]) >= 8


def test_the_classifier_has_the_network_of_its_pretraining(chain: Chain) -> None:
    pretraining = RunDirectory.open(chain.pretrained, "pretrain").info["options"]
    training = RunDirectory.open(chain.run, "train").info["options"]
    assert "code_units=48" in pretraining["network"]
    assert {"head=code", "code_units=48"} <= set(training["network"])


def test_metrics_and_report_stand_in_the_run(chain: Chain) -> None:
    metrics = json.loads((chain.run / "metrics.json").read_text())
    assert 0 <= metrics["pooled"]["uf1"]["value"] <= 1
    report = (chain.run / "report.html").read_text()
    assert "rendered" in report
    assert "http://" not in report.replace("http://www.w3.org", "")
    assert 'src="http' not in report


def test_saved_model_loads_after_a_bare_import(chain: Chain) -> None:
    import keras_ma2mi  # noqa: F401

    model = keras.saving.load_model(chain.run / "model.keras", compile=False)
    classes = RunDirectory.open(chain.run).info["classes"]
    assert model.output_shape == (None, len(classes))


def test_repeating_a_finished_run_changes_nothing(chain: Chain, backend: str) -> None:
    before = (chain.run / "predictions.csv").read_bytes()
    text = succeed("train", chain.micro_store, chain.run, "--pretrained", chain.pretrained,
                   "--epochs", 2, "--batch-size", 4, "--backend", backend)  # fmt: skip
    assert "finished already" in text
    assert (chain.run / "predictions.csv").read_bytes() == before


def test_pretraining_reports_collapse_and_shortcut_diagnostics(chain: Chain) -> None:
    history = RunDirectory.open(chain.pretrained).read_table("history.csv")
    assert history["epoch"].tolist() == [1, 2]
    assert {"loss", "latent_variance", "motion_gain"} <= set(history)
    assert np.isfinite(history.to_numpy(float)).all()


def test_interrupted_pretraining_goes_on_at_its_epoch(
    chain: Chain, tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ma2mi_recipes.epoch_history import EpochHistory

    # As the chain pre-trained without a stop.
    command = ("pretrain", chain.macro_store, tmp_path / "run", "--epochs", 2,
               "--batch-size", 8, "--backend", backend)  # fmt: skip
    end = EpochHistory.on_epoch_end

    def stop_in_second(self, epoch, logs=None):  # type: ignore[no-untyped-def]
        if epoch == 1:
            raise KeyboardInterrupt
        end(self, epoch, logs)

    monkeypatch.setattr(EpochHistory, "on_epoch_end", stop_in_second)
    assert call(*command).exit_code == 130
    monkeypatch.setattr(EpochHistory, "on_epoch_end", end)
    succeed(*command)
    whole, stopped = (
        RunDirectory.open(run).read_table("history.csv")
        for run in (chain.pretrained, tmp_path / "run")
    )
    assert stopped["epoch"].tolist() == [1, 2]
    np.testing.assert_allclose(whole["loss"], stopped["loss"], rtol=2e-2)


def test_runs_are_compared_by_a_paired_test(chain: Chain, tmp_path: Path, backend: str) -> None:
    succeed("train", chain.micro_store, tmp_path / "scratch", "--epochs", 1, "--batch-size", 4,
            "--branches", "action", "--backend", backend)  # fmt: skip
    text = succeed("evaluate", chain.run, tmp_path / "scratch", "--report", tmp_path / "r.html",
                   "--backend", backend)  # fmt: skip
    assert "scratch" in text
    report = (tmp_path / "r.html").read_text()
    assert "permutation" in report


def test_heat_maps_are_drawn_for_held_out_clips(chain: Chain) -> None:
    succeed("explain", chain.run, "--most", 2)
    assert len(list((chain.run / "heat_maps").glob("*.png"))) == 2


def test_prediction_of_a_clip_finds_movement_and_writes_its_figures(
    chain: Chain, tmp_path: Path, backend: str
) -> None:
    manifest = pd.read_csv(chain.clips / "micro" / "manifest.csv")
    clip = chain.clips / "micro" / manifest["source"][0]
    text = succeed("predict", clip, "--model", chain.run, "--out", tmp_path, "--detector", "none",
                   "--backend", backend)  # fmt: skip
    assert "rendered" in text
    found = json.loads((tmp_path / "prediction.json").read_text())
    keys = found["key_frames"]
    assert keys["onset"] <= keys["apex"] <= keys["offset"]
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert (tmp_path / "prediction.png").stat().st_size > 10_000


def test_folder_of_videos_is_indexed_and_preprocessed(chain: Chain, tmp_path: Path) -> None:
    text = succeed("index", "videos", chain.clips / "micro" / "frames", tmp_path / "clips.csv")
    assert "12 clips" in text
    table = pd.read_csv(tmp_path / "clips.csv")
    assert table["source"].notna().all()
