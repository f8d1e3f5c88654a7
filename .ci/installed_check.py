"""Has an installed keras-ma2mi work: python -I .ci/installed_check.py [BACKEND].

Runs in the environment that is looked at, in an empty folder, and imports nothing of a checkout.
"""

import importlib.metadata
import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("keras-ma2mi"))
_FORWARD = """
import keras, keras_ma2mi, numpy as np
from keras_ma2mi.models import MIACNet, weights_folder

name = "miacnet_tiny_rendered"
model = MIACNet.from_preset(name)
with np.load(weights_folder(name) / "check.npz") as arrays:
    inputs = {"onset": arrays["onset"].astype("float32") / 255,
              "motion": arrays["motion"].astype("float32")}
    logits = model.predict_on_batch({key: inputs[key] for key in model.input_keys})
    answers = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    difference = float(np.abs(answers - arrays["probabilities"]).max())
assert difference < 1e-3, difference
print(f"{name} under {keras.config.backend()}: {difference:.1e} from the answers it came with")
"""


def main() -> None:
    """Version, doctor, clips, the service, and a model where there is a backend."""
    os.environ["NUMBA_CACHE_DIR"] = str(Path("kernels").absolute())
    backend = sys.argv[1] if len(sys.argv) > 1 else None
    version = importlib.metadata.version("keras-ma2mi")
    if run(COMMAND, "--version").strip() != version:
        raise SystemExit("--version differs from the version of the distribution")
    said = run(COMMAND, "doctor")
    print("\n".join(line for line in said.splitlines() if "note" in line or "backend" in line))
    run(COMMAND, "synthesize", "micro", "clips", "--subjects", "1", "--clips-per-subject", "2")
    run(COMMAND, "preprocess", "clips/manifest.csv", "clips.store", "--size", "64")
    print(run(COMMAND, "store", "verify", "clips.store").strip())
    check_service()
    if backend:
        os.environ["KERAS_BACKEND"] = backend
        print(run(sys.executable, "-I", "-c", _FORWARD).strip())


def check_service() -> None:
    """Starts the service and asks it for the flow of two images."""
    import cv2
    import numpy as np

    pattern = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype("uint8")
    images = {"reference": pattern, "moving": np.roll(pattern, 1, axis=1)}
    body = b""
    for name, image in images.items():
        head = f'--end\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n\r\n'
        body += head.encode() + cv2.imencode(".png", image)[1].tobytes() + b"\r\n"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["serve", "--port", str(port), "--data", "service"]
    service = subprocess.Popen([COMMAND, *arguments], stderr=subprocess.PIPE)
    try:
        wait_for(port, service)
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/flow",
            body + b"--end--\r\n",
            {"Content-Type": "multipart/form-data; boundary=end"},
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            arrays = np.load(io.BytesIO(answer.read()))
            print("/v1/flow:", {name: arrays[name].shape for name in arrays.files})
    finally:
        service.terminate()
        service.wait(timeout=30)


def wait_for(port: int, service: "subprocess.Popen[bytes]") -> None:
    """Returns once the service listens."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and service.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.5)
    service.kill()
    raise SystemExit(f"the service did not start: {service.stderr.read().decode()}")


def run(*command: str) -> str:
    """What a command printed; raises where it failed."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        line = " ".join(command)
        raise SystemExit(
            f"failed with status {done.returncode}: {line}\n{done.stdout}{done.stderr}"
        )
    return done.stdout


if __name__ == "__main__":
    main()
