"""A small rendered set, and how the files of two are compared."""

import hashlib
from pathlib import Path
from typing import Any

SMALL: dict[str, Any] = {"subjects": 2, "clips_per_subject": 2, "size": 48, "fps": 20.0}


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
