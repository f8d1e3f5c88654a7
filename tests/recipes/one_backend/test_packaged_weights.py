"""Weights of the package where a run could be: to predict with, and to start from."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_ma2mi.models import WEIGHTS, MIACNet
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.networks import build_network, class_probabilities, load_classifier, start_from
from ma2mi_recipes.packaged_runs import start_run, weights_run
from ma2mi_recipes.pretrained_check import check_pretrained
from ma2mi_recipes.rendered_people import people_named
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.shifted_clips import render_pairs, shifted_clips
from ma2mi_recipes.started_network import fitted_to_start
from ma2mi_recipes.zero_shot_model import answers_of, packaged_model
from tests.recipes.conftest import call, succeed

# What they share takes long to make: once, by one worker.
pytestmark = pytest.mark.xdist_group("packaged_weights")

TINY, UNITS = "miacnet_tiny_rendered", "miacnet_motion28_rendered"
UNSEEN_SEED = 911


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Preprocessed micro clips of people whom no weights saw."""
    folder = tmp_path_factory.mktemp("unseen")
    succeed("synthesize", "micro", folder / "clips", "--subjects", 3, "--clips-per-subject", 5,
            "--size", 128, "--seed", UNSEEN_SEED)  # fmt: skip
    store = folder / "unseen.store"
    succeed("preprocess", folder / "clips" / "manifest.csv", store, "--size", 64, "--workers", 1)
    return store


@pytest.fixture(scope="module")
def unseen_clips(unseen: Path) -> LabelledClips:
    return load_labelled_clips(open_store(unseen), "flow")


def share_right(said: np.ndarray, clips: LabelledClips) -> float:
    return float((said.argmax(axis=1) == clips.labels).mean())


def test_emotions_of_unseen_people_are_told_far_above_chance(unseen_clips: LabelledClips) -> None:
    run = weights_run(TINY)
    network = load_classifier(run)
    assert run.info["classes"] == unseen_clips.classes
    batch = {"onset": unseen_clips.onset / np.float32(255), "motion": unseen_clips.motion}
    said = class_probabilities(network, batch, len(unseen_clips))
    # One in five by chance: guesses get 10 of 15 right in 1 of 10,000 tries.
    assert share_right(said, unseen_clips) >= 10 / 15


def test_zero_shot_emotions_of_unseen_people_are_told_far_above_chance() -> None:
    clips = shifted_clips(
        render_pairs("plain", 2, 5, UNSEEN_SEED),
        crop="aligned", flow_at="crop", scaling="minmax", seed=0,
    )  # fmt: skip
    run = packaged_model(UNITS, "emotions")
    said = answers_of(load_classifier(run), run.info, {"motion": clips.motion}, len(clips))
    names = run.info["classes"]
    known = [names.index(name) for name in clips.classes]
    # Guesses get 6 of 10 right in 6 of 1000 tries.
    assert share_right(said[:, known], clips) >= 0.6


def test_prediction_without_a_run_says_whose_answers_these_are(
    unseen: Path, tmp_path: Path, backend: str
) -> None:
    text = succeed("predict", unseen, "--out", tmp_path, "--backend", backend)
    found = json.loads((tmp_path / "prediction.json").read_text())
    assert found["model"] == UNITS
    assert found["classes"] == ["negative", "positive", "surprise"]
    for said in (" ".join(text.split()), " ".join(found["notes"])):
        assert "never trained on people" in said and UNITS in said


def test_predictions_of_named_weights(unseen: Path, tmp_path: Path, backend: str) -> None:
    succeed("predict", unseen, "--weights", TINY, "--out", tmp_path, "--backend", backend)
    found = json.loads((tmp_path / "prediction.json").read_text())
    assert (found["model"], len(found["classes"])) == (TINY, 5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--weights", "resnet"), "there are no packaged weights resnet; there are miacnet_tiny"),
        (("--weights", TINY, "--model", "run"), "are two models; give one"),
        (("--weights", TINY, "--zero-shot", "3"), f"{TINY} is no run of `pretrain-units`"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    unseen: Path, options: tuple[str, ...], said: str, backend: str
) -> None:
    refused = call("predict", unseen, *options, "--backend", backend)
    assert refused.exit_code == 2
    assert said in " ".join(refused.output.split())


def test_fine_tuning_starts_from_them_by_name(unseen: Path, tmp_path: Path, backend: str) -> None:
    command = ("train", unseen, tmp_path / "run", "--epochs", 1, "--freeze", "encoders",
               "--no-baselines", "--backend", backend, "--pretrained", TINY)  # fmt: skip
    text = succeed(*command)
    assert "never trained on people" in " ".join(text.split())
    run = RunDirectory.open(tmp_path / "run")
    assert run.info["options"]["pretrained"] == TINY
    assert run.info["pretrained_weights"] == start_run(TINY).info["weights_sha256"]
    assert "never trained on people" in (run.path / "report.html").read_text()
    ours = keras.saving.load_model(run.model_path, compile=False)
    theirs = MIACNet.from_preset(TINY, num_classes=5)
    for encoder in ("action_encoder", "position_encoder"):
        trained = {variable.path for variable in getattr(theirs, encoder).trainable_variables}
        assert trained
        for a, b in zip(
            getattr(ours, encoder).weights, getattr(theirs, encoder).weights, strict=True
        ):
            if b.path in trained:
                np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (a, b)))


