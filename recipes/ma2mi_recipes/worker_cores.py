"""Cores of a process that fits folds beside others; set before a framework is imported."""

import os
import signal
from pathlib import Path

from ma2mi_preprocessing.store_lock import hold_as_worker
from ma2mi_recipes.backend import use_backend

# Each of these is read by one framework or another, once, when it starts its threads.
_THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "NPROC",
)


def thread_environment(threads: int) -> dict[str, str]:
    """Environment of a worker; what a person has set already stays.

    Args:
        threads: Threads of the process. TensorFlow and JAX also share a graphics card that way,
            because they take only what they need of its memory.
    """
    wanted = dict.fromkeys(_THREAD_SETTINGS, str(threads))
    wanted |= {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    return {name: os.environ.get(name, value) for name, value in wanted.items()}


def start_worker(run: Path, backend: str, threads: int) -> None:
    """Prepares a process of a pool, before it imports Keras."""
    hold_as_worker(run)
    os.environ.update(thread_environment(threads))
    use_backend(backend, fits=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
