"""`python -m tests`: the whole suite under every installed backend, one process each.

Keras chooses its backend when it is imported, so a backend is a process and never a parameter of
a test. Tests that touch no backend (those of preprocessing) run once, under the first one.
Arguments go on to pytest.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

BACKENDS = ("tensorflow", "jax", "torch")
NOTHING_COLLECTED = 5
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
    for place, backend in enumerate(backends):
        print(f"== suite under {backend}", flush=True)
        options = [] if place == 0 else ["--ignore=tests/preprocessing"]
        code, counts = run_suite(backend, [*options, *arguments])
        status = status or code
        for name in totals:
            totals[name] += counts.get(name, 0)
        totals["failed"] += counts.get("error", 0) + counts.get("errors", 0)
    print(", ".join(f"{count} {name}" for name, count in totals.items()))
    if not totals["passed"]:
        return status or NOTHING_COLLECTED
    return status


def run_suite(backend: str, arguments: list[str]) -> tuple[int, dict[str, int]]:
    """One pytest process; returns its exit status and what its closing line counted."""
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # One pytest worker a core already: threads on top of them would only wait for each other.
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--durations=5", *arguments]
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
