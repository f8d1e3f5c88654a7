"""The benchmark of MA2MI from rendering to figures, on the smallest plan that has all parts."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from keras import ops

from ma2mi_recipes import ma2mi_benchmark
from ma2mi_recipes.commands.train import run_train
from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.fine_tuning.fold_trainer import FoldTrainer
from ma2mi_recipes.ma2mi_benchmark import (
    Plan,
    PredictionArchive,
    RenderedSet,
    Results,
    results_document,
    run_conditions,
    standard_conditions,
)
from ma2mi_recipes.ma2mi_benchmark.cells import CellFitter
from ma2mi_recipes.ma2mi_benchmark.compiled import CompiledClassifier
from ma2mi_recipes.ma2mi_benchmark.starts import Start
from ma2mi_recipes.networks import load_reconstructor
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import call, succeed
from tests.recipes.made_up_clips import made_up_clips

# What they share takes long to make: once, by one worker.
pytestmark = pytest.mark.xdist_group("ma2mi_benchmark")

PLAN = Plan(
    "tiny",
    macro=RenderedSet("macro", 2, 5, seed=1, style="plain", fps=10.0),
    micro=RenderedSet("micro", 3, 5, seed=2, style="plain", fps=20.0),
    methods=("scratch", "naive_transfer", "autoencoder", "ma2mi"),
    branches=("both",),
    fractions=(1.0,),
    seeds=(0,),
    size=32,
    epochs=1,
    pretraining_epochs=1,
    pairs_per_clip=2,
    transfer_epochs=1,
    baselines=False,
    pretraining_backend="jax",
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    out = tmp_path_factory.mktemp("ma2mi")
    return run_conditions(PLAN, standard_conditions(PLAN), out)


def test_reconstructions_may_have_another_backend(results: Results, backend: str) -> None:
    found = {
        RunDirectory.open(start.folder, "pretrain").info["backend"]: start.backend
        for start in results.starts
    }
    assert found == {backend: backend, "jax": "jax"}
    assert backend != "jax"


def test_every_method_predicts_every_clip_with_the_person_held_out(results: Results) -> None:
    document = results_document(results, resamples=20)
    assert [row["method"] for row in document["rows"]] == list(PLAN.methods)
    for condition in results.conditions:
        table = results.predictions(condition.label, 1.0)
        assert len(table) == table["clip_id"].nunique() == 15
        assert (table["fold"] == table["subject"]).all()
    assert {line["a"] for line in document["comparisons"]} == {
        "scratch, both",
        "naive_transfer, both",
        "autoencoder, both",
    }
    people = [start.facts()["clips"] for start in results.starts]
    assert people == [10, 10, 10]


def test_macro_labels_may_come_after_the_reconstruction(results: Results) -> None:
    ours = next(one for one in results.conditions if one.name == "ma2mi")
    # With steps of no length the classification keeps the weights that it began with.
    conditions = [
        replace(ours, name="idle", then_classify={"learning_rate": 0.0}),
        replace(ours, name="labels", then_classify={}),
    ]
    told: list[tuple[str, int, int]] = []
    chained = run_conditions(
        PLAN, conditions, results.cells[0].out, on_step=lambda *step: told.append(step)
    )
    # The reconstruction was there, and serves both.
    assert told.index(("pre-training", 1, 3)) < told.index(("pre-training", 3, 3))
    assert ("pre-training", 0, 3) not in told
    learnt, unmoved, moved = map(_action_weights, chained.starts)
    assert all(map(np.array_equal, unmoved, learnt))
    assert not any(map(np.array_equal, moved, learnt))
    for cell in chained.cells:
        assert cell.start is not None and cell.start.after is not None
        assert cell.start.after.folder == chained.starts[0].folder
        assert cell.predictions()["clip_id"].nunique() == 15


def _action_weights(start: Start) -> list[np.ndarray]:
    run = RunDirectory.open(start.folder, "pretrain")
    encoder = load_reconstructor(run).action_encoder
    return [np.array(ops.convert_to_numpy(value)) for value in encoder.trainable_variables]


def test_heat_maps_of_held_out_clips_are_scored_beside_what_needs_no_network(
    results: Results,
) -> None:
    figures = results_document(results, resamples=20)["heat_maps"]
    assert [row["condition"] for row in figures["rows"][::4]] == [
        f"{method}, both" for method in PLAN.methods
    ]
    assert {row["map"] for row in figures["rows"]} == {
        "response", "attention", "action_contribution", "contribution"
    }  # fmt: skip
    for cell in results.cells:
        table = cell.heat_maps()
        assert (table["fold"] == table["subject"]).all()
        assert len(table) == 4 * table["clip_id"].nunique() == 60
        # Every fold has a network of its own, and it is that which is explained.
        assert table.groupby("map")["mass"].nunique().min() > 10
    chance = next(row for row in figures["without_network"] if row["name"] == "chance")
    assert chance["pointing"]["value"] == pytest.approx(figures["area"])
    assert {(line["a"], line["b"]) for line in figures["comparisons"]} == {
        ("scratch, both", "ma2mi, both")
    }


def test_probes_take_up_the_pre_trainings_and_stand_beside_the_untrained_network(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setattr(ma2mi_benchmark, "QUICK_PLAN", PLAN)
    times = {start.folder: start.folder.stat().st_mtime_ns for start in results.starts}
    files = [tmp_path / name for name in ("probes.json", "probes.md")]
    succeed("benchmark", "probes", "--quick", "--out", results.cells[0].out, "--workers", 1,
            "--style", "plain", "--backend", backend, "--json", files[0], "--markdown", files[1],
            )  # fmt: skip
    assert {folder: folder.stat().st_mtime_ns for folder in times} == times
    document = json.loads(files[0].read_text())
    told = {(row["method"], row["features"]) for row in document["rows"]}
    assert {("no network", "motion"), ("untrained", "action map"), ("ma2mi", "action map"),
            ("autoencoder", "action map"), ("naive_transfer", "action map")} <= told  # fmt: skip
    assert all(np.isfinite(row["flow"]["value"]) for row in document["rows"])
    assert {line["a"] for line in document["comparisons"]} == {
        "no network", "untrained", "autoencoder", "naive_transfer"
    }  # fmt: skip
    assert "R2 of linear readings" in files[1].read_text()
    assert "Left out" in files[1].read_text()


def test_responses_of_a_pre_trained_and_an_untrained_network_are_drawn(
    results: Results, tmp_path: Path, backend: str
) -> None:
    ours = next(start for start in results.starts if "ma2mi" in start.condition)
    frames = next((results.cells[0].out / "clips").glob("macro-*/frames/s01/c01"))
    out = tmp_path / "responses"
    said = succeed("responses", frames, "--model", ours.folder, "--detector", "none", "--fps", 10,
                   "--most", 2, "--out", out, "--backend", backend)  # fmt: skip
    events = json.loads((out / "responses.json").read_text())
    assert 1 <= len(events) <= 2
    assert set(events[0]["agreement"]) == {"untrained", "seed-0"}
    assert (out / "responses.png").stat().st_size > 5000
    assert f"{len(events)} movements" in " ".join(said.split())


def test_a_network_that_serves_several_starts_gives_what_a_new_one_would(
    results: Results, tmp_path: Path
) -> None:
    columns = [f"probability_{name}" for name in results.classes]
    shared = {cell.condition: cell.predictions()[columns].to_numpy() for cell in results.cells}
    # Where encoders start matters.
    for name in ("naive_transfer, both", "ma2mi, both"):
        assert np.abs(shared[name] - shared["scratch, both"]).max() > 1e-4
    cell = results.cells[-1]
    assert cell.condition == "ma2mi, both"
    alone = replace(cell, out=tmp_path)
    CellFitter(CompiledClassifier()).fit(alone)
    np.testing.assert_allclose(
        alone.predictions()[columns].to_numpy(), shared[cell.condition], atol=2e-6
    )


def test_from_scratch_with_all_labels_is_what_the_training_command_gives(
    results: Results, tmp_path: Path
) -> None:
    cell = results.cells[0]
    run_train(cell.store, tmp_path / "run", cell.options, [cell.seed])
    theirs = RunDirectory(tmp_path / "run").read_table("predictions.csv")
    pd.testing.assert_frame_equal(theirs, cell.predictions(), atol=2e-6)


def test_the_command_goes_on_with_what_is_there_and_writes_its_files(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setattr(ma2mi_benchmark, "QUICK_PLAN", PLAN)
    times = {cell.path: cell.path.stat().st_mtime_ns for cell in results.cells}
    files = [tmp_path / name for name in ("all.json", "all.md", "curves.png")]
    said = succeed("benchmark", "ma2mi", "--quick", "--out", results.cells[0].out, "--workers", 1,
                   "--only", "scratch,ma2mi", "--no-baselines", "--style", "plain", "--backend",
                   backend, "--json", files[0], "--markdown", files[1], "--picture", files[2],
                   )  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in times} == times
    document = json.loads(files[0].read_text())
    assert [row["method"] for row in document["rows"]] == ["scratch", "ma2mi"]
    assert "from scratch" in said
    assert "| MA2MI, both | from scratch, both | 100 % |" in files[1].read_text()
    assert files[2].stat().st_size > 5000


def test_figures_of_an_archive_are_made_without_any_network(
    results: Results, tmp_path: Path
) -> None:
    archive = PredictionArchive(tmp_path / "predictions.zip")
    conditions = standard_conditions(PLAN)
    run_conditions(PLAN, conditions, results.cells[0].out, archive=archive)
    again = run_conditions(PLAN, conditions, tmp_path / "elsewhere", archive=archive)
    assert not list((tmp_path / "elsewhere").rglob("*.keras"))
    assert not list((tmp_path / "elsewhere" / "clips").glob("macro-*"))
    documents = [results_document(one, resamples=20) for one in (results, again)]
    assert documents[0] == documents[1]
    # A share that the archive does not have needs what was pre-trained.
    more = replace(PLAN, methods=("ma2mi",), fractions=(0.5,))
    run_conditions(more, standard_conditions(more), tmp_path / "elsewhere", archive=archive)
    assert len(list((tmp_path / "elsewhere").rglob("*.keras"))) == 1


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--only", "magic", "there is no method magic; choose of scratch, naive_transfer"),
        ("--branches", "both,left", "there is no branches left"),
        ("--fractions", "0,1", "must be above 0 and at most 1"),
        ("--fractions", "half", "--fractions must be such as 0.25,1"),
        ("--seeds", "1,1", "must be different numbers"),
        ("--style", "cubist", "there is no rendering style cubist"),
        ("--only", "ma2mi,ma2mi", "something is named twice"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(
    option: str, value: str, said: str, backend: str
) -> None:
    result = call("benchmark", "ma2mi", option, value, "--backend", backend)
    assert result.exit_code != 0
    assert said in " ".join(result.output.split())


def test_a_compiled_network_refuses_options_that_it_is_not_compiled_for() -> None:
    options = TrainOptions(branches="action", epochs=1)
    trainer = FoldTrainer(made_up_clips(subjects=2, size=28), options, seed=0)
    with pytest.raises(ValueError, match="differ in start, length and rates alone"):
        trainer.start_from(replace(options, label_smoothing=0.2), seed=0)
