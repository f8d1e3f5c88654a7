"""The rule of what is shipped refuses what is missing, what is too much, and what is unknown."""

import importlib.util
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
TRACKED = [
    "keras_ma2mi/__init__.py",
    "keras_ma2mi/weights/small/card.md",
    "preprocessing/ma2mi_preprocessing/py.typed",
    "recipes/ma2mi_recipes/report/page.html",
    "tests/test_readme.py",
    "docs/report.png",
    "docs/index.md",
]
FACTS = [
    "keras_ma2mi-1.0.dist-info/METADATA",
    "keras_ma2mi-1.0.dist-info/RECORD",
    "keras_ma2mi-1.0.dist-info/WHEEL",
    "keras_ma2mi-1.0.dist-info/entry_points.txt",
    "keras_ma2mi-1.0.dist-info/top_level.txt",
    "keras_ma2mi-1.0.dist-info/licenses/LICENSE",
]
SHIPPED = [
    "keras_ma2mi/__init__.py",
    "keras_ma2mi/weights/small/card.md",
    "ma2mi_preprocessing/py.typed",
    "ma2mi_recipes/report/page.html",
]


@pytest.fixture(scope="module")
def rule() -> ModuleType:
    path = ROOT / ".ci" / "distribution_contents.py"
    spec = importlib.util.spec_from_file_location("distribution_contents", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wheel(folder: Path, names: list[str]) -> Path:
    path = folder / "keras_ma2mi-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return path


def sdist(folder: Path, names: list[str]) -> Path:
    path = folder / "keras_ma2mi-1.0.tar.gz"
    (folder / "empty").touch()
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            archive.add(folder / "empty", f"keras_ma2mi-1.0/{name}")
    return path


def test_a_wheel_of_all_that_is_shipped_is_right(rule: ModuleType, tmp_path: Path) -> None:
    rule.check_wheel(wheel(tmp_path, [*SHIPPED, *FACTS]), TRACKED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_wheel_that_lacks_a_file_is_refused(rule: ModuleType, tmp_path: Path, name: str) -> None:
    names = [one for one in [*SHIPPED, *FACTS] if one != name]
    with pytest.raises(SystemExit, match=f"lacks {name}"):
        rule.check_wheel(wheel(tmp_path, names), TRACKED)


@pytest.mark.parametrize("name", ["tests/test_readme.py", "keras_ma2mi/__pycache__/a.pyc"])
def test_a_wheel_with_more_is_refused(rule: ModuleType, tmp_path: Path, name: str) -> None:
    with pytest.raises(SystemExit, match=f"should not have {name}"):
        rule.check_wheel(wheel(tmp_path, [*SHIPPED, *FACTS, name]), TRACKED)


def test_a_kind_of_file_that_no_rule_names_is_refused(rule: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"notes\.txt .* no rule"):
        rule.check_wheel(wheel(tmp_path, SHIPPED), [*TRACKED, "keras_ma2mi/notes.txt"])


def test_an_sdist_has_all_but_pictures(rule: ModuleType, tmp_path: Path) -> None:
    names = [name for name in TRACKED if name != "docs/report.png"]
    facts = ["PKG-INFO", "setup.cfg", "keras_ma2mi.egg-info/SOURCES.txt"]
    rule.check_sdist(sdist(tmp_path, [*names, *facts]), TRACKED)
    with pytest.raises(SystemExit, match=r"lacks docs/index\.md"):
        rule.check_sdist(sdist(tmp_path, [*names[:-1], *facts]), TRACKED)
    with pytest.raises(SystemExit, match=r"should not have docs/report\.png"):
        rule.check_sdist(sdist(tmp_path, [*TRACKED, *facts]), TRACKED)
