"""The clip store: aligned faces and flow of many clips, on disk."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .datasets.clip import Clip
from .errors import InputError
from .options import PreprocessOptions
from .store_checksums import GROUP_FILE
from .store_format import CLIPS_FOLDER, FORMAT_NAME, STORE_VERSION, is_partial
from .store_location import store_path, write_group, zarr_store
from .store_lock import LOCK_FILE, WORKERS_LOCK_FILE
from .store_tables import (
    Rejection,
    clip_folders,
    clip_of,
    read_attributes,
    read_manifest_table,
    read_options,
    read_rejections,
    scan_clips,
    write_manifest_table,
    write_options,
    write_rejections,
)

_LOCKS = frozenset({LOCK_FILE, WORKERS_LOCK_FILE})

__all__ = ["STORE_VERSION", "ClipStore", "StoredClip", "is_store", "open_store"]


class StoredClip:
    """One clip of a store. Arrays are opened when they are first asked for.

    Attributes
    ----------
    clip : Clip
        The row of the manifest that it was made from.
    attributes : dict
        Everything known about it, such as `face_score`, `sharpness`, `frames_dropped`, `notes`.
    onset, apex, offset : int or None
        Annotated frames as indices into `frames`.
    fps : float
        Frames a second.
    first_frame : int
        Index in the source of ``frames[0]``.
    """

    def __init__(self, folder: Path, attributes: dict[str, Any]) -> None:
        self._folder = folder
        self.attributes = attributes
        self.clip: Clip = clip_of(attributes)
        self.onset: int | None = attributes["onset"]
        self.apex: int | None = attributes["apex"]
        self.offset: int | None = attributes["offset"]
        self.fps: float = float(attributes["fps"])
        self.first_frame: int = attributes["first_frame"]

    @cached_property
    def frames(self) -> Any:
        """Aligned faces, (T, S, S, 3) uint8 RGB; a Zarr array: slicing reads from disk."""
        return self._array("frames")

    @cached_property
    def flow(self) -> Any:
        """Flow of each pair, (P, S, S, 2) float32 in pixels; a Zarr array."""
        return self._array("flow")

    @cached_property
    def pairs(self) -> NDArray[np.int32]:
        """Indices into `frames` of the two frames of each pair, (P, 2) int32."""
        return np.asarray(self._array("pairs")[...], np.int32)

    @cached_property
    def transforms(self) -> NDArray[np.float64]:
        """Source pixels to aligned pixels, (1, 2, 3) for all frames or (T, 2, 3)."""
        return np.asarray(self._array("transforms")[...], np.float64)

    @cached_property
    def motion(self) -> NDArray[np.float32] | None:
        """Precomputed motion, (H, W, C) float32, of a clip of kind "motion"; else None."""
        if self.clip.kind != "motion":
            return None
        return np.asarray(self._array("motion")[...], np.float32)

    def _array(self, name: str) -> Any:
        import zarr

        return zarr.open_array(store=zarr_store(self._folder / name), mode="r", zarr_format=3)


class ClipStore:
    """A folder of processed clips, with tables of what is in it and what is not.

    Use `open_store` to read one, and `ClipStore.create` to write one.

    Attributes
    ----------
    path : Path
        The store's folder, or the `UPath` of its URL, which has the same methods.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = store_path(path)
        _check_store(self.path)

    @classmethod
    def create(cls, path: str | Path, options: PreprocessOptions) -> "ClipStore":
        """Make a store, or open one that is there to go on with it.

        Parameters
        ----------
        path : str or Path
            Folder or URL that does not exist, is empty, or is a store.
        options : PreprocessOptions
            Become the store's options: clips made with other options are no longer listed.

        Raises
        ------
        InputError
            The folder holds something else or a store of another version, or cannot be written to.
        """
        path = prepare_folder(store_path(path))
        store = cls(path)
        write_options(path, options)
        return store

    def __len__(self) -> int:
        return len(self.clip_ids)

    def __repr__(self) -> str:
        return f"ClipStore('{self.path}', {len(self)} clips)"

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """The clips: manifest columns, `folder`, and figures; sorted by `clip_id`.

        What the last run wrote where it agrees with the clips on disk, else read from them: a run
        that was killed had no time to write its table.
        """
        table = read_manifest_table(self.path)
        current = self.options_hash
        if (
            table is not None
            and set(table["folder"]) == clip_folders(self.path)
            and (table["options_hash"] == current).all()
        ):
            return table
        return scan_clips(self.path, current, table)

    @cached_property
    def clip_ids(self) -> list[str]:
        """Names of the clips, sorted."""
        return [str(name) for name in self.manifest["clip_id"]]

    @property
    def rejected(self) -> pd.DataFrame:
        """Clips that could not be used: `clip_id`, `stage`, `reason`, `key`; all text."""
        return read_rejections(self.path)

    @property
    def options(self) -> dict[str, Any]:
        """Options that the clips were made with, as in `PreprocessOptions`."""
        content = read_options(self.path)
        return {} if content is None else dict(content["options"])

    @property
    def options_hash(self) -> str:
        """Hash of the options that the clips were made with."""
        content = read_options(self.path)
        if content is None:
            raise InputError(
                f"{self.path} has lost its options.json; run preprocess on it again to restore it"
            )
        return str(content["options_hash"])

    def read(self, clip_id: str) -> StoredClip:
        """Open a clip.

        Raises
        ------
        InputError
            The store has no such clip.
        """
        folder = self._folders.get(clip_id)
        if folder is None:
            raise InputError(f"{self.path} has no clip '{clip_id}'; see its manifest.parquet")
        return StoredClip(self.path / CLIPS_FOLDER / folder, read_attributes(self.path, folder))

    def write_tables(self, rejections: list[Rejection]) -> None:
        """Bring `manifest.parquet` and `rejected.csv` up to date with the clips on disk."""
        vars(self).pop("manifest", None)
        vars(self).pop("clip_ids", None)
        vars(self).pop("_folders", None)
        try:
            write_manifest_table(self.path, self.manifest)
        finally:
            # On a full disk the one may find room where the other did not.
            write_rejections(self.path, rejections)

    @cached_property
    def _folders(self) -> dict[str, str]:
        table = self.manifest
        return dict(zip(map(str, table["clip_id"]), map(str, table["folder"]), strict=True))


