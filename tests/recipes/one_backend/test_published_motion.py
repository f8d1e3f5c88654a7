"""From a folder of published motion to a trained model, by the commands of the documentation."""

import contextlib
import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from ma2mi_preprocessing.motion_scaling import minmax_scaled
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.fine_tuning import TrainOptions, fitted_to_clips
from ma2mi_recipes.fine_tuning.fold_trainer import FoldTrainer
from ma2mi_recipes.labelled_clips import load_labelled_clips
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, call, succeed
from tests.recipes.published_motion import motion_of, write_release

# What they share takes long to make: once, by one worker.
pytestmark = pytest.mark.xdist_group("published_motion")


@dataclass(frozen=True)
class Release:
    """What the documented commands made of a release."""

    folder: Path
    manifest: Path
    store: Path
    run: Path


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, backend: str) -> Iterator[Release]:
    """Made by the commands of the documentation as they stand, but for fewer epochs."""
    root = tmp_path_factory.mktemp("release")
    made = Release(
        root / "motion28",
        root / "motion28.csv",
        root / "motion28.store",
        root / "runs" / "motion28",
    )
    write_release(made.folder)
    page = Path(__file__).resolve().parents[3] / "docs" / "precomputed_motion.md"
    lines = [line for line in page.read_text().splitlines() if line.startswith("keras-ma2mi ")]
    more = {"train": ("--epochs", 1), "preprocess": ("--workers", 1)}
    with contextlib.chdir(root):
        for line in lines:
            command, *arguments = shlex.split(line)[1:]
            named = ("--backend", backend) if command in ("train", "evaluate", "predict") else ()
            succeed(command, *arguments, *more.get(command, ()), *named)
        yield made


def motion_store(folder: Path, arrays: dict[str, dict[str, np.ndarray]], **columns: str) -> Path:
    """A store of motion files, two subjects and two labels in turn."""
    folder.mkdir(exist_ok=True)
    rows = []
    for number, (name, content) in enumerate(arrays.items()):
        np.savez(folder / f"{name}.npz", **content)  # type: ignore[arg-type]
        rows.append({"clip_id": name, "source": f"{name}.npz", "subject": f"s{number // 2}",
                     "label": "ab"[number % 2], **columns})  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)
    succeed("preprocess", folder / "manifest.csv", folder / "store", "--workers", 1)
    return folder / "store"


