"""One set of weights, every installed backend, the same outputs."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

# Three interpreters, three frameworks to import: about half a minute.
pytestmark = pytest.mark.slow

_INSTALLED = [
    name for name in ("tensorflow", "jax", "torch") if importlib.util.find_spec(name) is not None
]


def _run(backend: str, folder: Path, mode: str) -> dict[str, np.ndarray]:
    program = [sys.executable, "-m", "tests.keras_ma2mi.backend_process", str(folder), mode]
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backends")


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, np.ndarray]:
    return _run(keras.backend.backend(), folder, "save")


@pytest.mark.parametrize("backend", _INSTALLED)
def test_weights_saved_here_give_equal_outputs_there(
    backend: str, folder: Path, expected: dict[str, np.ndarray]
) -> None:
    if backend == keras.backend.backend():
        pytest.skip("the weights were saved under this backend")
    outputs = _run(backend, folder, "load")
    assert set(outputs) == set(expected)
    for name, array in expected.items():
        scale = np.abs(array).max()
        assert scale > 1e-3, name
        np.testing.assert_allclose(outputs[name] / scale, array / scale, atol=1e-4, err_msg=name)
