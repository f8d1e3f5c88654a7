"""Choice of the Keras backend, before Keras is imported."""

import importlib
import importlib.util
import os
import sys
import tempfile
from enum import StrEnum

from ma2mi_preprocessing.errors import InputError


class Backend(StrEnum):
    """The backends that Keras 3 trains on."""

    tensorflow = "tensorflow"
    jax = "jax"
    torch = "torch"


_INSTALLS = "; ".join(f'pip install "keras-ma2mi[{name}]"' for name in Backend)


def installed_backends() -> list[Backend]:
    """The backends whose package can be found, in the order of preference."""
    return [name for name in Backend if importlib.util.find_spec(name) is not None]


def checked_backend(name: str) -> str:
    """The name of a backend for other processes.

    Raises:
        InputError: Where it is not installed.
    """
    backend = Backend(name)
    if backend not in installed_backends():
        raise InputError(
            f'the backend {backend} is not installed: pip install "keras-ma2mi[{backend}]"'
        )
    return str(backend)


def use_backend(requested: str | None, fits: bool = False) -> Backend:
    """Makes Keras use a backend: the one asked for, else `KERAS_BACKEND`, else an installed one.

    Must run before the first `import keras` of the process.

    Args:
        requested: Name of a backend, or None.
        fits: Whether `fit` will be called, which imports TensorFlow, where it is installed, under
            every backend.

    Raises:
        InputError: Where the backend is unknown or not installed, or Keras already runs on another.
    """
    wanted = requested or os.environ.get("KERAS_BACKEND")
    installed = installed_backends()
    if not installed:
        raise InputError(f"no Keras backend is installed. Any one of these will do: {_INSTALLS}")
    if wanted is None:
        wanted = installed[0]
    if wanted not in list(Backend):
        names = ", ".join(Backend)
        raise InputError(f"KERAS_BACKEND is {wanted!r}, which is none of {names}; set one of them")
    backend = Backend(wanted)
    if backend not in installed:
        raise InputError(
            f'the backend {backend} is not installed: pip install "keras-ma2mi[{backend}]", '
            f"or choose --backend {installed[0]}, which is"
        )
    # PyTorch's threads wait for each other by spinning. Where anything else runs on a core, a small
    # training step was measured at 0.9 to 2.0 s that way, and at 0.1 s when they soon go to sleep;
    # alone on the machine it takes a quarter longer so.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    os.environ["KERAS_BACKEND"] = backend
    if "keras" in sys.modules and sys.modules["keras"].config.backend() != backend:
        running = sys.modules["keras"].config.backend()
        raise InputError(f"Keras already runs on {running} in this process; start a new one")
    if backend is Backend.tensorflow or (fits and Backend.tensorflow in installed):
        _import_tensorflow_quietly()
    return backend


def _import_tensorflow_quietly() -> None:
    """Imports TensorFlow without what it tells about its build, which no setting turns off.

    It writes to the process's standard error from C++, in the middle of a progress bar.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            # Looking for devices complains about a missing GPU driver as well.
            importlib.import_module("tensorflow").config.list_physical_devices()
        except BaseException:
            said.seek(0)
            os.write(kept, said.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
