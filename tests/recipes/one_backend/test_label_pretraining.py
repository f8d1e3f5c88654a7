"""`pretrain-labels`: labels of plentiful clips before fine-tuning, alone or after MA2MI."""

import json
from pathlib import Path

import numpy as np
import pytest
from keras import ops

from ma2mi_preprocessing.datasets.manifest import read_manifest, write_manifest
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.networks import load_reconstructor
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, call, succeed

SHORT = ("--epochs", 1, "--batch-size", 4)


@pytest.fixture(scope="module")
def labelled(chain: Chain, tmp_path_factory: pytest.TempPathFactory, backend: str) -> Path:
    """What labels of one person teach after a reconstruction that saw two."""
    folder = tmp_path_factory.mktemp("labels")
    _write_people(chain, folder / "tested.csv", 1)
    succeed("pretrain-labels", chain.macro_store, folder / "run", *SHORT, "--pretrained",
            chain.pretrained, "--without-subjects-of", folder / "tested.csv", "--backend", backend,
            )  # fmt: skip
    return folder / "run"


def _write_people(chain: Chain, path: Path, count: int) -> list[str]:
    clips = read_manifest(chain.clips / "macro" / "manifest.csv")
    subjects = sorted({clip.subject for clip in clips})[:count]
    write_manifest([clip for clip in clips if clip.subject in subjects], path)
    return subjects


def _action_weights(run: Path) -> list[np.ndarray]:
    encoder = load_reconstructor(RunDirectory.open(run, "pretrain")).action_encoder
    return [np.array(ops.convert_to_numpy(value)) for value in encoder.trainable_variables]


def test_it_goes_on_from_a_reconstruction_and_remembers_whom_that_saw(
    chain: Chain, labelled: Path
) -> None:
    begun, ended = _action_weights(chain.pretrained), _action_weights(labelled)
    assert [one.shape for one in begun] == [one.shape for one in ended]
    moved = [np.abs(one - other).mean() for one, other in zip(begun, ended, strict=True)]
    assert max(moved) > 0
    # A few steps from where it began, and not somewhere else.
    sizes = [np.abs(one).mean() for one in begun]
    assert np.median(np.array(moved) / (np.array(sizes) + 1e-3)) < 0.3
    info = RunDirectory.open(labelled, "pretrain").info
    everybody = sorted(set(open_store(chain.macro_store).manifest["subject"]))
    assert info["subjects"] == everybody and len(everybody) == 2
    assert info["clips"] == 4 and len(info["left_out"]) == 4
    assert all("tested.csv" in reason for reason in info["left_out"].values())
    assert json.loads((labelled / "metrics.json").read_text())["loss"] > 0


def test_fine_tuning_starts_from_it_and_holds_out_nobody_it_saw(
    chain: Chain, labelled: Path, tmp_path: Path, backend: str
) -> None:
    common = ("--pretrained", labelled, *SHORT, "--no-baselines", "--backend", backend)
    succeed("train", chain.micro_store, tmp_path / "run", *common)
    options = RunDirectory.open(tmp_path / "run", "train").info["options"]
    assert "head=code" in options["network"]
    refused = call("train", chain.macro_store, tmp_path / "leak", *common)
    assert refused.exit_code == 2
    assert "was pre-trained on 2 of the subjects to be held out" in " ".join(refused.output.split())


def test_without_a_start_it_is_naive_transfer_and_takes_action_units_too(
    chain: Chain, tmp_path: Path, backend: str
) -> None:
    run = tmp_path / "units"
    command = ("pretrain-labels", chain.macro_store, run, *SHORT, "--action-units", "4,12",
               "--branches", "action", "--backend", backend)  # fmt: skip
    said = succeed(*command)
    assert "pre-trained on 8 clips, 2 classes" in " ".join(said.split())
    assert RunDirectory.open(run, "pretrain").info["action_units"] is True
    assert "finished already" in " ".join(succeed(*command).split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--motion", "difference"), "was pre-trained on --motion flow"),
        (
            ("--without-subjects-of", "tested.csv"),
            "0 labelled clips of 0 class(es)",
        ),
        (("--pretrained", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    chain: Chain, tmp_path: Path, backend: str, options: tuple[str, str], words: str
) -> None:
    _write_people(chain, tmp_path / "tested.csv", 2)
    given = [str(tmp_path / one) if one == "tested.csv" else one for one in options]
    start = [] if "--pretrained" in given else ["--pretrained", chain.pretrained]
    refused = call("pretrain-labels", chain.macro_store, tmp_path / "run", *SHORT, *start, *given,
                   "--backend", backend)  # fmt: skip
    assert refused.exit_code == 2, refused.output
    assert words in " ".join(refused.output.split())
    assert not (tmp_path / "run" / "model.keras").exists()
