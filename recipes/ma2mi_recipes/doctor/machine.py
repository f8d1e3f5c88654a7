"""Whether the machine lets preprocessing work: kernels, decoders, detectors, folders, room."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.faces import create_detector
from ma2mi_preprocessing.faces.model_files import (
    CACHE_VARIABLE,
    YUNET_2023,
    cache_folder,
    is_intact,
)
from ma2mi_preprocessing.kernels.compilation import kept_in
from ma2mi_preprocessing.kernels.strain import strain_magnitude
from ma2mi_preprocessing.motion import compile_kernels
from ma2mi_preprocessing.video import read_frames
from ma2mi_recipes.doctor.findings import Finding

# Fetched networks and clips on their way to an object store take less; containers have no more.
_LEAST_FREE = 512 * 1024**2
_INSTALL_OPENCV = 'pip install --force-reinstall "opencv-contrib-python-headless>=4.10,<5"'


def machine_findings() -> Iterator[Finding]:
    """One finding a look."""
    yield _cores()
    yield _kernels()
    yield _faces()
    yield _fetched_files()
    yield _room("cache", cache_folder())
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        words = f"there is no folder for them: {error.strerror or error}"
        yield Finding(
            "temporary files", "bad", words, "set TMPDIR to a folder that can be written to"
        )
        return
    yield _room("temporary files", temporary)
    yield _videos()


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
    words = f"ready after {time.perf_counter() - begun:.1f} s"
    folder = kept_in(strain_magnitude)
    if folder is None:
        return Finding(
            "flow kernels",
            "bad",
            f"{words}, and compiled anew in every process: no folder can be written for them",
            "set NUMBA_CACHE_DIR to a folder of yours",
        )
    size = sum(path.stat().st_size for path in folder.glob("*.nb*"))
    return Finding("flow kernels", "good", f"{words}; {size / 1024**2:.1f} MiB in {folder}")


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
    if "FFMPEG" not in backends:
        return Finding(
            "video decoding",
            "note",
            f"by {', '.join(backends)} alone, without FFMPEG: most MP4 files cannot be read",
            f"install OpenCV from its wheel: {_INSTALL_OPENCV}; or give folders of frames",
        )
    return Finding("video decoding", "good", f"by {', '.join(backends)}")


def _no_videos(words: str) -> Finding:
    return Finding(
        "video decoding",
        "bad",
        words,
        f"install OpenCV anew: {_INSTALL_OPENCV}",
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
    if is_intact(path, YUNET_2023):
        return Finding("yunet's network", "good", f"at {path}")
    if path.exists():
        return Finding(
            "yunet's network",
            "note",
            f"{path} is not the published file",
            "delete it; the next --detector yunet fetches it anew",
        )
    return Finding(
        "yunet's network",
        "note",
        "is not fetched yet",
        "is fetched by the first --detector yunet, which needs the internet once; or give a file "
        "with --detector-model",
    )


def _room(name: str, folder: Path) -> Finding:
    existing = next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))
    other = f"set {_variable(name)} to a folder of yours"
    try:
        # Permissions do not tell of a file system that is read-only, or full.
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        words = f"{existing} cannot be written to ({error.strerror or error})"
        return Finding(name, "bad", words, f"make it a folder that can be written to, or {other}")
    free = shutil.disk_usage(existing).free
    words = f"{folder}, {free / 1024**3:.1f} GiB free"
    if folder.is_dir() and name == "cache":
        files = [path for path in folder.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        words += f", {len(files)} files of {size / 1024**2:.1f} MiB in it"
    if free < _LEAST_FREE:
        return Finding(name, "bad", words, f"make room, or {other}")
    return Finding(name, "good", words)


def _variable(name: str) -> str:
    return CACHE_VARIABLE if name == "cache" else "TMPDIR"
