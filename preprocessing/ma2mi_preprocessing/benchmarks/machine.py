"""On what a measurement was taken: processor, CPUs, and versions."""

import platform
from pathlib import Path
from typing import Any

from ..available_cpus import available_cpus
from ..versions import installed_version

PACKAGES = ("numpy", "numba", "opencv-contrib-python-headless", "scikit-image")


def machine_facts() -> dict[str, Any]:
    """Facts that belong beside every figure.

    Returns
    -------
    dict
        ``cpu`` (model), ``cpus`` (that this process may use), ``system``, ``python``, and
        ``versions`` of the packages measured (None where one is not installed as such).
    """
    return {
        "cpu": _cpu_model(),
        "cpus": available_cpus(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: installed_version(name) for name in PACKAGES},
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown"
