"""Every command of the documentation is one that the real CLI takes."""

import shlex
from pathlib import Path

import pytest

from tests.pages import PAGES, blocks_of, check_command, commands_of, page_name

_LANGUAGES = {"bash", "sh", "python", "csv", "text", "toml"}
_COMMANDS = [
    pytest.param(words, id=f"{page_name(page)}: {shlex.join(words)}")
    for page in PAGES
    for block in blocks_of(page)
    for words in commands_of(block)
]


def test_commands_are_found_in_the_pages() -> None:
    """An extraction that finds nothing would let everything else here pass."""
    assert len(_COMMANDS) >= 110
    assert len({str(command.id).split(":")[0] for command in _COMMANDS}) >= 40


@pytest.mark.parametrize("words", _COMMANDS)
def test_command_parses(words: list[str]) -> None:
    check_command(words)


@pytest.mark.parametrize(
    "line",
    [
        "keras-ma2mi trian STORE RUN",
        "keras-ma2mi train STORE",
        "keras-ma2mi train STORE RUN --epoch 3",
        "keras-ma2mi train STORE RUN --select best",
        "keras-ma2mi benchmark flows",
        "keras-ma2mi benchmark spotting --seeds 1",
        "keras-ma2mi store verify casme2.store --remove",
    ],
)
def test_a_command_that_is_wrong_is_noticed(line: str) -> None:
    with pytest.raises(AssertionError):
        check_command(shlex.split(line))


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_block_says_what_it_is(page: Path) -> None:
    """Without a language a block is neither run nor coloured."""
    for block in blocks_of(page):
        assert block.language in _LANGUAGES, f"line {block.line}: {block.language!r}"
