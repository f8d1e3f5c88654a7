"""Networks that are not part of this package: fetched once, checked, and kept for the user."""

import hashlib
import os
import sys
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from ..atomic_files import atomic_path
from ..errors import InputError

CACHE_VARIABLE = "MA2MI_CACHE"
"""Environment variable that names another folder for fetched files."""

_TIMEOUT_SECONDS = 30.0
_CHUNK = 1 << 16


@dataclass(frozen=True)
class ModelFile:
    """A file that somebody else publishes, and what it must be like.

    Attributes
    ----------
    name : str
        File name in the cache.
    url : str
        Where it is published, at a revision that does not change.
    sha256 : str
        Checksum in hexadecimal digits.
    size : int
        Bytes; not one more is ever downloaded.
    """

    name: str
    url: str
    sha256: str
    size: int


# The size and the checksum are those that the OpenCV Zoo itself records for Git LFS; its MIT
# licence is beside it.
YUNET_2023 = ModelFile(
    name="face_detection_yunet_2023mar.onnx",
    url=(
        "https://media.githubusercontent.com/media/opencv/opencv_zoo/"
        "47534e27c9851bb1128ccc0102f1145e27f23f98/"
        "models/face_detection_yunet/face_detection_yunet_2023mar.onnx"
    ),
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    size=232_589,
)


def cache_folder() -> Path:
    """Folder for fetched files: named by ``MA2MI_CACHE``, or the usual one of the platform."""
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "keras-ma2mi"


def fetched(file: ModelFile) -> Path:
    """Path of a file in the cache, downloading it if it is not there or damaged.

    Several processes may ask at once: each writes a file of its own, and the last one in place is
    as good as the first.

    Raises
    ------
    InputError
        It cannot be downloaded, or what came is not the file that was published.
    """
    path = cache_folder() / file.name
    if is_intact(path, file):
        return path
    content = _downloaded(file)
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    return path


def is_intact(path: Path, file: ModelFile) -> bool:
    """Whether a file is there, with the size and the checksum of the published one."""
    try:
        if path.stat().st_size != file.size:
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    except OSError:
        return False


def _downloaded(file: ModelFile) -> bytes:
    content = bytearray()
    try:
        with urllib.request.urlopen(file.url, timeout=_TIMEOUT_SECONDS) as response:
            while len(content) <= file.size and (chunk := response.read(_CHUNK)):
                content += chunk
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(_failed(file, str(reason))) from error
    if len(content) != file.size:
        more = "more than" if len(content) > file.size else f"{len(content)} of"
        raise InputError(_failed(file, f"{more} {file.size} bytes came"))
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise InputError(_failed(file, "its checksum is not that of the published file"))
    return bytes(content)


def _failed(file: ModelFile, reason: str) -> str:
    return (
        f"cannot fetch {file.name}: {reason}; download it from {file.url} and give it with "
        "--detector-model FILE"
    )
