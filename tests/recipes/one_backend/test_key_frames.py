"""Key frames in a whole run of a network."""

from pathlib import Path

import pandas as pd
import pytest

from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.conftest import Chain, succeed


@pytest.mark.slow
def test_processes_side_by_side_jitter_and_move_key_frames_alike(
    chain: Chain, tmp_path: Path, backend: str
) -> None:
    runs = []
    for workers in (1, 2):
        runs.append(RunDirectory(tmp_path / f"{workers}"))
        succeed("train", chain.micro_store, runs[-1].path, "--epochs", 1, "--batch-size", 8,
                "--branches", "action", "--jitter-frames", 3, "--key-frames", "0,2",
                "--workers", workers, "--no-baselines", "--backend", backend)  # fmt: skip
    for name in ("predictions.csv", "key_frames.csv"):
        one, two = (run.read_table(name) for run in runs)
        # Frameworks add up in another order where they have another number of threads.
        pd.testing.assert_frame_equal(one, two, atol=1e-4)


def test_a_network_trained_with_jitter_is_tested_on_annotated_and_on_moved_key_frames(
    chain: Chain, tmp_path: Path, backend: str
) -> None:
    text = succeed("train", chain.micro_store, tmp_path / "run", "--epochs", 1, "--batch-size", 8,
                   "--branches", "action", "--jitter-frames", 3, "--key-frames", "0,8",
                   "--backend", backend)  # fmt: skip
    assert "jitter moves the key frames of 100% of the clips" in text
    run = RunDirectory.open(tmp_path / "run")
    table, predictions = run.read_table("key_frames.csv"), run.read_table("predictions.csv")
    columns = ["clip_id", "prediction", *(name for name in table if name.startswith("prob"))]
    for moved in ("onset", "apex", "both"):
        group = table[table["moved"] == moved]
        still, far = (group[group["frames"] == by].reset_index(drop=True) for by in (0, 8))
        pd.testing.assert_frame_equal(still[columns], predictions[columns])
        assert (far[columns[2]] != still[columns[2]]).any()
    assert run.info["options"]["jitter_frames"] == 3
