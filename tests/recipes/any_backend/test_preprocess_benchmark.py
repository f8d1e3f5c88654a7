"""`keras-ma2mi benchmark preprocess`: every stage has its share, and tables come from figures."""

import json
from pathlib import Path

import pytest

from ma2mi_preprocessing.benchmarks.preprocess_rerun import measure_rerun
from ma2mi_recipes.preprocess_tables import preprocess_markdown, preprocess_tables
from tests.recipes.conftest import succeed


@pytest.mark.slow
def test_shares_add_up_and_reports_are_written(tmp_path: Path) -> None:
    figures, report = tmp_path / "p.json", tmp_path / "p.md"
    succeed(
        *("benchmark", "preprocess", "--quick", "--rerun", 50, "--rerun", 100),
        *("--rerun-folders", 10, "--json", figures, "--markdown", report),
    )
    document = json.loads(figures.read_text())
    shares = {row["stage"]: row["share"] for row in document["stages"]}
    assert sum(shares.values()) == pytest.approx(1.0)
    needed = sum(shares[stage] for stage in ("decode", "detect", "align", "flow"))
    assert needed == pytest.approx(document["run"]["needed_share"])
    assert 0.3 < needed < 1
    assert [(row["clips"], row["sources"]) for row in document["reruns"]] == [
        (50, "video files"),
        (100, "video files"),
        (10, "folders of 30 images"),
    ]
    assert all(row["files"] == 9 for row in document["kinds"])
    assert preprocess_markdown(document) == report.read_text()


def test_run_with_nothing_to_do_is_measured(tmp_path: Path) -> None:
    import sys

    command = [sys.executable, "-c", "from ma2mi_recipes.cli import main; main()", "preprocess"]
    row = measure_rerun(tmp_path, 40, command, images=True, rounds=1)
    assert row.clips == 40
    (seconds,) = row.seconds
    assert row.plan_seconds < seconds
    assert 10 < row.megabytes < 2000


def test_run_that_finds_something_to_do_is_no_measurement(tmp_path: Path) -> None:
    import sys

    code = "print('3 clips in: 1 stored, 2 already there, 0 rejected')"
    with pytest.raises(RuntimeError, match="did not find all clips there"):
        measure_rerun(tmp_path, 3, [sys.executable, "-c", code], images=False, rounds=1)


def test_tables_say_what_was_measured() -> None:
    document = {
        "command": "keras-ma2mi benchmark preprocess",
        "seconds": 300.0,
        "machine": {
            "cpu": "A", "cpus": 2, "system": "Linux", "python": "3.11",
            "versions": {"numpy": "2.0"},
        },
        "run": {
            "workers": 2, "clips": 4, "frames": 400, "seconds": 10.0, "clips_per_second": 0.4,
            "frames_per_second": 40.0, "needed_share": 0.9, "needed_cpu_share": 0.95,
        },
        "stages": [
            {"stage": "decode", "seconds": 18.0, "cpu_seconds": 17.0, "share": 0.9, "needed": True},
            {"stage": "waiting", "seconds": 2.0, "cpu_seconds": 0, "share": 0.1, "needed": False},
        ],
        "kinds": [
            {
                "kind": "micro", "clips": 4, "frames": 400, "core_seconds": 0.5,
                "frames_per_core_second": 200.0, "needed_share": 0.9, "megabytes": 12.0, "files": 9,
            }
        ],
        "reruns": [],
        "growth": [
            {
                "clips": 16000, "kind": "micro", "core_hours": 2.2, "gigabytes": 192.0,
                "files": 144000.0,
            }
        ],
        "planner": [],
    }  # fmt: skip
    assert [table.title for table in preprocess_tables(document)] == [
        "Where the time of the cores goes",
        "What a clip costs",
        "What many clips cost",
    ]
    text = preprocess_markdown(document)
    assert "90% of the cores' time goes into decoding" in text
    assert "| decode | 18.0 | 17.0 | 90.0% |" in text
    assert "| 16,000 | micro | 2 | 192 | 144,000 |" in text
