"""`python -m tests`: the whole suite under every installed backend, one process each.

Keras chooses its backend when it is imported, so a backend is a process and never a parameter of
a test. Tests of preprocessing import no Keras, and run once, in a process of their own; so do tests
that import it but compute nothing with it, under its NumPy backend, which cannot train. Some stages
are run under one backend only.
Arguments go on to pytest.
"""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BACKENDS = ("tensorflow", "jax", "torch")
NOTHING_COLLECTED = 5
PREPROCESSING_ONLY = (
    "--ignore=tests/keras_ma2mi",
    "--ignore=tests/recipes",
    "--ignore-glob=tests/test_*.py",
)
ANY_BACKEND = (
    "tests/keras_ma2mi/evaluation",
    "tests/recipes/report",
    "tests/recipes/any_backend",
    "tests/test_containers.py",
    "tests/test_distribution.py",
    "tests/test_house.py",
    "tests/test_protocol_data.py",
)
# What is asked here of a backend is to train and predict, as other tests ask of each of them. Under
# PyTorch, which compiles nothing, it takes least time.
ONE_BACKEND = "tests/recipes/one_backend"
ON_EACH_BACKEND = ("--ignore=tests/preprocessing", *(f"--ignore={path}" for path in ANY_BACKEND))
_ROOT = Path(__file__).resolve().parents[1]
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?|deselected)")


def main(arguments: list[str]) -> int:
    """Runs the suites; returns the exit status."""
    backends = [name for name in BACKENDS if importlib.util.find_spec(name)]
    if not backends:
        print('no backend is installed: pip install "keras-ma2mi[tensorflow]", or jax, or torch')
        return 2
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    status = 0
    suites: list[tuple[str, str | None, tuple[str, ...]]] = [
        ("preprocessing", None, PREPROCESSING_ONLY),
        ("any backend", "numpy", ignoring_all_but(ANY_BACKEND)),
        *((backend, backend, ON_EACH_BACKEND) for backend in backends[-1:]),
        *(
            (backend, backend, (*ON_EACH_BACKEND, f"--ignore={ONE_BACKEND}"))
            for backend in backends[:-1]
        ),
    ]
    for name, backend, options in suites:
        print(f"== suite of {name}", flush=True)
        with tempfile.TemporaryDirectory() as programs:
            code, counts = run_suite(backend, [*options, *arguments], programs)
        # Arguments may choose tests of one part only.
        status = status or (0 if code == NOTHING_COLLECTED else code)
        for kind in totals:
            totals[kind] += counts.get(kind, 0)
        totals["failed"] += counts.get("error", 0) + counts.get("errors", 0)
    print(", ".join(f"{count} {name}" for name, count in totals.items()))
    if not totals["passed"]:
        return status or NOTHING_COLLECTED
    return status


def ignoring_all_but(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Options that leave only the given files and folders to pytest, whatever else it is told."""
    wanted = {_ROOT / path for path in paths}
    folders = {parent for path in wanted for parent in path.parents if _ROOT in parent.parents}
    others = {child for folder in folders for child in folder.iterdir()} - wanted - folders
    tests = (path for path in others if path.is_dir() or path.name.startswith("test_"))
    return tuple(f"--ignore={path.relative_to(_ROOT)}" for path in sorted(tests))


def run_suite(
    backend: str | None, arguments: list[str], programs: str
) -> tuple[int, dict[str, int]]:
    """One pytest process; returns its exit status and what its closing line counted.

    What JAX compiles goes into the folder `programs`: it compiles each operation of each shape, and
    most tests build networks of the same ones. A new folder for each suite, so that nothing
    compiled earlier answers for what has changed since.
    """
    environment = {
        **os.environ,
        **({} if backend is None else {"KERAS_BACKEND": backend}),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # One pytest worker a core already: threads on top of them would only wait for each other.
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "JAX_COMPILATION_CACHE_DIR": programs,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "--durations=5",
        *arguments,
    ]
    process = subprocess.Popen(
        command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, text=True, errors="replace"
    )
    assert process.stdout is not None
    counts: dict[str, int] = {}
    for line in process.stdout:
        print(line, end="", flush=True)
        found = _COUNT.findall(line)
        if found and " in " in line:
            counts = {name: int(count) for count, name in found}
    return process.wait(), counts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
