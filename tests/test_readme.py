"""README is kept true: its snippets run, its commands exist, its install line is CI's."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from ma2mi_recipes.cli import app
from ma2mi_recipes.flow_markdown import markdown_summary, markdown_tables
from ma2mi_recipes.speed_tables import preset_markdown, training_markdown

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.parametrize("snippet", blocks("python"), ids=lambda text: text.split("\n")[0])
def test_python_snippet_runs(snippet: str) -> None:
    exec(compile(snippet, "README.md", "exec"), {})


def commands() -> list[list[str]]:
    lines = [line.split(" #")[0] for block in blocks("bash") for line in block.splitlines()]
    parts = [part for line in lines for part in line.split("&&")]
    return [shlex.split(part) for part in parts if part.strip().startswith("keras-ma2mi")]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_command_parses(words: list[str]) -> None:
    group = get_command(app)
    with group.make_context("keras-ma2mi", words[1:2], resilient_parsing=True) as context:
        command = group.get_command(context, words[1])  # type: ignore[attr-defined]
        assert command is not None, words
        command.make_context(words[1], words[2:], parent=context)


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
