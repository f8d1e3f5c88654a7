"""Which files are videos and frames, and in which order frames go."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".mts"}
)
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})

_DIGITS = re.compile(r"\d+")


def is_video(path: Path | str) -> bool:
    """Whether the name is that of a video; hidden files such as `._clip.mp4` are not."""
    return _has_suffix(path, VIDEO_SUFFIXES)


def is_image(path: Path | str) -> bool:
    """Whether the name is that of a frame; hidden files are not."""
    return _has_suffix(path, IMAGE_SUFFIXES)


def frame_number(name: str) -> int | None:
    """Last integer before the extension, however it is padded: ``reg_img46.jpg`` is 46.

    Returns
    -------
    int or None
        None for a name without digits.
    """
    digits = _DIGITS.findall(os.path.splitext(name)[0])
    return int(digits[-1]) if digits else None


def list_frames(folder: Path) -> list[Path]:
    """List the images of a folder in the order of their frame numbers.

    Parameters
    ----------
    folder : Path
        Folder that directly holds the images.

    Returns
    -------
    list of Path
        Sorted by number (padding differs between releases), then by name. Images without a number,
        such as a cover picture, are left out unless no image has one.
    """
    images = [folder / entry.name for entry in os.scandir(folder) if is_image(entry.name)]
    numbered = [path for path in images if frame_number(path.name) is not None]
    return sorted(numbered or images, key=lambda path: (frame_number(path.name) or 0, path.name))


def walk_names(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """As `walk_sorted`, with the names of the files: datasets hold millions of frames.

    Yields
    ------
    folder : Path
    names : list of str
        Sorted.
    """
    seen: set[str] = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield Path(folder), sorted(files)


def walk_sorted(root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Walk folders below `root` in an order that does not depend on the file system.

    Links to folders are followed (data sets are often linked into place), each folder once.

    Yields
    ------
    folder : Path
    files : list of Path
        Sorted by name.
    """
    for folder, names in walk_names(root):
        yield folder, [folder / name for name in names]


def _has_suffix(path: Path | str, suffixes: frozenset[str]) -> bool:
    name = os.path.basename(path)
    return os.path.splitext(name)[1].lower() in suffixes and not name.startswith(".")
