"""Clips measured in large frames, and seen by a network in fewer pixels."""

from pathlib import Path

import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.key_frame_samples import KeyFrameSamples
from ma2mi_recipes.labelled_clips import load_labelled_clips
from ma2mi_recipes.networks import load_classifier
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.smaller_motion import averaged_down, averaged_frame
from ma2mi_recipes.stored_prediction import predict_store
from tests.recipes.conftest import Chain, call, succeed

SMALL = ("--input-size", 16, "--preset", "miacnet_tiny", "--epochs", 1, "--batch-size", 4)


@pytest.fixture(scope="module")
def small_run(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    succeed("pretrain", chain.macro_store, folder / "pretrained", *SMALL)
    succeed("train", chain.micro_store, folder / "run", "--pretrained", folder / "pretrained",
            *SMALL, "--key-frames", "0,1")  # fmt: skip
    return folder / "run"


def test_a_network_is_pretrained_and_trained_on_fewer_pixels(small_run: Path) -> None:
    network = load_classifier(RunDirectory.open(small_run, "train"))
    assert {int(one.shape[1]) for one in network.inputs} == {16}
    assert (small_run / "predictions.csv").is_file()


def test_clips_of_a_store_are_answered_in_the_pixels_that_were_trained_on(
    small_run: Path, chain: Chain
) -> None:
    answers = predict_store(open_store(chain.micro_store), RunDirectory.open(small_run, "train"))
    assert len(answers.table) == len(open_store(chain.micro_store))
    assert not answers.left_out


def test_clips_are_averaged_as_they_are_loaded(chain: Chain) -> None:
    store = open_store(chain.micro_store)
    large, small = (load_labelled_clips(store, "both", size=size) for size in (None, 16))
    assert small.size == 16
    np.testing.assert_array_equal(small.motion, averaged_down(large.motion, 16, kind="both"))
    np.testing.assert_array_equal(small.onset[0], averaged_frame(large.onset[0], 16))
    samples = KeyFrameSamples(small, "both")
    pair = samples.movable[0].pair
    moved = samples.at({0: [pair]})[0][pair]
    np.testing.assert_allclose(moved.motion, small.motion[0], atol=1e-6)
    np.testing.assert_array_equal(moved.onset, small.onset[0])


def test_more_pixels_than_there_are_is_refused(chain: Chain, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fewer than the 64 that the network shall see"):
        load_labelled_clips(open_store(chain.micro_store), "flow", size=64)
    outcome = call("pretrain", chain.macro_store, tmp_path / "run", "--input-size", 64)
    assert outcome.exit_code != 0
    assert "fewer than the 64" in " ".join(outcome.output.split())
