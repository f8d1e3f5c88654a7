"""Whether the machine lets preprocessing work: kernels, decoders, detectors, folders, room."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.faces import create_detector
from ma2mi_preprocessing.faces.model_files import CACHE_VARIABLE, YUNET_2023, cache_folder
from ma2mi_preprocessing.motion import compile_kernels
from ma2mi_preprocessing.video import read_frames
from ma2mi_recipes.doctor.findings import Finding

_LEAST_FREE = 2 * 1024**3


def machine_findings() -> Iterator[Finding]:
    """One finding a look."""
    yield _cores()
    yield _kernels()
    yield _videos()
    yield _faces()
    yield _fetched_files()
    for name, folder in (("cache", cache_folder()), ("temporary files", _temporary())):
        yield _room(name, folder)


def _cores() -> Finding:
    from ma2mi_preprocessing.benchmarks.machine import machine_facts

    facts = machine_facts()
    return Finding("processor", "good", f"{facts['cpu']}, {facts['cpus']} CPU(s) for this process")


def _kernels() -> Finding:
    """Flow kernels, which are compiled once for a machine and kept."""
    begun = time.perf_counter()
    try:
        compile_kernels()
    except InputError as error:
        return Finding(
            "flow kernels", "bad", str(error), "set NUMBA_CACHE_DIR to a folder of yours"
        )
    seconds = time.perf_counter() - begun
    return Finding("flow kernels", "good", f"ready after {seconds:.1f} s")


def _videos() -> Finding:
    """Writes a short video and reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial.avi"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
        for value in (0, 100, 200):
            writer.write(np.full((48, 64, 3), value, np.uint8))
        writer.release()
        try:
            frames = list(read_frames(path))
        except InputError as error:
            return _no_videos(str(error))
    if len(frames) != 3:
        return _no_videos(f"{len(frames)} of 3 frames came back")
    backends = [cv2.videoio_registry.getBackendName(one)
                for one in cv2.videoio_registry.getStreamBackends()]  # fmt: skip
    return Finding("video decoding", "good", f"by {', '.join(backends)}")


def _no_videos(words: str) -> Finding:
    return Finding(
        "video decoding",
        "bad",
        words,
        "install OpenCV anew: pip install --force-reinstall opencv-contrib-python-headless",
    )


def _faces() -> Finding:
    """The detector that works without a network."""
    try:
        create_detector("cascade").detect(np.zeros((64, 64, 3), np.uint8))
    except InputError as error:
        return Finding(
            "face detector", "bad", str(error), "install opencv-contrib-python-headless below 5"
        )
    return Finding("face detector", "good", "cascade works offline")


def _fetched_files() -> Finding:
    path = cache_folder() / YUNET_2023.name
    if path.is_file():
        return Finding("yunet's network", "good", f"at {path}")
    return Finding(
        "yunet's network",
        "note",
        "is not fetched yet",
        "is fetched by the first --detector yunet, which needs the internet once; or give a file "
        "with --detector-model",
    )


def _room(name: str, folder: Path) -> Finding:
    existing = next((one for one in (folder, *folder.parents) if one.is_dir()), Path("/"))
    if not os.access(existing, os.W_OK):
        return Finding(
            name, "bad", f"{existing} cannot be written to", f"set {_variable(name)} to another"
        )
    free = shutil.disk_usage(existing).free
    words = f"{folder}, {free / 1024**3:.1f} GiB free"
    if free < _LEAST_FREE:
        return Finding(name, "bad", words, f"make room, or set {_variable(name)} to another folder")
    return Finding(name, "good", words)


def _variable(name: str) -> str:
    return CACHE_VARIABLE if name == "cache" else "TMPDIR"


def _temporary() -> Path:
    return Path(tempfile.gettempdir())
