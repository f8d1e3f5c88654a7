"""How SMIC names its people, clips and cameras, in the cut and in the long release."""

import re
from pathlib import Path

from .clip_sources import Place

DATASET = "smic"
"""One name in both releases: they show the same people, who must never be taken for others."""

EMOTION_OF_CODE = {"ne": "negative", "po": "positive", "sur": "surprise"}
"""Label that the letters in the name of a clip stand for; some copies write ``su``."""

_CLIP = re.compile(r"s0*(\d{1,2})_(ne|po|su)r?_0*(\d+)", re.IGNORECASE)
_OTHER_CAMERA = re.compile(r"(?:^|[^a-z])(vis|nir)(?:[^a-z]|$)", re.IGNORECASE)


def subject(text: str) -> str | None:
    """``1``, ``s1`` or ``s01``: ``s01``. The cut release does not pad, the long one does."""
    match = re.fullmatch(r"s?0*(\d{1,2})", text.strip(), re.IGNORECASE)
    return f"s{int(match[1]):02d}" if match else None


def clip_name(text: str) -> str | None:
    """``s1_sur_1`` or ``s01_su_01``: ``s01_sur_01``; None for what is no clip of SMIC."""
    match = _CLIP.fullmatch(text.strip())
    if match is None:
        return None
    code = match[2].lower() + ("r" if match[2].lower() == "su" else "")
    return f"s{int(match[1]):02d}_{code}_{int(match[3]):02d}"


def of_another_camera(path: Path) -> bool:
    """Whether a folder on the path names the visible (VIS) or near-infrared (NIR) camera."""
    return any(_OTHER_CAMERA.search(part) for part in path.parts)


def place(path: Path, tree: Path) -> Place | None:
    """The clip in a folder of that name, whoever's folder it lies in."""
    name = clip_name(path.name)
    return None if name is None else Place(name.partition("_")[0], name, tree)
