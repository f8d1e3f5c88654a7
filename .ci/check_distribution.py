"""Builds the wheel and the sdist, compares what is in them with a rule, and installs the wheel.

    python .ci/check_distribution.py                      # this Python, no backend; what CI runs
    python .ci/check_distribution.py --matrix             # Python 3.11, 3.12 and 3.13, a backend
    python .ci/check_distribution.py --contents           # builds and compares, installs nothing

Needs `build` and `twine`, which are in the extra `test`, and a checkout.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from distribution_contents import check_metadata, check_sdist, check_wheel, tracked_files

CHECKOUT = Path(__file__).resolve().parents[1]
MATRIX = ("3.11", "3.12", "3.13")
# In the order of preference; the first that can be installed for an interpreter is tried there.
BACKENDS = ("jax", "tensorflow", "torch")
EXTRAS = ("service", "datasets")


def main() -> None:
    """Builds, compares, installs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contents", action="store_true", help="install nothing")
    parser.add_argument("--matrix", action="store_true", help="all interpreters, with a backend")
    parser.add_argument("--python", action="append", default=[], help="of the matrix, only these")
    parser.add_argument("--backend", choices=BACKENDS, help="of the matrix; else what installs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="check-distribution-") as name:
        work = Path(name)
        wheel, sdist = built(work / "dist")
        check_wheel(wheel, tracked_files(CHECKOUT))
        check_sdist(sdist, tracked_files(CHECKOUT))
        check_metadata(wheel, CHECKOUT)
        run([sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist)])
        if not options.contents:
            lines = list(installed(wheel, work, options))
            print("\n".join(["", *lines]))


def built(folder: Path) -> tuple[Path, Path]:
    """Builds the sdist from a copy of what is tracked, and the wheel from the sdist.

    So nothing that lies about in the checkout gets in, and the sdist is shown to be enough.
    """
    source = folder.parent / "source"
    for name in tracked_files(CHECKOUT):
        goal = source / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, goal)
    # It names every file that it copies.
    run([sys.executable, "-m", "build", "--outdir", str(folder), str(source)], quiet=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    for path in (wheel, sdist):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")
    return wheel, sdist


def installed(wheel: Path, work: Path, options: argparse.Namespace) -> "list[str]":
    """Installs the wheel for each interpreter and has it work; a line for each."""
    if not options.matrix:
        return [checked(sys.executable, wheel, work, None)]
    lines = []
    for version in options.python or MATRIX:
        python = interpreter(version)
        if python is None:
            lines.append(f"Python {version}: skipped, this machine has none")
            continue
        lines.append(checked(python, wheel, work, options.backend or BACKENDS))
    return lines


def interpreter(version: str) -> str | None:
    """An interpreter of a version, on the path or of pyenv."""
    found = shutil.which(f"python{version}")
    # A shim of pyenv is there also where the version that it stands for is not chosen.
    if found and not subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL):
        return found
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    paths = sorted(root.glob(f"versions/{version}.*/bin/python3"))
    return str(paths[-1]) if paths else None


def checked(python: str, wheel: Path, work: Path, backends: "str | tuple[str, ...] | None") -> str:
    """Installs the wheel in a new environment, runs `installed_check.py`; what came of it."""
    begun = time.monotonic()
    place = work / "environment"
    shutil.rmtree(place, ignore_errors=True)
    run([python, "-m", "venv", str(place)])
    inside = str(place / "bin" / "python")
    version = said([inside, "-c", "import platform; print(platform.python_version())"])
    print(f"== Python {version}", flush=True)
    constraints = ["-c", str(CHECKOUT / "constraints.txt")]
    words = install(inside, wheel, EXTRAS if backends else EXTRAS[:1], *constraints)
    if words:
        print(f"constraints.txt does not hold on Python {version}:\n{words}")
        constraints = []
        words = install(inside, wheel, EXTRAS)
        if words:
            raise SystemExit(f"keras-ma2mi cannot be installed on Python {version}:\n{words}")
    backend, blocked = None, []
    for name in (backends,) if isinstance(backends, str) else backends or ():
        words = install(inside, wheel, (name,), *constraints)
        if not words:
            backend = name
            break
        blocked.append(f"{name} could not be installed ({words.splitlines()[-1]})")
    run([inside, "-m", "pip", "check", "--disable-pip-version-check"])
    script = CHECKOUT / ".ci" / "installed_check.py"
    folder = work / "elsewhere"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    run([inside, "-I", str(script), *([backend] if backend else [])], cwd=folder)
    parts = [f"Python {version}: works", f"backend {backend or 'none'}", *blocked]
    return f"{', '.join(parts)}; {time.monotonic() - begun:.0f} s"


def install(python: str, wheel: Path, extras: tuple[str, ...], *more: str) -> str:
    """Installs the wheel with extras, from wheels alone; what pip said where it failed."""
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # What is imported is compiled then; the rest of these environments never is.
    command += ["--no-compile", "--only-binary", ":all:", *more, f"{wheel}[{','.join(extras)}]"]
    done = subprocess.run(command, capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return "\n".join(errors or [done.stderr]) if done.returncode else ""


def said(command: list[str]) -> str:
    """Standard output of a command."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def run(command: list[str], cwd: Path | None = None, quiet: bool = False) -> None:
    """Runs a command; raises where it fails, and then shows what it said if it was to be quiet."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=quiet, text=True, errors="replace", check=False
    )
    if done.returncode:
        words = f"{done.stdout}{done.stderr}" if quiet else ""
        raise SystemExit(f"{words}failed with status {done.returncode}: {' '.join(command)}")


if __name__ == "__main__":
    main()
