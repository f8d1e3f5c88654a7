"""`keras-ma2mi benchmark rendering`: tables and remarks are made from the figures alone."""

import json
from pathlib import Path

import pytest

from ma2mi_recipes.rendering_tables import (
    rendering_markdown,
    rendering_remarks,
    rendering_tables,
)
from tests.recipes.conftest import succeed

SET = {
    "kind": "macro", "style": "natural", "frames_as": "png", "workers": 2, "size": 128,
    "clips": 140, "frames": 8000, "seconds": 40.0, "cpu_seconds": 64.0,
    "frame_bytes": 216_000_000, "truth_bytes": 8_000_000, "megabytes": 260.4,
}  # fmt: skip
DOCUMENT = {
    "command": "keras-ma2mi benchmark rendering",
    "seconds": 300.0,
    "machine": {
        "cpu": "A", "cpus": 2, "system": "Linux", "python": "3.11", "versions": {"numpy": "2.0"},
    },
    "size": 128,
    "sets": [SET, SET | {"style": "plain", "cpu_seconds": None, "megabytes": None}],
    "steps": [
        {"kind": "macro", "style": "natural", "step": "rendering", "milliseconds": 2.345},
        {"kind": "macro", "style": "natural", "step": "writing as png", "milliseconds": 0.9},
    ],
}  # fmt: skip


def test_sets_are_scaled_to_many_frames() -> None:
    sets, steps = rendering_tables(DOCUMENT)
    row = dict(zip(sets.columns, sets.rows[0], strict=True))
    assert row["frames/s"] == "200"
    # 100,000 frames at 200 a second.
    assert row["minutes"] == "8.3"
    assert row["CPU ms a frame"] == "8.0"
    assert row["kB a frame"] == "27.0"
    assert row["GB"] == "2.8"
    assert row["MB of memory"] == "260"
    assert steps.rows == [("rendering", "2.35"), ("writing as png", "0.90")]
    assert "8.3 minutes with 2 worker(s)" in rendering_remarks(DOCUMENT)[0]


def test_what_a_system_does_not_know_stays_empty() -> None:
    sets, _ = rendering_tables(DOCUMENT)
    row = dict(zip(sets.columns, sets.rows[1], strict=True))
    assert row["CPU ms a frame"] == row["MB of memory"] == ""


@pytest.mark.slow
def test_command_writes_what_it_measured(tmp_path: Path) -> None:
    figures, report = tmp_path / "r.json", tmp_path / "r.md"
    succeed(
        *("benchmark", "rendering", "--style", "plain", "--subjects", 1, "--clips-per-subject", 2),
        *("--size", 48, "--workers", 2, "--json", figures, "--markdown", report),
    )
    document = json.loads(figures.read_text())
    assert len({row["frames"] for row in document["sets"] if row["kind"] == "macro"}) == 1
    assert rendering_markdown(document) == report.read_text()
