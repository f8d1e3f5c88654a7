"""The tables that come with the adapters: published counts, and errata that nobody can place."""

import json
from importlib.resources import files

import pytest

from ma2mi_preprocessing import datasets
from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.audit import audit
from ma2mi_preprocessing.datasets.audit_files import audit_text
from ma2mi_preprocessing.datasets.clip import IndexResult
from ma2mi_preprocessing.datasets.errata import errata_without_key

COUNTS = {
    path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (files(datasets) / "published_counts").iterdir()
    if path.name.endswith(".json")
}


def test_datasets_have_published_counts() -> None:
    assert {"casme", "casme2", "samm", "smic_hs", "smic_e", "mmew"} <= set(COUNTS)
    assert {"cas_me_2", "cas_me_3_a", "cas_me_3_c", "four_dme"} <= set(COUNTS)
    assert set(COUNTS) <= set(ADAPTERS)


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_published_counts_add_up(name: str) -> None:
    counts = COUNTS[name]
    for part in ("classes", "per_subject"):
        assert not counts[part] or sum(counts[part].values()) == counts["clips"], part
    if counts["per_subject"]:
        assert len(counts["per_subject"]) == counts["subjects"]
        assert not any("/" in subject for subject in counts["per_subject"])
    assert counts["source"]
    assert isinstance(counts["uncertain"], bool)


def test_errata_without_key_say_why_and_are_listed_once() -> None:
    lines = errata_without_key()
    assert {line.dataset for line in lines} >= {"casme", "mmew", "four_dme", "cas_me_3_a"}
    assert all(line.reason and line.source and line.row.isdecimal() for line in lines)
    assert len({(line.dataset, line.row, line.field) for line in lines}) == len(lines)


def test_audit_shows_errata_that_nobody_can_place() -> None:
    text = audit_text(audit("mmew", IndexResult([], [])))
    assert "## Known errors that are not mended" in text
    assert "| 33 | apex | 40 |" in text
    assert "not mended" not in audit_text(audit("smic_hs", IndexResult([], [])))
