"""Writing one clip into a store, whole or not at all."""

import dataclasses
import json
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .atomic_files import flush_folder, flush_tree
from .processed_clip import ClipError, ProcessedClip, stage
from .store_checksums import (
    ATTRIBUTES_CHECKSUM,
    CHECKSUMS,
    attributes_checksum,
    file_checksums,
)
from .store_format import CLIPS_FOLDER, PARTIAL_PREFIX, SHEETS_FOLDER, folder_name, is_partial
from .store_location import is_remote, remove_remote_folder, upload_folder

if TYPE_CHECKING:
    import zarr


def write_clip(store: Path, processed: ProcessedClip, key: str, hash_of_options: str) -> str:
    """Write a clip beside its final place and then rename it into place.

    Parameters
    ----------
    store : Path
        The store's folder.
    processed : ProcessedClip
    key, hash_of_options : str
        As from `store_format.clip_key` and `store_format.options_hash`.

    Returns
    -------
    str
        Name of the clip's folder.

    Raises
    ------
    ClipError
        The disk is full, or the store cannot be written to.
    """
    name = folder_name(processed.clip.clip_id, key)
    if is_remote(store):
        with tempfile.TemporaryDirectory() as folder, stage("write"):
            _write_group(Path(folder) / name, processed, key, hash_of_options)
            upload_folder(Path(folder) / name, store / CLIPS_FOLDER / name)
        return name
    final = store / CLIPS_FOLDER / name
    partial = store / CLIPS_FOLDER / f"{PARTIAL_PREFIX}{uuid.uuid4().hex}"
    try:
        _write_group(partial, processed, key, hash_of_options)
        flush_tree(partial)
        _move_into_place(partial, final)
        flush_folder(final.parent)
    except OSError as error:
        reason = f"cannot write to {store}: {error.strerror or error}; make room or choose another"
        raise ClipError("write", reason) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return name


def remove_clip(store: Path, name: str) -> None:
    """Remove a clip's folder in such a way that no half of it can be read meanwhile."""
    if is_remote(store):
        remove_remote_folder(store / CLIPS_FOLDER / name)
        return
    doomed = store / CLIPS_FOLDER / f"{PARTIAL_PREFIX}{uuid.uuid4().hex}"
    try:
        os.rename(store / CLIPS_FOLDER / name, doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed, ignore_errors=True)


def remove_partial(store: Path) -> None:
    """Remove what an interrupted run has left half written."""
    if is_remote(store):
        return
    for path in partial_paths(store):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def partial_paths(store: Path) -> list[Path]:
    """Files and folders that were never finished; those of a run that works now among them."""
    folders = [store, store / CLIPS_FOLDER, store / SHEETS_FOLDER]
    return [
        folder / name
        for folder in folders
        if folder.is_dir()
        for name in sorted(filter(is_partial, os.listdir(folder)))
    ]


def _move_into_place(partial: Path, final: Path) -> None:
    try:
        os.rename(partial, final)
    except OSError:
        # Another run has written the very same clip, with the same key, in the meantime.
        if not final.is_dir():
            raise


def _write_group(path: Path, processed: ProcessedClip, key: str, hash_of_options: str) -> None:
    row = dataclasses.asdict(processed.clip) | {"source": str(processed.clip.source)}
    attributes: dict[str, Any] = {
        **processed.attributes,
        "clip": row,
        "frames": len(processed.frames),
        "pairs": len(processed.pairs),
        "onset": processed.onset,
        "apex": processed.apex,
        "offset": processed.offset,
        "fps": processed.fps,
        "first_frame": processed.first_frame,
        "key": key,
        "options_hash": hash_of_options,
    }
    attributes = json.loads(json.dumps(attributes))
    import zarr

    group = zarr.create_group(store=str(path), zarr_format=3, attributes=attributes)
    _write_items(group, path, "frames", processed.frames)
    _write_items(group, path, "flow", processed.flow)
    _write_array(group, "pairs", processed.pairs)
    _write_array(group, "transforms", processed.transforms)
    if processed.motion is not None:
        _write_array(group, "motion", processed.motion)
    attributes[CHECKSUMS] = file_checksums(path)
    attributes[ATTRIBUTES_CHECKSUM] = attributes_checksum(attributes)
    group.update_attributes(attributes)


def _write_items(group: "zarr.Group", folder: Path, name: str, array: NDArray[np.generic]) -> None:
    # One frame a chunk, so that a batch reads single frames; all chunks in one shard, so that a
    # clip is a handful of files and not hundreds.
    from .store_shards import write_shard

    if len(array):
        write_shard(group, folder, name, array)
    else:
        _write_array(group, name, array)


def _write_array(group: "zarr.Group", name: str, array: NDArray[np.generic]) -> None:
    shape = tuple(max(1, side) for side in array.shape)
    group.create_array(name, data=array, chunks=shape)
