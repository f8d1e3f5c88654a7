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
        *("--crops", "aligned", "--backend", backend, "--json", figures, "--markdown", page),
    )
    document = json.loads(figures.read_text())
    ways = ["majority", "RBF SVM", "linear probe, untrained", "zero-shot, any", "linear probe, any"]
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


def test_names_that_are_none_are_one_line(backend: str) -> None:
    refused = call("benchmark", "motion-prior", "--crops", "round", "--backend", backend)
    assert refused.exit_code == 2
    assert "--crops must be different ones of aligned, tight" in " ".join(refused.output.split())
