"""The overview of all datasets names every adapter, and its links lead somewhere."""

import re
from pathlib import Path

from ma2mi_preprocessing.datasets import ADAPTERS

PAGES = Path(__file__).resolve().parents[3] / "docs" / "datasets"
OVERVIEW = (PAGES / "README.md").read_text(encoding="utf-8")


def test_every_adapter_has_a_row_and_a_page() -> None:
    rows = re.findall(r"^\| \[?(\w+)\]?[( |]", OVERVIEW, re.MULTILINE)
    assert set(ADAPTERS) <= set(rows)
    with_a_page = set(ADAPTERS) - {"csv", "videos"}
    assert {path.stem for path in PAGES.glob("*.md")} >= with_a_page


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES.glob("*.md"):
        for target in re.findall(r"\]\(([\w./]+\.md)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"


def test_page_of_ones_own_data_has_the_trees() -> None:
    text = (PAGES / "videos_and_csv.md").read_text(encoding="utf-8")
    for name in ("csv", "videos"):
        assert ADAPTERS[name].expected_tree in text
