"""README is kept true: its snippets run, its commands exist, its install line is CI's."""

import json
import re
import shlex
from pathlib import Path

import pytest

from ma2mi_recipes.flow_markdown import markdown_summary, markdown_tables
from ma2mi_recipes.speed_tables import preset_markdown, training_markdown
from tests.pages import blocks_of, check_command, commands_of

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = blocks_of(ROOT / "README.md")
SNIPPETS = [block.text for block in BLOCKS if block.language == "python"]
COMMANDS = [words for block in BLOCKS for words in commands_of(block)]


def test_snippets_and_commands_are_found() -> None:
    assert len(SNIPPETS) >= 2
    assert len(COMMANDS) >= 20


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.split("\n")[0])
def test_python_snippet_runs(snippet: str) -> None:
    exec(compile(snippet, "README.md", "exec"), {})


@pytest.mark.parametrize("words", COMMANDS, ids=shlex.join)
def test_command_parses(words: list[str]) -> None:
    check_command(words)


def test_ci_runs_the_readme_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    (line,) = [text for text in README.splitlines() if text.endswith("python -m tests")]
    for part in line.split(" && "):
        words = part.replace("pip install", "pip install --quiet")
        assert words in script or part in script, part


@pytest.mark.parametrize("picture", re.findall(r"\]\((docs/[^)]+\.(?:png|jpg))\)", README))
def test_picture_is_there(picture: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked sdist has no pictures")
    assert (ROOT / picture).stat().st_size > 10_000


def test_flow_tables_are_made_from_the_committed_figures() -> None:
    document = json.loads((ROOT / "docs" / "flow_benchmark.json").read_text(encoding="utf-8"))
    assert markdown_summary(document) in README
    tables = (ROOT / "docs" / "flow_benchmark.md").read_text(encoding="utf-8")
    assert tables == markdown_tables(document)


def test_tables_of_networks_are_made_from_the_committed_figures() -> None:
    docs = ROOT / "docs"
    presets = json.loads((docs / "presets.json").read_text(encoding="utf-8"))
    assert preset_markdown(presets) in README
    training = {
        preset: [
            row
            for backend in ("tensorflow", "jax", "torch")
            for row in json.loads((docs / "training" / f"{preset}_{backend}.json").read_text())
        ]
        for preset in ("miacnet_tiny", "miacnet_small", "miacnet_base")
    }
    assert training_markdown(training) in (docs / "training.md").read_text(encoding="utf-8")
