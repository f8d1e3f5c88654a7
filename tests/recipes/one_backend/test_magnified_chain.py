"""A model that learnt from magnified frames gets magnified frames to classify, or says no."""

import json
from pathlib import Path

from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, call, succeed


def test_prediction_magnifies_as_the_training_clips_were(
    chain: Chain, tmp_path: Path, backend: str
) -> None:
    store, run = tmp_path / "store", tmp_path / "run"
    succeed("preprocess", chain.clips / "micro" / "manifest.csv", store, "--size", 32,
            "--workers", 1, "--detector", "none", "--magnify", 3)  # fmt: skip
    succeed("train", store, run, "--epochs", 1, "--backend", backend)
    assert RunDirectory.open(run).info["magnification"] == {"factor": 3.0, "method": "phase"}
    clip = next((chain.clips / "micro" / "frames").glob("*/*"))
    model = ("--model", run, "--backend", backend)
    succeed("predict", clip, *model, "--out", tmp_path / "out", "--detector", "none")
    notes = json.loads((tmp_path / "out" / "prediction.json").read_text())["notes"]
    assert any("magnified 3 times" in note for note in notes)
    refused = call("predict", chain.micro_store, *model, "--out", tmp_path / "no")
    assert refused.exit_code != 0
    assert "trained on frames magnified 3 times" in " ".join(refused.output.split())
    succeed("predict", store, *model, "--out", tmp_path / "yes")


def test_magnification_benchmark_writes_its_figures(tmp_path: Path) -> None:
    from ma2mi_preprocessing.benchmarks.magnification import magnification_document
    from ma2mi_recipes.magnification_tables import magnification_markdown

    document = magnification_document(faces=1, amplitudes=(0.5,), noises=(0.0, 1.0), factors=(2.0,))
    rows = {(row["method"], row["noise"]): row for row in document["rows"]}
    assert len(rows) == 6
    assert 1 < rows["phase", 0.0]["amplified"] <= 2.1
    assert rows["scaled flow", 0.0]["still_change"] is None
    text = magnification_markdown({"command": "keras-ma2mi benchmark magnification", **document})
    assert text.count("\n**") == 5
    assert f"{rows['phase', 1.0]['amplified']:.2f}" in text
