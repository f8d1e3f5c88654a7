"""Measuring in a Python process of its own, where imports and compiled code start afresh."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any


def measure_in_child(
    code: str, environment: Mapping[str, str], *, time_limit: float = 600.0
) -> Any:
    """Run Python code with additional environment variables; it prints JSON as its last line.

    Raises
    ------
    RuntimeError
        The process failed; with what it said last.
    """
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        timeout=time_limit,
        check=False,
    )
    if process.returncode != 0:
        said = process.stderr.strip().splitlines() or ["nothing was said"]
        raise RuntimeError(f"a measuring process ended with {process.returncode}: {said[-1]}")
    return json.loads(process.stdout.strip().splitlines()[-1])