@pytest.mark.parametrize(("name", "size"), [(TINY, 64), (UNITS, 28)])
def test_all_pretrained_layers_are_copied(name: str, size: int) -> None:
    run = start_run(name)
    options, theirs = run.info["options"], load_classifier(run)
    # As `train --pretrained` builds it.
    fitted = fitted_to_start(TrainOptions(branches=theirs.branches), run.info)
    network = build_network(
        None, size, "flow", 4, branches=theirs.branches, scaling=options["motion_scaling"],
        network=fitted.network or (f"head={theirs.head}",),
    )  # fmt: skip
    start_from(network, run)
    layers = run.info["pretrained_layers"]
    assert "action_encoder" in layers
    for layer in layers:
        for a, b in zip(
            network.get_layer(layer).get_weights(), theirs.get_layer(layer).get_weights(),
            strict=True,
        ):  # fmt: skip
            np.testing.assert_array_equal(a, b)


def test_larger_clips_are_averaged_down_to_what_the_start_saw(
    unseen: Path, tmp_path: Path, backend: str
) -> None:
    command = ("train", unseen, tmp_path / "run", "--pretrained", UNITS, "--epochs", 1,
               "--no-baselines", "--motion-scaling", "minmax", "--backend", backend)  # fmt: skip
    succeed(*command)
    options = RunDirectory.open(tmp_path / "run", "train").info["options"]
    assert options["input_size"] == 28
    refused = call(*command[:2], tmp_path / "other", *command[3:], "--input-size", 56)
    assert refused.exit_code == 2
    assert f"{UNITS} does not fit the network" in " ".join(refused.output.split())


def test_people_whom_the_weights_saw_are_refused(tmp_path: Path) -> None:
    seen = start_run(TINY).info["rendered_people"][0]
    options = TrainOptions()
    for seed, leaks in ((seen["seed"], True), (UNSEEN_SEED, False)):
        folder = tmp_path / str(seed)
        succeed("synthesize", seen["kind"], folder / "clips", "--subjects", 2,
                "--clips-per-subject", 2, "--size", 64, "--seed", seed)  # fmt: skip
        store = folder / "macro.store"
        succeed("preprocess", folder / "clips" / "manifest.csv", store, "--size", 64, "--workers",
                1, "--detector", "none", "--pairs", "key")  # fmt: skip
        clips = load_labelled_clips(open_store(store), "flow")
        if leaks:
            with pytest.raises(InputError, match="was pre-trained on 2 of the subjects"):
                check_pretrained(TINY, clips, options)
            (folder / "clips" / "synthesis.json").unlink()
            assert len(check_pretrained(TINY, clips, options)) == 2
        else:
            assert check_pretrained(TINY, clips, options) == []
            assert check_pretrained(TINY, replace(clips, store=""), options) == []


def test_the_demo_shows_nobody_whom_the_weights_saw() -> None:
    from ma2mi_recipes.demonstration import MICRO_SUBJECTS
    from ma2mi_recipes.demonstration import WEIGHTS as demo_weights

    assert demo_weights in WEIGHTS
    demo_people = people_named([{"kind": "micro", "seed": 0, "subjects": MICRO_SUBJECTS}])
    for run in (start_run(demo_weights), weights_run(demo_weights)):
        people = people_named(run.info["rendered_people"])
        assert people and not people & demo_people


@pytest.mark.parametrize("name", WEIGHTS)
def test_card_is_that_of_the_facts_and_stands_in_the_docs(name: str) -> None:
    from ma2mi_recipes.weights_making.card import as_section, card_text

    card = (weights_run(name).path / "card.md").read_text()
    assert card == card_text(weights_run(name).info)
    assert "Never trained on people" in card and "Not for judging people" in card
    page = Path(__file__).resolve().parents[3] / "docs" / "weights.md"
    assert as_section(card) in page.read_text()
    assert succeed("weights", "show", name) == card
