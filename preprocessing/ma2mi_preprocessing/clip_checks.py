"""Looking for damage in one clip of a store."""

from pathlib import Path
from typing import Any

import numpy as np
import zarr

from .store_checksums import (
    ATTRIBUTES_CHECKSUM,
    CHECKSUMS,
    attributes_checksum,
    file_checksums,
)


def damage_of(folder: Path, attributes: dict[str, Any]) -> list[str]:
    """Compare a clip's files with their checksums, and its arrays with its attributes.

    Parameters
    ----------
    folder : Path
    attributes : dict
        As read from the folder. Where an older version wrote no checksums, the arrays are decoded.

    Returns
    -------
    list of str
        What is wrong; empty where all is well.
    """
    known = CHECKSUMS in attributes
    damage = _wrong_files(folder, attributes) if known else []
    return damage or _wrong_arrays(folder, attributes, decode=not known)


def _wrong_files(folder: Path, attributes: dict[str, Any]) -> list[str]:
    wrong = []
    if attributes.get(ATTRIBUTES_CHECKSUM) != attributes_checksum(attributes):
        wrong.append("zarr.json is changed")
    try:
        found = file_checksums(folder)
    except OSError as error:
        return [*wrong, f"cannot be read ({error.strerror or error})"]
    expected = attributes[CHECKSUMS]
    wrong += [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    wrong += [f"{name} does not belong there" for name in sorted(found.keys() - expected.keys())]
    both = sorted(expected.keys() & found.keys())
    return wrong + [f"{name} is damaged" for name in both if expected[name] != found[name]]


def _wrong_arrays(folder: Path, attributes: dict[str, Any], *, decode: bool) -> list[str]:
    try:
        names = [path.name for path in folder.iterdir() if path.is_dir()]
        arrays = {name: zarr.open_array(store=str(folder / name), mode="r") for name in names}
        if decode:
            for array in arrays.values():
                np.asarray(array[...])
        shapes = {name: array.shape for name, array in arrays.items()}
        return _wrong_shapes(shapes, attributes)
    # Blosc, Zarr and the file system each have their own way to say that a file is broken.
    except Exception as error:
        return [f"cannot be decoded ({type(error).__name__})"]


def _wrong_shapes(shapes: dict[str, tuple[int, ...]], attributes: dict[str, Any]) -> list[str]:
    frames, pairs = int(attributes["frames"]), int(attributes["pairs"])
    allowed = {"frames": {frames}, "flow": {pairs}, "pairs": {pairs}, "transforms": {1, frames}}
    missing = [f"array '{name}' is missing" for name in sorted(allowed.keys() - shapes.keys())]
    wrong = [
        f"array '{name}' has length {shapes[name][0]}, its attributes say {min(lengths)}"
        for name, lengths in allowed.items()
        if name in shapes and shapes[name][0] not in lengths
    ]
    for name in ("onset", "apex", "offset"):
        index = attributes[name]
        if index is not None and not 0 <= index < frames:
            wrong.append(f"{name} {index} is not one of its {frames} frames")
    return missing + wrong
