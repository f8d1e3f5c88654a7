"""`keras-ma2mi benchmark service`: measured on a real service, told from the figures alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from ma2mi_preprocessing.benchmarks.service_soak import Soak, SoakSample
from ma2mi_recipes.service_tables import service_markdown, service_remarks, service_tables
from tests.recipes.conftest import call, succeed

pytest.importorskip("fastapi")

ROW: dict[str, Any] = {
    "size": 224, "form": "png", "arrays": ["flow"], "clients": 8, "seconds": 2.0,
    "answered": 400, "refused": 0, "failed": 0, "median_ms": 40.0, "slow_ms": 60.0,
    "kernel_ms": 3.0, "work_ms": 4.5, "inside_ms": 3.2, "kernel_share": 0.3, "work_share": 0.45,
    "service_ms": 6.0, "megabytes": 180.0,
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "command": "keras-ma2mi benchmark service",
    "seconds": 9.0,
    "machine": {
        "cpu": "A", "cpus": 2, "system": "Linux", "python": "3.11", "versions": {"numpy": "2.0"},
    },
    "load": [
        ROW, ROW | {"answered": 500, "kernel_share": 0.5},
        ROW | {"clients": 256, "answered": 10, "refused": 7, "service_ms": None},
    ],
    "soak": None,
}  # fmt: skip


def test_repeated_measurements_are_one_row_with_their_spread() -> None:
    (load,) = service_tables(DOCUMENT)
    row = dict(zip(load.columns, load.rows[0], strict=True))
    assert len(load.rows) == 2
    assert row["flows/s"] == "225 (200-250)"
    assert row["kernels' share"] == "40 % (30 %-50 %)"
    assert dict(zip(load.columns, load.rows[1], strict=True))["service, CPU ms"] == ""
    goal, overload, *_ = service_remarks(DOCUMENT)
    assert "40 % for 224 x 224 png, flow" in goal and "not met" in goal
    assert "7 told to come back" in overload


@pytest.mark.parametrize(("step", "growth"), [(0.0, 0.0), (1.0, 20.0)])
def test_growth_leaves_out_the_time_in_which_caches_fill(step: float, growth: float) -> None:
    megabytes = [100.0 if n < 10 else 150.0 + step * n for n in range(40)]
    samples = [SoakSample(n, value, None, 20, 8, 0) for n, value in enumerate(megabytes)]
    grown = Soak(40.0, {}, samples).growth()
    assert grown["service_megabytes"] == growth
    assert grown["files"] == 0 and grown["worker_megabytes"] is None


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A soak of some seconds, in which a leak for each request or job would show."""
    out = tmp_path_factory.mktemp("service-benchmark")
    succeed(
        *("benchmark", "service", "--sizes", "48", "--clients", "1,120", "--seconds", 1),
        *("--repeats", 1, "--soak-minutes", 0.5, "--json", out / "s.json"),
        *("--markdown", out / "s.md", "--picture", out / "s.png"),
    )
    return out


@pytest.mark.xdist_group("service_benchmark")
def test_command_writes_what_it_measured(measured: Path) -> None:
    document = json.loads((measured / "s.json").read_text())
    assert (measured / "s.md").read_text() == service_markdown(document)
    assert (measured / "s.png").stat().st_size > 5_000
    one, many = document["load"][0], document["load"][1]
    assert one["answered"] > 0 and one["refused"] == one["failed"] == 0
    # More wait than may: they are told to come back, and nobody's connection breaks.
    assert many["answered"] > 0 and many["refused"] > 0 and many["failed"] == 0
    assert one["work_ms"] > one["kernel_ms"] > 0
    # The service cannot spend in kernels what it does not spend at all.
    assert 0 < one["inside_ms"] < one["service_ms"]
    assert 0 < one["kernel_share"] < one["work_share"] < 1


@pytest.mark.xdist_group("service_benchmark")
def test_nothing_is_left_behind_by_half_a_minute_of_mixed_load(measured: Path) -> None:
    soak = json.loads((measured / "s.json").read_text())["soak"]
    answers, growth = soak["answers"], soak["growth"]
    assert answers["flow 200"] > 20 and answers["job done"] >= 1
    assert answers["broken clip 415"] > 0 and answers["unknown job 404"] > 0
    assert not [
        name for name in answers if name.endswith(("500", "failed")) or name == "connection"
    ]
    assert answers["delete 204"] == answers["clip 202"]
    assert abs(growth["files"]) <= 8 and abs(growth["threads"]) <= 4
    # Of a hundred requests or more, of some 200 kB each.
    assert growth["service_megabytes"] < 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--sizes", "8"), "--sizes takes numbers from 32 on"),
        (("--clients", "1,x"), "not '1,x'"),
        (("--repeats", "0"), "only the mixed load"),
        (("--picture", "a.png"), "give --soak-minutes, too"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: tuple[str, ...], message: str) -> None:
    result = call("benchmark", "service", *options)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
