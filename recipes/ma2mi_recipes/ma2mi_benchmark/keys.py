"""Names of folders by what is in them, so that results of other settings are never taken up."""

import hashlib
import json
import re
from dataclasses import asdict, is_dataclass
from typing import Any

_DIGITS = 10


def key_of(*parts: Any) -> str:
    """Ten hexadecimal digits that differ where any of the parts differs.

    Args:
        *parts: Dataclasses, and what JSON knows.
    """
    text = json.dumps([_plain(part) for part in parts], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def folder_name(name: str, key: str) -> str:
    """A name that every file system takes, and that a person can read."""
    return f"{re.sub(r'[^a-z0-9_]+', '-', name.lower()).strip('-')}-{key}"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return dict(value) if hasattr(value, "keys") else value