def pixels_of_four() -> dict[str, dict[str, np.ndarray]]:
    return {f"c{n}": {"motion": motion_of(n // 2, n % 2)} for n in range(4)}


def test_channels_of_the_images_end_up_as_u_v_strain(release: Release) -> None:
    stored = open_store(release.store).read("s02/s02_ep03")
    expected = minmax_scaled(motion_of(1, 2))
    np.testing.assert_allclose(stored.motion, expected, atol=0.51 / 255)
    assert stored.attributes["motion_scaling"] == "minmax"
    assert stored.attributes["motion_channels"] == "strain-v-u"


def test_training_takes_the_action_branch_alone_and_says_so(release: Release) -> None:
    info = RunDirectory.open(release.run).info
    assert info["options"]["branches"] == "action"
    assert info["options"]["motion_scaling"] == "minmax"
    table = RunDirectory.open(release.run).read_table("predictions.csv")
    assert len(table) == 9
    assert (table["fold"] == table["subject"]).all()


def test_every_clip_of_the_store_is_evaluated_predicted_and_explained(release: Release) -> None:
    assert (release.run / "report.html").is_file()
    table = pd.read_csv(release.folder.parent / "predictions" / "predictions.csv")
    assert len(table) == 9
    probabilities = table.filter(like="probability_")
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-4)
    succeed("explain", release.run, "--most", 1)
    assert len(list((release.run / "heat_maps").glob("*.png"))) == 1


def test_one_image_is_predicted_as_in_the_store(release: Release) -> None:
    one, every = (
        pd.read_csv(release.folder.parent / name / "predictions.csv").set_index("clip_id")
        for name in ("prediction", "predictions")
    )
    expected = every.loc["s01/s01_ep01"].filter(like="probability_")
    found = one.loc["s01_ep01"].filter(like="probability_")
    np.testing.assert_allclose(found.to_numpy(float), expected.to_numpy(float), atol=1e-4)


def test_position_branch_without_onset_is_refused_in_one_line(
    release: Release, tmp_path: Path, backend: str
) -> None:
    result = call("train", release.store, tmp_path / "r", "--branches", "both",
                  "--backend", backend)  # fmt: skip
    assert result.exit_code != 0
    assert "--branches action" in " ".join(result.output.split())
    assert not (tmp_path / "r").exists()


def test_pixels_are_min_max_scaled_for_a_model_that_was_and_it_is_said(
    release: Release, tmp_path: Path, backend: str
) -> None:
    store = motion_store(tmp_path / "p", pixels_of_four())
    text = succeed("predict", store, "--model", release.run, "--out", tmp_path / "out",
                   "--backend", backend)  # fmt: skip
    assert "4 clips was min-max scaled" in " ".join(text.split())
    notes = json.loads((tmp_path / "out" / "prediction.json").read_text())["notes"]
    assert len(notes) == 1


def test_min_max_scaled_motion_is_refused_by_a_model_of_pixels(
    release: Release, tmp_path: Path, backend: str
) -> None:
    store = motion_store(tmp_path / "p", pixels_of_four())
    run = tmp_path / "run"
    succeed("train", store, run, "--epochs", 1, "--backend", backend)
    assert RunDirectory.open(run).info["options"]["motion_scaling"] == "pixels"
    for source in (release.store, release.folder / "images" / "s01_ep01.png"):
        result = call("predict", source, "--model", run, "--out", tmp_path / "o",
                      "--backend", backend)  # fmt: skip
        assert result.exit_code != 0
        assert "cannot be turned back into pixels" in " ".join(result.output.split())


def test_mixed_scalings_need_a_word(tmp_path: Path, backend: str) -> None:
    mixed = pixels_of_four()
    for name in ("c1", "c2"):
        scaled = np.rint(minmax_scaled(mixed[name]["motion"]) * 255).astype(np.uint8)
        mixed[name] = {"motion": scaled}
    store = motion_store(tmp_path / "m", mixed)
    common = ("train", store, tmp_path / "run", "--epochs", 1, "--backend", backend)
    for extra, words in (
        ((), "mixes motion in pixels"),
        (("--motion-scaling", "pixels"), "cannot be turned back"),
    ):
        result = call(*common, *extra)
        assert result.exit_code != 0
        assert words in " ".join(result.output.split())
    clips = load_labelled_clips(open_store(store), "flow", scaling="minmax")
    assert (clips.motion.min(), clips.motion.max()) == (0, 1)


def test_mixed_and_oblong_sizes_are_refused(tmp_path: Path, backend: str) -> None:
    mixed = pixels_of_four()
    mixed["c3"] = {"motion": cv2.resize(mixed["c3"]["motion"], (32, 32))}
    oblong = {name: {"motion": np.zeros((28, 32, 3), np.float32)} for name in mixed}
    for name, arrays, words in (("a", mixed, "mixes sizes"), ("b", oblong, "square")):
        store = motion_store(tmp_path / name, arrays)
        result = call("train", store, tmp_path / "run", "--backend", backend)
        assert result.exit_code != 0
        assert words in " ".join(result.output.split())


def test_motion_with_onset_frames_feeds_both_branches(tmp_path: Path) -> None:
    arrays = {
        name: {**content, "onset": np.full((28, 28, 3), 90, np.uint8)}
        for name, content in pixels_of_four().items()
    }
    store = motion_store(tmp_path / "o", arrays)
    clips = load_labelled_clips(open_store(store), "flow")
    options = fitted_to_clips(TrainOptions(branches="both"), clips)
    assert set(FoldTrainer(clips, options, seed=0).inputs) == {"onset", "motion"}
    assert (clips.onset == 90).all()


def test_our_own_flow_can_be_min_max_scaled_for_training_and_prediction(
    chain: Chain, tmp_path: Path, backend: str
) -> None:
    run = tmp_path / "run"
    succeed("train", chain.micro_store, run, "--motion-scaling", "minmax", "--epochs", 1,
            "--backend", backend)  # fmt: skip
    assert RunDirectory.open(run).info["options"]["motion_scaling"] == "minmax"
    clip = next((chain.clips / "micro" / "frames").glob("*/*"))
    succeed("predict", clip, "--model", run, "--out", tmp_path / "out", "--detector", "none",
            "--backend", backend)  # fmt: skip
    refused = call("train", chain.micro_store, tmp_path / "other", "--motion-scaling", "minmax",
                   "--pretrained", chain.pretrained, "--backend", backend)  # fmt: skip
    assert "--motion-scaling minmax" in " ".join(refused.output.split())
    assert refused.exit_code != 0
