"""Whether each installed backend trains, on which devices, in a process of its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ma2mi_recipes.backend import Backend, installed_backends
from ma2mi_recipes.doctor.findings import Finding

_SECONDS = 180
_MARK = "found: "

# Everything that backends call a device that is not a processor.
_ACCELERATOR = re.compile(r"gpu|cuda|tpu|mps|nvidia|tesla|geforce|rtx", re.IGNORECASE)
_WITH_ACCELERATOR = {
    Backend.tensorflow: 'pip install "tensorflow[and-cuda]"',
    Backend.jax: 'pip install "jax[cuda12]"',
    Backend.torch: "install PyTorch's build for CUDA instead of the one for processors",
}

# One step of training with a convolution, which is what drivers and libraries fail at.
_TRIAL = """
import json, time
begun = time.perf_counter()
from ma2mi_recipes.backend import use_backend
use_backend(None, fits=True)
import keras, numpy as np
model = keras.Sequential([keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D(),
                          keras.layers.Dense(1)])
model.compile("adam", "mse")
loss = model.fit(np.ones((4, 8, 8, 3), "float32"), np.ones((4, 1), "float32"), verbose=0)
if keras.config.backend() == "torch":
    import torch
    devices = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    devices += ["mps"] if torch.backends.mps.is_available() else []
else:
    devices = keras.distribution.list_devices()
print("found: " + json.dumps({
    "devices": [str(device) for device in devices],
    "finite": bool(np.isfinite(loss.history["loss"][0])),
    "seconds": time.perf_counter() - begun,
}), flush=True)
"""


def backend_findings() -> Iterator[Finding]:
    """One finding a backend; `bad` where one does not train."""
    installed = installed_backends()
    if not installed:
        yield Finding(
            "Keras backend",
            "note",
            "none is installed; preprocessing and the service work without one, training does not",
            'where it is needed: pip install "keras-ma2mi[tensorflow]", or jax, or torch',
        )
    asked = os.environ.get("KERAS_BACKEND")
    if asked and asked not in list(Backend):
        yield Finding(
            "KERAS_BACKEND", "bad", f"is {asked!r}", f"set it to one of {', '.join(Backend)}"
        )
    for backend in installed:
        yield tried(backend)


def tried(backend: Backend) -> Finding:
    """Trains for one step in another process: a driver that crashes takes nothing with it."""
    environment = {**os.environ, "KERAS_BACKEND": str(backend), "TF_CPP_MIN_LOG_LEVEL": "3"}
    # What this process finds, the other must find too.
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        outcome = subprocess.run(
            [sys.executable, "-c", _TRIAL],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _broken(backend, f"one step of training took more than {_SECONDS} s")
    told = [line for line in outcome.stdout.splitlines() if line.startswith(_MARK)]
    if outcome.returncode or not told:
        lines = outcome.stderr.strip().splitlines() or [f"exit code {outcome.returncode}"]
        return _broken(backend, lines[-1].strip())
    found = json.loads(told[-1].removeprefix(_MARK))
    if not found["finite"]:
        return _broken(backend, "its loss is not a number")
    devices = ", ".join(found["devices"]) or "cpu"
    words = f"trains on {devices}; {found['seconds']:.1f} s from its start"
    if nvidia_is_there() and not _ACCELERATOR.search(devices):
        return Finding(
            f"backend {backend}",
            "note",
            f"{words}, although this machine has an NVIDIA accelerator",
            f"see that `nvidia-smi` runs, and {_WITH_ACCELERATOR[backend]}",
        )
    return Finding(f"backend {backend}", "good", words)


def nvidia_is_there() -> bool:
    """Whether the driver shows a device, whatever the backends make of it."""
    return any(Path("/dev").glob("nvidia[0-9]*"))


def _broken(backend: Backend, words: str) -> Finding:
    return Finding(
        f"backend {backend}",
        "bad",
        words,
        f'install it anew, pip install --force-reinstall "keras-ma2mi[{backend}]", or choose '
        "another with --backend",
    )
