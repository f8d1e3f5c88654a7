"""Checksums of a clip, written with it, by which damage is found long after."""

import hashlib
import json
from pathlib import Path
from typing import Any

CHECKSUMS = "checksums"
"""Attribute of a clip: path below its folder -> SHA-256, of all files but the attributes' own."""

ATTRIBUTES_CHECKSUM = "attributes_checksum"
"""Attribute of a clip: SHA-256 of all its other attributes."""

GROUP_FILE = "zarr.json"

_BLOCK = 1 << 20


def file_checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a clip's folder but its own `zarr.json`, sorted by path."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {
        name: _checksum(path)
        for name, path in sorted(paths.items())
        if name != GROUP_FILE and path.is_file()
    }


def attributes_checksum(attributes: dict[str, Any]) -> str:
    """SHA-256 of a clip's attributes, whatever their order, without the checksum itself."""
    values = {name: value for name, value in attributes.items() if name != ATTRIBUTES_CHECKSUM}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
