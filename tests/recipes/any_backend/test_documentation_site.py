"""The site as it is built: strictly, with every public name, and loading nothing from elsewhere."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import ROOT

# Built once, by one worker.
pytestmark = pytest.mark.xdist_group("documentation_site")

PUBLIC = (
    *("keras_ma2mi.layers", "keras_ma2mi.models", "keras_ma2mi.losses", "keras_ma2mi.metrics"),
    *("keras_ma2mi.evaluation", "keras_ma2mi.explain"),
    *("ma2mi_preprocessing", "ma2mi_preprocessing.store", "ma2mi_preprocessing.pipeline"),
    *("ma2mi_preprocessing.datasets", "ma2mi_preprocessing.datasets.manifest"),
    *("ma2mi_preprocessing.faces", "ma2mi_preprocessing.spotting"),
    *("ma2mi_preprocessing.synthesis", "ma2mi_preprocessing.service"),
)
_FETCHED = re.compile(
    r'<(?:script|img|iframe)[^>]*\ssrc="?([^"\s>]+)|<link[^>]*\shref="?([^"\s>]+)'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize("package", PUBLIC)
def test_reference_has_every_public_name(package: str, site: Path) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (site / "api").glob("*.html"))
    anchors = set(re.findall(r'id="([\w.]+)"', pages))
    module = importlib.import_module(package)
    missing = []
    for name in module.__all__:
        thing = getattr(module, name)
        # What a module hands on may stand under the module that it comes from.
        home = f"{getattr(thing, '__module__', package)}.{getattr(thing, '__qualname__', name)}"
        if not {f"{package}.{name}", home} & anchors:
            missing.append(name)
    assert not missing


def test_docstrings_are_read_as_sections(site: Path) -> None:
    """A section that is taken for prose shows its heading, or fences of its example, as text."""
    for page in (site / "api").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        for heading in ("Args:", "Call arguments:", "Example:", "Attributes ---", ".. "):
            assert f"<p>{heading}" not in text, f"{page.name}: {heading}"
        for mark in ("```", ":math:", "]_ "):
            assert mark not in text, f"{page.name}: {mark}"


def test_pages_load_nothing_from_other_hosts(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) >= 80
    for page in pages:
        found = [first or second for first, second in _FETCHED.findall(page.read_text("utf-8"))]
        assert found
        assert not [address for address in found if "//" in address], page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", sheet.read_text("utf-8")), sheet.name


def test_links_to_files_at_the_top_of_the_repository_lead_to_their_pages(site: Path) -> None:
    links = {
        "service.html": "project/security.html#what-micro-expression-recognition-cannot-tell",
        "index.html": "examples/action_branch_in_your_model.html",
        "project/contributing.html": "../faces.html#your-own-detector",
        "project/readme_page.html": "../datasets/index.html",
        "how_to_add_a_layer.html": "project/contributing.html#add-a-layer",
    }
    for page, link in links.items():
        text = (site / page).read_text(encoding="utf-8")
        assert f'href="{link}"' in text, page
        address, _, anchor = link.partition("#")
        target = (site / page).parent / address
        assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8")


def test_ci_counts_the_warnings_of_its_build() -> None:
    """With `--quiet` mkdocs passes over them, also where it is told to be strict."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (line,) = [line for line in script.splitlines() if "mkdocs build" in line]
    words = set(line.split())
    assert "--strict" in words
    assert not words & {"--quiet", "-q"}
