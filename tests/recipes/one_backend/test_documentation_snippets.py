"""The pages of the documentation are programs: their snippets run as they stand, in order."""

import gc
from pathlib import Path
from typing import Any

import pytest

from tests.pages import PAGES, ROOT, Block, blocks_of, commands_of, page_name
from tests.recipes.conftest import succeed
from tests.recipes.page_settings import SETTINGS

# A reader who follows these pages types everything; of the others only the Python is run.
WALKED = {
    "docs/getting_started.md",
    "docs/how_to_add_a_dataset.md",
    "docs/your_own_dataset.md",
}
# Options behind those of the page, the last of which counts: fewer people and epochs, one process.
SOONER: dict[str, tuple[object, ...]] = {
    "synthesize": ("--subjects", 2, "--workers", 1),
    "preprocess": ("--workers", 1),
    "pretrain": ("--epochs", 1),
    "train": ("--epochs", 1),
}
# Another test's, or so slow that it is nobody's: parsed in any case.
ONLY_PARSED = {
    "demo": "minutes",
    "doctor": "ends with 1 on a machine that lacks something",
}
_PAGES = [
    page
    for page in PAGES
    if page_name(page) in WALKED or any(block.language == "python" for block in blocks_of(page))
]


def test_snippets_are_found() -> None:
    """An extraction that finds nothing would let everything else here pass."""
    assert len(_PAGES) >= 14
    assert {page_name(page) for page in _PAGES} >= WALKED | set(SETTINGS)
    assert sum(b.language == "python" for page in _PAGES for b in blocks_of(page)) >= 25
    walked = [
        words[1] for page in WALKED for b in blocks_of(ROOT / page) for words in commands_of(b)
    ]
    assert len([name for name in walked if name not in ONLY_PARSED]) >= 18


@pytest.mark.parametrize("page", _PAGES, ids=page_name)
def test_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = page_name(page)
    names: dict[str, Any] = {"__name__": "page"}
    names |= SETTINGS[name](monkeypatch) if name in SETTINGS else {}
    for block in blocks_of(page):
        if block.language == "python":
            _run_python(block, name, names)
        elif name in WALKED:
            _run_commands(block)
    # A snippet may leave a cluster or a video behind, which would speak up in another test.
    names.clear()
    gc.collect()


def _run_python(block: Block, name: str, names: dict[str, Any]) -> None:
    # Folders that all machines of a cluster share are those of the test.
    text = block.text.replace('"/shared/', '"shared/')
    lines = "\n" * block.line
    exec(compile(lines + text, name, "exec"), names)


def _run_commands(block: Block) -> None:
    for _, command, *arguments in commands_of(block):
        if command not in ONLY_PARSED:
            succeed(command, *arguments, *SOONER.get(command, ()))
