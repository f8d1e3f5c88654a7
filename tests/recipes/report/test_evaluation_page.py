"""The page on evaluation: its table is one that the command reads."""

import re
from pathlib import Path

import pytest

from ma2mi_recipes.evaluation_sources import read_sources

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")


def block(language):
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) == 1
    return found[0]


@pytest.fixture
def table(tmp_path, monkeypatch):
    (tmp_path / "theirs.csv").write_text(block("csv"))
    monkeypatch.chdir(tmp_path)
    return Path("theirs.csv")


def test_the_table_of_the_page_is_read(table):
    source = read_sources([table])[0]
    assert source.run.classes == ["negative", "positive"]
    assert source.report == Path("theirs.report.html")
    assert source.metrics == Path("theirs.metrics.json")
