"""Fenced blocks of the documentation, and commands as the real CLI takes them."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.main import get_command

from ma2mi_recipes.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = (*sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md")
SHELLS = frozenset({"bash", "sh"})

_CONTINUED = re.compile(r"\\\n\s*")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: What stands behind the fence.
        text: What stands between the fences.
        line: Line of the page on which it begins.
    """

    language: str
    text: str
    line: int


def page_name(page: Path) -> str:
    """The page as a reader of a failed test knows it."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order; a fence that is never closed is an error."""
    found: list[Block] = []
    language, start, held = None, 0, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = line.lstrip().startswith("```")
        if fence and language is None:
            language, start, held = line.strip().removeprefix("```"), number, []
        elif fence:
            assert language is not None
            found.append(Block(language, "".join(f"{text}\n" for text in held), start))
            language = None
        elif language is not None:
            held.append(line)
    assert language is None, f"{page_name(page)}: the fence of line {start} stays open"
    return found


def commands_of(block: Block) -> list[list[str]]:
    """The lines of a block of a shell that begin with `keras-ma2mi`, as words."""
    if block.language not in SHELLS:
        return []
    lines = _CONTINUED.sub(" ", block.text).splitlines()
    parts = [part for line in lines for part in line.split("&&")]
    named = [part for part in parts if part.strip().startswith("keras-ma2mi ")]
    return [shlex.split(part, comments=True) for part in named]


def check_command(words: list[str]) -> None:
    """Lets the real CLI read a command: its name, every argument, option and choice.

    Raises:
        AssertionError: The CLI would refuse it.
    """
    command: Any = get_command(app)
    context, name, rest = None, words[0], words[1:]
    while hasattr(command, "get_command"):
        context = command.make_context(name, rest[:1], parent=context, resilient_parsing=True)
        assert rest, f"{name} needs the name of a command"
        name, *rest = rest
        command = command.get_command(context, name)
        assert command is not None, f"there is no {name} in: {shlex.join(words)}"
    try:
        command.make_context(name, rest, parent=context)
    except Exception as error:
        # Typer brings its own copy of click, whose errors have no public name.
        raise AssertionError(f"{shlex.join(words)}: {error}") from error
