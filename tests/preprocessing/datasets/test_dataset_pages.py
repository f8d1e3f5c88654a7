"""Pages about datasets say what the code says."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from ma2mi_preprocessing import datasets
from ma2mi_preprocessing.datasets import ADAPTERS

PAGES = Path(__file__).resolve().parents[3] / "docs" / "datasets"
NAMES = sorted(path.stem for path in PAGES.glob("*.md") if path.stem in ADAPTERS)


@pytest.mark.parametrize("name", NAMES)
def test_page_has_the_tree_and_the_command(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert ADAPTERS[name].expected_tree in text
    assert f"keras-ma2mi index {name} ROOT " in text


@pytest.mark.parametrize("name", NAMES)
def test_page_has_the_published_counts(name: str) -> None:
    counts = files(datasets) / "published_counts" / f"{name}.json"
    if not counts.is_file():
        pytest.skip("nothing is published")
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    published = json.loads(counts.read_text(encoding="utf-8"))
    assert f"| clips | {published['clips']} |" in text
    for label, count in published["classes"].items():
        assert f"{label} {count}" in text


def test_datasets_of_micro_expressions_have_a_page() -> None:
    assert set(NAMES) >= {
        *("casme", "casme2", "samm", "smic_hs", "smic_e", "mmew"),
        *("cas_me_2", "cas_me_3_a", "cas_me_3_c", "four_dme"),
    }
