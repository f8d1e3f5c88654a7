"""From flow fields that nobody filmed to the emotions of clips that nobody trained on."""

import json
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from ma2mi_recipes import unit_pretraining
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, call, succeed

# What they share takes long to make: once, by one worker.
pytestmark = pytest.mark.xdist_group("unit_pretraining")

SMALL = ("--samples", 96, "--epochs", 2, "--batch-size", 16)


@pytest.fixture(scope="module", autouse=True)
def few_are_checked() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit_pretraining, "CHECKED", 256)
        yield


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory, backend: str) -> Path:
    run = tmp_path_factory.mktemp("units") / "units"
    succeed("pretrain-units", run, *SMALL, "--crop", "aligned", "--backend", backend)
    return run


@pytest.fixture(scope="module")
def small_store(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("stores") / "small.store"
    succeed("preprocess", chain.clips / "micro" / "manifest.csv", store, "--size", 28,
            "--workers", 1, "--detector", "none")  # fmt: skip
    return store


def test_run_says_what_it_is(units: Path) -> None:
    run = RunDirectory.open(units, "pretrain")
    run.require_finished()
    table = run.read_table("units.csv")
    assert table["unit"].tolist() == run.info["classes"]
    assert len(table) >= 15
    assert set(run.read_json("metrics.json")) >= {"loss", "mean_auc", "mean_f1"}
    assert len(run.read_table("history.csv")) == 2


def test_interrupted_training_goes_on_with_the_same_result(
    units: Path, tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("pretrain-units", tmp_path / "run", *SMALL, "--crop", "aligned",
               "--backend", backend)  # fmt: skip
    drawn: list[int] = []
    sample = unit_pretraining.sample_flow_fields

    def stop_in_second_epoch(*arguments: object) -> object:
        drawn.append(1)
        if len(drawn) > 5:
            raise KeyboardInterrupt
        return sample(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(unit_pretraining, "sample_flow_fields", stop_in_second_epoch)
    assert call(*command).exit_code == 130
    monkeypatch.setattr(unit_pretraining, "sample_flow_fields", sample)
    succeed(*command)
    whole, resumed = (RunDirectory.open(path) for path in (units, tmp_path / "run"))
    columns = ["epoch", "loss", "accuracy"]
    np.testing.assert_allclose(
        whole.read_table("history.csv")[columns],
        resumed.read_table("history.csv")[columns],
        rtol=1e-3,
    )


def test_fine_tuning_starts_from_its_encoder(
    units: Path, small_store: Path, tmp_path: Path, backend: str
) -> None:
    succeed("train", small_store, tmp_path / "run", "--pretrained", units, "--epochs", 1,
            "--motion-scaling", "minmax", "--freeze", "encoders", "--no-baselines",
            "--backend", backend)  # fmt: skip
    theirs, ours = (
        keras.saving.load_model(path / "model.keras", compile=False).action_encoder
        for path in (units, tmp_path / "run")
    )
    kernels = [
        [keras.ops.convert_to_numpy(layer.kernel) for layer in encoder.stem]
        for encoder in (theirs, ours)
    ]
    for before, after in zip(*kernels, strict=True):
        np.testing.assert_array_equal(before, after)


def test_labelled_clips_are_scored_without_training(
    units: Path, chain: Chain, backend: str
) -> None:
    classes = "bad=anger+disgust+sadness,good=happiness,surprise"
    report = succeed("evaluate", chain.micro_store, "--zero-shot", units, "--class-set", classes,
                     "--backend", backend)  # fmt: skip
    assert "is zero-shot" in " ".join(report.split())
    folder = next((units / "zero_shot").iterdir())
    run = RunDirectory.open(folder, "train")
    table = run.read_table("predictions.csv")
    assert run.info["zero_shot"] == str(units)
    assert table["zero_shot"].all()
    assert len(table) == 12
    probabilities = table[[f"probability_{name}" for name in ("bad", "good", "surprise")]]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    assert json.loads((folder / "metrics.json").read_text())["pooled"]["n_clips"] == 12


def test_prediction_gives_units_or_emotions(
    units: Path, chain: Chain, tmp_path: Path, backend: str
) -> None:
    plain = ("predict", chain.micro_store, "--model", units, "--backend", backend)
    succeed(*plain, "--out", tmp_path / "units")
    succeed(*plain, "--out", tmp_path / "emotions", "--zero-shot", "3")
    of_units, of_emotions = (
        json.loads((tmp_path / name / "prediction.json").read_text())
        for name in ("units", "emotions")
    )
    assert "AU12" in of_units["classes"]
    assert of_emotions["classes"] == ["negative", "positive", "surprise"]
    assert any("Zero-shot" in note for note in of_emotions["notes"])


def test_what_cannot_be_is_one_line(units: Path, chain: Chain, backend: str) -> None:
    no_units = call("predict", chain.micro_store, "--model", chain.pretrained, "--zero-shot", "3",
                    "--backend", backend)  # fmt: skip
    assert no_units.exit_code == 2
    assert "is no run of `pretrain-units`" in " ".join(no_units.output.split())
    no_emotions = call("predict", chain.micro_store, "--model", units, "--zero-shot", "a=x,b=y",
                       "--backend", backend)  # fmt: skip
    assert no_emotions.exit_code == 2
    assert "fewer than two stand for emotions" in " ".join(no_emotions.output.split())
    no_store = call("evaluate", chain.run, "--zero-shot", units, "--backend", backend)
    assert no_store.exit_code == 2
    assert "give a store among RUNS" in " ".join(no_store.output.split())
