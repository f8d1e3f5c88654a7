"""`keras-ma2mi benchmark motion-prior`."""

import json
from pathlib import Path

import pytest

from ma2mi_recipes.motion_prior_tables import motion_prior_markdown
from tests.recipes.conftest import call, succeed


@pytest.mark.slow
def test_every_way_is_scored_under_every_shift(tmp_path: Path, backend: str) -> None:
    figures, page = tmp_path / "prior.json", tmp_path / "prior.md"
    succeed(
        *("benchmark", "motion-prior", "--samples", 64, "--epochs", 1, "--subjects", 3),
        *("--clips-per-subject", 5, "--scalings", "minmax", "--trained-crops", "any"),
        *("--errors", "1,0", "--macro-people", 2, "--macro-epochs", 1),
        *("--crops", "aligned", "--backend", backend, "--json", figures, "--markdown", page),
    )
    document = json.loads(figures.read_text())
    ways = ["majority", "RBF SVM", "linear probe, untrained"]
    for prior in ("any", "any, exact flow"):
        ways += [f"zero-shot, {prior}", f"linear probe, {prior}"]
    ways.append("linear probe, MA2MI")
    ways += [f"linear probe, MA2MI and {prior}" for prior in ("any", "any, exact flow")]
    for flow_at in ("crop", "size"):
        for classes in ("3", "5"):
            rows = [
                row
                for row in document["rows"]
                if (row["flow_at"], row["classes"]) == (flow_at, classes)
            ]
            assert [row["way"] for row in rows] == ways
            assert all(0 <= row["uf1"]["value"] <= 1 for row in rows)
    assert page.read_text() == motion_prior_markdown(document)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--crops", "round", "--crops must be different ones of aligned, tight"),
        ("--errors", "1,-1", "--errors must be different numbers from 0 up"),
        ("--errors", "none", "--errors must be different numbers from 0 up"),
    ],
)
def test_what_cannot_be_is_one_line(option: str, value: str, said: str, backend: str) -> None:
    refused = call("benchmark", "motion-prior", option, value, "--backend", backend)
    assert refused.exit_code == 2
    assert said in " ".join(refused.output.split())
