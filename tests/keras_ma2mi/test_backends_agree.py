"""One set of weights, every installed backend: the same outputs, and the same training.

The backend under which the tests run saves the weights, and another one loads them in a process of
its own. Run under each backend in turn, as `python -m tests` does, every two are compared, and each
saves and loads once; the slow test takes every pair in both directions.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_ma2mi.models import PRESETS
from tests.keras_ma2mi.backend_process import STEPS, TRAINED, run

_HERE = keras.backend.backend()
_INSTALLED = [
    name for name in ("tensorflow", "jax", "torch") if importlib.util.find_spec(name) is not None
]
_OTHERS = [name for name in _INSTALLED if name != _HERE]
# In a circle, so that what compiles longest is not started from everywhere.
_CIRCLE = dict(zip(_INSTALLED, [*_INSTALLED[1:], *_INSTALLED[:1]], strict=True))
_NEXT = [_CIRCLE[_HERE]] if _HERE in _CIRCLE and _OTHERS else []
FAST = [
    "miacnet_tiny",
    "miacnet_motion28",
    "reconstructor",
    "three_stream_cnn",
    "train_classifier_sgd",
    "train_reconstructor_sgd",
]
SLOW = [*PRESETS, "reconstructor", *TRAINED]
OUTPUT_TOLERANCE, LOSS_TOLERANCE = 1e-4, 1e-3
# Twenty steps amplify the rounding of the first; wrong moving statistics would be off by far more.
TRAINED_OUTPUT_TOLERANCE = 1e-2


def _run_in_process(backend: str, folder: Path, jobs: list[str]) -> dict[str, np.ndarray]:
    program = [sys.executable, "-m", "tests.keras_ma2mi.backend_process", str(folder), _HERE, *jobs]
    paths = [path for path in sys.path if path]
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *paths]),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(folder / f"{backend}.npz") as outputs:
        return dict(outputs)


def _differences(
    ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """Largest relative difference by kind (losses, outputs after training, outputs) and name."""
    assert set(ours) == set(theirs)
    found: dict[str, dict[str, float]] = {"loss": {}, "trained": {}, "output": {}}
    for name, array in ours.items():
        difference = np.abs(array - theirs[name])
        kind = "output"
        if name.endswith("/losses"):
            assert array.shape == (STEPS,) and np.ptp(array) > 0
            kind, difference = "loss", difference / np.abs(array)
        else:
            scale = np.abs(array).max()
            assert scale > 1e-3 and np.ptp(array) > 0, name
            kind = "trained" if "/after_" in name else "output"
            difference = difference / scale
        found[kind][name] = float(difference.max())
    return found


def _check(found: dict[str, dict[str, float]]) -> None:
    limits = {
        "loss": LOSS_TOLERANCE,
        "trained": TRAINED_OUTPUT_TOLERANCE,
        "output": OUTPUT_TOLERANCE,
    }
    for kind, limit in limits.items():
        # Written so that a NaN fails.
        wrong = {name: value for name, value in found[kind].items() if not value < limit}
        assert not wrong, (kind, wrong)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backends")


@pytest.fixture(scope="module")
def fast_results(folder: Path) -> dict[str, np.ndarray]:
    return run(folder, _HERE, FAST, save=True)


@pytest.fixture(scope="module")
def slow_results(folder: Path) -> dict[str, np.ndarray]:
    return run(folder, _HERE, SLOW, save=True)


@pytest.mark.parametrize("backend", _NEXT)
def test_weights_saved_here_compute_and_train_the_same_there(
    backend: str, folder: Path, fast_results: dict[str, np.ndarray]
) -> None:
    _check(_differences(fast_results, _run_in_process(backend, folder, FAST)))


@pytest.mark.slow
@pytest.mark.parametrize("backend", _OTHERS)
def test_every_preset_and_optimizer_is_the_same_there(
    backend: str, folder: Path, slow_results: dict[str, np.ndarray]
) -> None:
    _check(_differences(slow_results, _run_in_process(backend, folder, SLOW)))
