"""How a clip store is laid out on disk, and what makes two clips the same."""

import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from .datasets.clip import Clip
from .datasets.media_files import is_image
from .errors import InputError
from .options import PreprocessOptions

STORE_VERSION = 1
"""Version of the layout and of what is computed; another one means that clips are made anew."""

FORMAT_NAME = "ma2mi clip store"
CLIPS_FOLDER = "clips"
SHEETS_FOLDER = "contact_sheets"
MANIFEST_FILE = "manifest.parquet"
REJECTED_FILE = "rejected.csv"
OPTIONS_FILE = "options.json"
RUN_FILE = "run.json"
PARTIAL_PREFIX = ".partial-"

FileState = tuple[str, int, int]
"""Name of a file, its size in bytes, and when it was last changed, in nanoseconds."""

_ZARR_PARTIAL_SUFFIX = ".partial"

_CLIP_FIELDS = tuple(field.name for field in dataclasses.fields(Clip))
_NAME_LENGTH = 60
_DIGEST_LENGTH = 16


def is_partial(name: str) -> bool:
    """Whether a file or folder in a store is one that is being written, or never was finished."""
    return name.startswith(PARTIAL_PREFIX) or name.endswith(_ZARR_PARTIAL_SUFFIX)


def options_hash(options: PreprocessOptions) -> str:
    """Hash of everything but the input that decides what a clip becomes.

    A detector's model file counts by its size and name, so that moving it changes nothing.
    """
    values = dataclasses.asdict(options)
    if options.detector_model is not None:
        model = Path(options.detector_model)
        size = model.stat().st_size if model.is_file() else None
        values["detector_model"] = [model.name, size]
    return _digest([STORE_VERSION, values])


def clip_key(clip: Clip, hash_of_options: str, states: Sequence[FileState] | None = None) -> str:
    """Hash of a clip's input (file, size, time of change, manifest row) and of the options.

    Parameters
    ----------
    clip : Clip
    hash_of_options : str
    states : sequence of FileState, optional
        The `file_states` of its source, where they were asked for already.

    Raises
    ------
    InputError
        The source does not exist.
    """
    row = {name: str(getattr(clip, name)) for name in _CLIP_FIELDS}
    row["source"] = clip.source.name
    return _digest([hash_of_options, row, states or file_states(clip.source)])


def folder_prefix(clip_id: str) -> str:
    """Start of a clip's folder name: readable, safe on every file system, unique to the clip."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", clip_id).strip("._")[-_NAME_LENGTH:]
    return f"{readable}-{hashlib.sha256(clip_id.encode()).hexdigest()[:8]}-"


def folder_name(clip_id: str, key: str) -> str:
    """Name of a clip's folder; it holds the key, so one listing shows what is up to date."""
    return folder_prefix(clip_id) + key


def prefix_of_folder(name: str) -> str:
    """The `folder_prefix` of a clip's folder name."""
    return name[:-_DIGEST_LENGTH]


def sheet_path(store: Path, clip_id: str) -> Path:
    """Where the contact sheet of a clip lies."""
    return store / SHEETS_FOLDER / f"{folder_prefix(clip_id)[:-1]}.jpg"


def sheet_of_folder(store: Path, name: str) -> Path:
    """Where the contact sheet of a clip lies, by the name of the clip's folder."""
    return store / SHEETS_FOLDER / f"{prefix_of_folder(name)[:-1]}.jpg"


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def file_states(source: Path) -> list[FileState]:
    """The files that a source consists of, sorted by name.

    Raises
    ------
    InputError
        The source does not exist, or cannot be read.
    """
    try:
        if not source.is_dir():
            state = source.stat()
            return [("", state.st_size, state.st_mtime_ns)]
        entries = [entry for entry in os.scandir(source) if _counts(entry.name)]
        states = [(entry.name, entry.stat()) for entry in entries]
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror}; check the path") from error
    return sorted((name, state.st_size, state.st_mtime_ns) for name, state in states)


def _counts(name: str) -> bool:
    # A folder of precomputed motion may hold arrays beside images.
    return is_image(name) or name.lower().endswith(".npy")
