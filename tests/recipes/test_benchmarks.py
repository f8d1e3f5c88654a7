"""`keras-ma2mi benchmark train` and `benchmark presets`."""

import json
from pathlib import Path

import keras
import pytest

from keras_ma2mi.models import PRESETS
from ma2mi_recipes.speed_tables import preset_markdown, training_markdown
from tests.recipes.conftest import call, succeed

HERE = keras.backend.backend()


def test_training_is_measured_beside_the_loop_by_hand(tmp_path: Path) -> None:
    figures = tmp_path / "train.json"
    succeed(
        *("benchmark", "train", "--preset", "miacnet_motion28", "--batch-size", 2, "--steps", 2),
        *("--rounds", 3, "--backend", HERE, "--json", figures),
    )
    rows = json.loads(figures.read_text())
    assert [(row["model"], row["work"]) for row in rows] == [
        ("MIACNet", "training"),
        ("MIACNet", "inference"),
    ]
    for row in rows:
        assert row["backend"] == HERE
        assert 0 < row["low"] <= row["milliseconds"] <= row["high"]
        assert (row["ratio"] is None) == (HERE == "tensorflow")


def test_unknown_preset_is_one_line() -> None:
    result = call("benchmark", "train", "--preset", "huge", "--backend", HERE)
    assert result.exit_code == 2
    assert "there is no preset 'huge'; known: miacnet_base" in " ".join(result.output.split())


@pytest.mark.slow
def test_presets_are_measured(tmp_path: Path) -> None:
    figures = tmp_path / "presets.json"
    succeed("benchmark", "presets", "--rounds", 3, "--backend", HERE, "--json", figures)
    rows = json.loads(figures.read_text())
    assert [row["name"] for row in rows] == list(PRESETS)
    assert all(row["low"] <= row["milliseconds"] <= row["high"] for row in rows)


def test_table_of_presets_has_a_line_a_preset_and_a_column_a_backend() -> None:
    row = {
        "name": "miacnet_tiny",
        "input_size": 64,
        "inputs": ["onset", "motion"],
        "parameters": 147877,
        "multiply_adds": 11_444_992,
        "milliseconds": 1.25,
        "low": 1.0,
        "high": 2.0,
    }
    table = preset_markdown([{**row, "backend": "jax"}, {**row, "backend": "torch", "high": 3.0}])
    assert table.splitlines()[0].endswith("| multiply-adds | jax, ms | torch, ms |")
    assert table.splitlines()[2:] == [
        "| `miacnet_tiny` | 64x64, onset and motion | 147,877 | 11 M | 1.2 (1.0-2.0) "
        "| 1.2 (1.0-3.0) |"
    ]


def test_table_of_training_leaves_blank_what_has_no_loop_by_hand() -> None:
    row = {
        "model": "MIACNet",
        "work": "training",
        "backend": "jax",
        "milliseconds": 10.0,
        "low": 9.0,
        "high": 12.0,
        "by_hand": 8.0,
        "ratio": 1.25,
        "ratio_low": 1.1,
        "ratio_high": 1.5,
    }
    other = {**row, "model": "FutureFrameReconstructor", "by_hand": None, "ratio": None}
    assert training_markdown({"miacnet_tiny": [row, other]}).splitlines()[2:] == [
        "| `miacnet_tiny` | training | jax | 10.0 (9.0-12.0) | 8.0 | 1.25 (1.10-1.50) |",
        "| `miacnet_tiny` | MA2MI pre-training | jax | 10.0 (9.0-12.0) |  |  |",
    ]
