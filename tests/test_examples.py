"""The examples are programs: each runs as a user would run it, and says what it should."""

import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run(*arguments: str) -> str:
    paths = [ROOT, ROOT / "preprocessing", os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "KERAS_BACKEND": keras.config.backend(),
        "PYTHONPATH": os.pathsep.join(str(path) for path in paths if str(path)),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def figures(text: str) -> list[float]:
    return [float(figure) for figure in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", text)]


def test_every_example_is_run_here() -> None:
    assert [path.stem for path in EXAMPLES] == [
        "action_branch_in_your_model",
        "motion_in_data_pipelines",
        "pretrain_your_own_network",
    ]


def test_action_branch_learns_inside_another_model() -> None:
    accuracy, attention = run(str(ROOT / "examples/action_branch_in_your_model.py")).splitlines()
    assert figures(accuracy)[0] >= 0.9
    assert attention.endswith("8x8")


def test_own_network_is_pretrained_and_used() -> None:
    gain, accuracy = run(str(ROOT / "examples/pretrain_your_own_network.py")).splitlines()
    first, last = figures(gain)
    assert last > 1.1 * first
    # Four directions: a quarter would be chance.
    assert figures(accuracy)[0] >= 0.6


def test_motion_layers_agree_in_every_pipeline() -> None:
    lines = run(str(ROOT / "examples/motion_in_data_pipelines.py")).splitlines()
    if len(lines) == 2 and "TensorFlow is not installed" in lines[1]:
        lines.pop()
    for line in lines:
        assert figures(line)[-1] <= 1e-6, line


@pytest.mark.skipif(
    keras.config.backend() == "tensorflow", reason="without TensorFlow this backend is not there"
)
def test_pipelines_do_without_tensorflow() -> None:
    path = str(ROOT / "examples/motion_in_data_pipelines.py")
    # None among the modules is how Python marks one that cannot be imported.
    code = f"import runpy, sys; sys.modules['tensorflow'] = None; runpy.run_path({path!r})"
    lines = run("-c", code).splitlines()
    assert figures(lines[0])[-1] <= 1e-6
    assert lines[1] == "TensorFlow is not installed: the part with tf.data is left out"
