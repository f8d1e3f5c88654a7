"""One version, in pyproject.toml, which everything else looks up; and one place that looks up."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import keras_ma2mi
from ma2mi_preprocessing import versions
from ma2mi_recipes.run_directory import provenance
from tests.recipes.conftest import succeed

ROOT = Path(__file__).resolve().parents[3]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_all_that_tell_a_version_tell_that_of_the_project() -> None:
    assert versions.installed_version() == VERSION
    assert keras_ma2mi.__version__ == VERSION
    assert succeed("--version").strip() == VERSION
    assert provenance()["versions"]["keras-ma2mi"] == VERSION


def test_no_source_repeats_the_version() -> None:
    folders = ("keras_ma2mi", "preprocessing", "recipes")
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Constant) and node.value == VERSION), path


def test_only_two_modules_look_versions_up() -> None:
    folders = ("keras_ma2mi", "preprocessing", "recipes")
    asking = {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "metadata.version(" in (text := path.read_text(encoding="utf-8"))
        or "PackageNotFoundError, version" in text
    }
    # The two stacks may not import each other, and each must tell its own version.
    assert asking == {
        "keras_ma2mi/__init__.py",
        "preprocessing/ma2mi_preprocessing/versions.py",
    }


def test_a_package_that_is_not_there_is_recorded_so() -> None:
    found = versions.recorded_versions(["numpy", "no-such-package"])
    assert list(found) == ["python", "numpy", "no-such-package"]
    assert found["no-such-package"] == versions.ABSENT
    assert versions.installed_version("no-such-package") is None


def test_runs_leave_out_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = versions.installed_version
    monkeypatch.setattr(
        versions, "installed_version", lambda name: None if name == "numba" else real(name)
    )
    assert "numba" not in provenance()["versions"]
    assert "numpy" in provenance()["versions"]


def test_a_source_tree_that_was_never_installed_still_answers(tmp_path: Path) -> None:
    program = f"""
import sys
sys.path[:0] = {[str(ROOT / "preprocessing"), str(ROOT / "recipes")]!r}
import importlib.metadata
def absent(name):
    raise importlib.metadata.PackageNotFoundError(name)
importlib.metadata.version = absent
from ma2mi_recipes.cli import app
app(["--version"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, versions.ABSENT), done.stderr