def is_store(path: str | Path) -> bool:
    """Whether a folder is a clip store, of whatever version."""
    try:
        attributes = json.loads((store_path(path) / GROUP_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return dict(attributes.get("attributes", {})).get("format") == FORMAT_NAME


def open_store(path: str | Path) -> ClipStore:
    """Open a clip store to read it.

    Parameters
    ----------
    path : str or Path
        Folder or URL that `preprocess` has written.

    Returns
    -------
    ClipStore

    Raises
    ------
    InputError
        Nothing there, an empty folder, not a store, a store of another version, or without clips.
    """
    store = ClipStore(path)
    if not len(store):
        raise InputError(
            f"{path} holds no clips; its rejected.csv says why, or preprocess was cut off: run it "
            "again"
        )
    return store


def prepare_folder(path: Path) -> Path:
    """Make an empty store where nothing is, or go on with one, also with one that is half made.

    Raises
    ------
    InputError
        The folder holds something else, or cannot be written to.
    """
    try:
        names = {entry.name for entry in path.iterdir()} if path.is_dir() else set()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}; check it") from error
    if not path.exists() or all(is_partial(name) or name in _LOCKS for name in names):
        _make_store(path)
    _check_store(path)
    if not (path / CLIPS_FOLDER / GROUP_FILE).exists():
        _make_store(path)
    return path


def _make_store(path: Path) -> None:
    attributes: dict[str, Any] = {"format": FORMAT_NAME, "store_version": STORE_VERSION}
    try:
        # Two runs that start at once both get here, and write the same.
        write_group(path, attributes)
        write_group(path / CLIPS_FOLDER, {})
    except InputError as error:
        why = getattr(error.__cause__, "strerror", None) or error
        raise InputError(f"cannot make a store at {path}: {why}; choose another folder") from error


def _check_store(path: Path) -> None:
    if not path.exists():
        raise InputError(f"there is no clip store at {path}; make one with keras-ma2mi preprocess")
    if not path.is_dir() or not any(path.iterdir()):
        kind = "an empty folder" if path.is_dir() else "a file"
        raise InputError(f"{path} is {kind}, not a clip store; check the path")
    try:
        text = (path / "zarr.json").read_text(encoding="utf-8")
        attributes = dict(json.loads(text)["attributes"])
    except (OSError, ValueError, LookupError, TypeError):
        attributes = {}
    if attributes.get("format") != FORMAT_NAME:
        raise InputError(f"{path} is not a clip store; give a folder that preprocess has written")
    found = attributes.get("store_version")
    if found != STORE_VERSION:
        raise InputError(
            f"{path} is a clip store of version {found}, and this program reads version "
            f"{STORE_VERSION}; preprocess the clips again into a new folder"
        )
