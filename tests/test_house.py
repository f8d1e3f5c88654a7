"""The walls of the house: who may import whom, and how large a room may grow."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [
    ROOT / "keras_ma2mi",
    ROOT / "preprocessing" / "ma2mi_preprocessing",
    ROOT / "recipes" / "ma2mi_recipes",
]
SOURCES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))
FILE_CAP, FUNCTION_CAP = 400, 60
SLOW_TO_IMPORT = {
    "keras", "numba", "cv2", "pandas", "matplotlib", "sklearn", "skimage", "zarr", "pyarrow",
}  # fmt: skip


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    paths = [str(ROOT), str(ROOT / "preprocessing"), str(ROOT / "recipes")]
    setup = f"import sys; sys.path[:0] = {paths!r}\n"
    return subprocess.run(
        [sys.executable, "-c", setup + code], capture_output=True, text=True, cwd=ROOT.parent
    )


def test_layers_hold() -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_preprocessing_is_usable_without_keras() -> None:
    code = """
import ma2mi_preprocessing
for name in ma2mi_preprocessing.__all__:
    getattr(ma2mi_preprocessing, name)
import ma2mi_preprocessing.pipeline, ma2mi_preprocessing.synthesis
assert not {"keras", "tensorflow", "jax", "torch"} & set(sys.modules)
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_preprocessing_refuses_a_second_copy_under_another_name() -> None:
    done = run_python("import preprocessing.ma2mi_preprocessing")
    assert done.returncode == 1
    assert "import `ma2mi_preprocessing`" in done.stderr


def test_help_waits_for_no_heavy_import() -> None:
    code = f"""
import ma2mi_recipes.cli
heavy = {SLOW_TO_IMPORT!r} & set(sys.modules)
assert not heavy, heavy
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_CAP
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            # A contract that is spelled out makes a function longer to read, not harder.
            length -= len((ast.get_docstring(node) or "").splitlines())
            assert length <= FUNCTION_CAP, f"{node.name}: {length} lines"


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert not silent


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc"}
    assert not [path for path in SOURCES if path.stem in drawers or path.stem.endswith("_test")]


def test_tracked_files_name_no_folder_of_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT)
    if listed.returncode:
        pytest.skip("not a git checkout")
    suspicious = (str(Path.home()) + "/", str(ROOT.parent) + "/")
    for name in listed.stdout.splitlines():
        if Path(name).suffix in {".py", ".md", ".toml", ".txt", ".yml", ".html", ""}:
            text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
            assert not [path for path in suspicious if len(path) > 3 and path in text], name
