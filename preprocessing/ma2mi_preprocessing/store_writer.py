"""Writing one clip into a store, whole or not at all."""

import dataclasses
import os
import shutil
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec

from .processed_clip import ClipError, ProcessedClip
from .store_format import CLIPS_FOLDER, PARTIAL_PREFIX, folder_name


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
    final = store / CLIPS_FOLDER / name
    partial = store / CLIPS_FOLDER / f"{PARTIAL_PREFIX}{uuid.uuid4().hex}"
    try:
        _write_group(partial, processed, key, hash_of_options)
        _move_into_place(partial, final)
    except OSError as error:
        reason = f"cannot write to {store}: {error.strerror or error}; make room or choose another"
        raise ClipError("write", reason) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return name


def remove_clip(store: Path, name: str) -> None:
    """Remove a clip's folder in such a way that no half of it can be read meanwhile."""
    doomed = store / CLIPS_FOLDER / f"{PARTIAL_PREFIX}{uuid.uuid4().hex}"
    try:
        os.rename(store / CLIPS_FOLDER / name, doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed, ignore_errors=True)


def remove_partial(store: Path) -> None:
    """Remove what an interrupted run has left half written."""
    for entry in list(os.scandir(store / CLIPS_FOLDER)):
        if entry.name.startswith(PARTIAL_PREFIX):
            shutil.rmtree(entry.path, ignore_errors=True)


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
    group = zarr.create_group(store=str(path), zarr_format=3, attributes=attributes)
    _write_array(group, "frames", processed.frames, itemwise=True)
    _write_array(group, "flow", processed.flow, itemwise=True)
    _write_array(group, "pairs", processed.pairs)
    _write_array(group, "transforms", processed.transforms)
    if processed.motion is not None:
        _write_array(group, "motion", processed.motion)


def _write_array(
    group: zarr.Group, name: str, array: NDArray[np.generic], *, itemwise: bool = False
) -> None:
    # One frame a chunk, so that a batch reads single frames; all chunks in one shard, so that a
    # clip is a handful of files and not hundreds.
    shape = tuple(max(1, side) for side in array.shape)
    group.create_array(
        name,
        data=array,
        chunks=(1, *shape[1:]) if itemwise else shape,
        shards=shape if itemwise else None,
        compressors=BloscCodec(cname="zstd", clevel=3),
    )
