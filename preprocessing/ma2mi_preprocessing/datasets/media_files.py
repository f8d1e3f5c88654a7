"""Which files are videos and frames, and in which order frames go."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".mts"}
)
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})


def is_video(path: Path) -> bool:
    """Whether the name is that of a video; hidden files such as `._clip.mp4` are not."""
    return path.suffix.lower() in VIDEO_SUFFIXES and not path.name.startswith(".")


def is_image(path: Path) -> bool:
    """Whether the name is that of a frame; hidden files are not."""
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def frame_number(name: str) -> int | None:
    """Last integer before the extension, however it is padded: ``reg_img46.jpg`` is 46.

    Returns
    -------
    int or None
        None for a name without digits.
    """
    digits = re.findall(r"\d+", Path(name).stem)
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
    images = [folder / entry.name for entry in os.scandir(folder) if is_image(Path(entry.name))]
    numbered = [path for path in images if frame_number(path.name) is not None]
    return sorted(numbered or images, key=lambda path: (frame_number(path.name) or 0, path.name))


def walk_sorted(root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Walk folders below `root` in an order that does not depend on the file system.

    Links to folders are followed (data sets are often linked into place), each folder once.

    Yields
    ------
    folder : Path
    files : list of Path
        Sorted by name.
    """
    seen: set[str] = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield Path(folder), [Path(folder) / name for name in sorted(files)]
