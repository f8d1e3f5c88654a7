"""Experiments from rendering to figures, on the smallest plan that has all parts."""

import json
from pathlib import Path

import numpy as np
import pytest

from ma2mi_recipes import ma2mi_benchmark
from ma2mi_recipes.ma2mi_benchmark import (
    ExperimentResults,
    Plan,
    PredictionArchive,
    RenderedSet,
    chosen_experiments,
    experiments_document,
    run_experiments,
)
from tests.recipes.conftest import call, succeed

PLAN = Plan(
    "tiny",
    macro=RenderedSet("macro", 2, 5, seed=1, style="plain", fps=10.0),
    micro=RenderedSet("micro", 3, 5, seed=2, style="plain", fps=20.0),
    fractions=(1.0,),
    seeds=(100,),
    size=32,
    pairs_per_clip=2,
    transfer_epochs=1,
)
NAMES = ("untrained", "macro-labels", "code-of-places", "half-of-people", "difference")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> ExperimentResults:
    return run_experiments(PLAN, chosen_experiments(NAMES), tmp_path_factory.mktemp("tried"))


def test_each_experiment_is_probed_and_compared_with_the_reference(
    results: ExperimentResults,
) -> None:
    document = experiments_document(results, resamples=20)
    features = {row["experiment"]: row["features"] for row in document["rows"]}
    assert set(features) == {"reference", *NAMES}
    assert features["reference"] == features["untrained"] == "code of 48"
    assert features["code-of-places"].startswith("action map, ")
    assert features["macro-labels"].startswith("layer before the classes, ")
    assert {line["experiment"] for line in document["comparisons"]} == set(NAMES)
    clips = {row["condition"]: row["clips"] for row in document["pretraining"]}
    assert clips == {"reference": 10, "macro-labels": 10, "code-of-places": 10,
                     "half-of-people": 5, "difference": 10}  # fmt: skip


def test_what_was_learnt_makes_a_difference(results: ExperimentResults) -> None:
    columns = [f"probability_{name}" for name in results.classes]
    said = {one.experiment: one.predictions(1.0)[columns].to_numpy() for one in results.probes}
    for name in NAMES:
        assert np.abs(said[name] - said["reference"]).max() > 1e-3


def test_figures_of_an_archive_are_made_without_any_network(
    results: ExperimentResults, tmp_path: Path
) -> None:
    archive = PredictionArchive(tmp_path / "predictions.zip")
    chosen = chosen_experiments(NAMES)
    run_experiments(PLAN, chosen, results.probes[0].out, archive=archive)
    again = run_experiments(PLAN, chosen, tmp_path / "elsewhere", archive=archive)
    assert not list((tmp_path / "elsewhere").rglob("*.keras"))
    assert not list((tmp_path / "elsewhere" / "clips").glob("macro-*"))
    documents = [experiments_document(one, resamples=20) for one in (results, again)]
    assert documents[0] == documents[1]


def test_the_command_goes_on_with_what_is_there_and_writes_its_files(
    results: ExperimentResults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setattr(ma2mi_benchmark, "experiments_plan", lambda quick: PLAN)
    out = results.probes[0].out
    kept = [*out.glob("probes/*/*"), *out.glob("pretrained/*/*/run.json")]
    times = {path: path.stat().st_mtime_ns for path in kept}
    files = [tmp_path / name for name in ("all.json", "all.md")]
    succeed("benchmark", "experiments", "--out", out, "--workers", 1, "--only",
            "untrained,difference", "--backend", backend, "--json", files[0], "--markdown",
            files[1])  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in times} == times
    document = json.loads(files[0].read_text())
    named = [row["experiment"] for row in document["rows"]]
    assert named == ["reference", "untrained", "difference"]
    assert "| difference | motion=difference | code of 48 |" in files[1].read_text()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--only", "magic", "there is no experiment magic"),
        ("--seeds", "0", "one of the reported figures"),
        ("--fractions", "2", "must be above 0 and at most 1"),
    ],
)
def test_what_cannot_be_tried_is_said_in_one_line(
    option: str, value: str, said: str, tmp_path: Path, backend: str
) -> None:
    result = call(
        "benchmark", "experiments", "--out", tmp_path, option, value, "--backend", backend
    )
    assert result.exit_code != 0
    assert said in " ".join(result.output.split())
