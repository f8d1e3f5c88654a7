"""`python -m ma2mi_preprocessing.service` as a real process."""

import os
import platform
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.service.__main__ import main
from ma2mi_preprocessing.service.tokens import read_tokens

pytest.importorskip("uvicorn")
pytest.importorskip("fastapi")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_process_listens_on_loopback_and_ends_when_told(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "ma2mi_preprocessing.service", "--port", str(port),
               "--data", str(tmp_path / "jobs")]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                url = f"http://127.0.0.1:{port}/healthz"
                with urllib.request.urlopen(url, timeout=5) as answer:
                    assert b'"status":"ok"' in answer.read()
                break
            except OSError:
                assert process.poll() is None, process.stdout and process.stdout.read()
                assert time.monotonic() < deadline
                time.sleep(0.2)
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=20)
    assert f"127.0.0.1:{port}" in output


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "x"], ["--port", "65536"], ["--max-concurrent", "0"]]
)
def test_impossible_options_end_with_exit_code_two(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_tokens_are_read_from_a_file_or_from_the_environment(tmp_path, monkeypatch):
    file = tmp_path / "tokens"
    file.write_text("first-token-0123456789\nsecond-token-0123456789\n")
    assert read_tokens(file) == ("first-token-0123456789", "second-token-0123456789")
    monkeypatch.setenv("KERAS_MA2MI_TOKENS", "third-token-0123456789")
    assert read_tokens(None) == ("third-token-0123456789",)
    file.write_text("\n")
    with pytest.raises(InputError, match="holds no token"):
        read_tokens(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_tokens(tmp_path / "missing")


def test_without_tokens_the_process_refuses_to_be_reached_from_elsewhere(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.delenv("KERAS_MA2MI_TOKENS", raising=False)
    assert main(["--host", "0.0.0.0", "--data", str(tmp_path / "jobs")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--token-file" in said


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc knows of it")
def test_large_flows_reuse_their_memory_after_many_small_ones():
    # In a process of its own, whose allocator has learnt nothing yet; only threads are affected.
    code = """
import resource, sys, threading
import numpy as np
from ma2mi_preprocessing.service.allocator import keep_freed_memory
from ma2mi_preprocessing.service.computation import as_npz, compute_motion
if sys.argv[1] == "kept":
    assert keep_freed_memory()

def flows(size, count):
    image = np.random.default_rng(0).integers(0, 255, (size, size, 3)).astype(np.uint8)
    for _ in range(count):
        as_npz(compute_motion(image, np.roll(image, 1, axis=1)))

def faults():
    flows(96, 40)
    flows(480, 2)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    flows(480, 5)
    print((resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before) / 5)

thread = threading.Thread(target=faults)
thread.start()
thread.join()
"""
    found = {
        kept: float(
            subprocess.run(
                [sys.executable, "-c", code, kept],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for kept in ("kept", "as it is")
    }
    assert found["kept"] < 500
    assert found["kept"] <= found["as it is"]
