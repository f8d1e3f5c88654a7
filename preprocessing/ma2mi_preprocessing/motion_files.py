"""Files in which others publish motion: arrays, images of three channels, and folders of three."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .datasets.media_files import is_image
from .errors import InputError
from .motion_channels import IMAGE_CHANNELS, named_by_count

ARRAY_SUFFIXES = (".npz", ".npy")

_PARTS = {"u": ("u",), "v": ("v",), "strain": ("strain", "os", "s")}
_LOSSY = (".jpg", ".jpeg")


@dataclass(frozen=True)
class MotionFile:
    """What a motion file holds, before anything is made of it.

    Attributes
    ----------
    motion : ndarray, shape (H, W, C)
        As it is in the file; of an image in the order red, green, blue.
    onset : ndarray or None, shape (H, W, 3)
        Onset frame, RGB.
    channels : str
        What its channels hold unless somebody says otherwise, as in `motion_channels`.
    notes : tuple of str
        Sentences for the user.
    """

    motion: NDArray[Any]
    onset: NDArray[Any] | None
    channels: str
    notes: tuple[str, ...] = ()


def is_motion_source(path: Path) -> bool:
    """Whether a path looks like motion of one clip: arrays, one image, or a folder of u and v."""
    if path.is_dir():
        parts = {_part_of(file) for file in path.iterdir()}
        return {"u", "v"} <= parts
    return path.suffix.lower() in ARRAY_SUFFIXES or is_image(path)


def read_motion_file(source: Path) -> MotionFile:
    """Read motion as it is stored.

    Parameters
    ----------
    source : Path
        `.npz` with `motion` (H, W, C) and, optionally, `onset` (H, W, 3); `.npy` of (H, W, C); an
        image of three channels; or a folder with one image or `.npy` each named ``u``, ``v`` and
        ``strain`` (or ``os``), alone or at the end as in ``ep01_u.png``, and, optionally,
        ``onset``.

    Raises
    ------
    InputError
        Nothing there, not readable, or not three channels.
    """
    if source.is_dir():
        return _from_folder(source)
    if not source.is_file():
        raise InputError(f"there is nothing at {source}; check the path")
    if source.suffix.lower() == ".npz":
        return _from_npz(source)
    if source.suffix.lower() == ".npy":
        motion = _load(source)
        return MotionFile(motion, None, named_by_count(motion.shape[-1] if motion.ndim else 0))
    if not is_image(source):
        raise InputError(f"{source} is no motion file; give an .npz, an .npy, an image or a folder")
    image = _image(source)
    if image.ndim != 3 or image.shape[-1] != 3:
        raise InputError(
            f"{source} must have three channels for u, v and strain, but its shape is "
            f"{image.shape}; three separate images go into a folder"
        )
    return MotionFile(image, None, IMAGE_CHANNELS, _notes(source))


def _from_npz(source: Path) -> MotionFile:
    arrays = _load(source)
    if "motion" not in arrays:
        raise InputError(f"{source} has no array 'motion'; name the motion array so")
    motion = arrays["motion"]
    count = motion.shape[-1] if motion.ndim else 0
    return MotionFile(motion, arrays.get("onset"), named_by_count(count))


def _from_folder(folder: Path) -> MotionFile:
    parts: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        part = _part_of(path)
        if part in parts:
            raise InputError(f"{folder} has two files for {part}: {parts[part].name}, {path.name}")
        if part is not None:
            parts[part] = path
    missing = [part for part in _PARTS if part not in parts]
    if missing:
        raise InputError(f"{folder} has no file for {', '.join(missing)}; name it {missing[0]}.png")
    planes = [_plane(parts[part]) for part in _PARTS]
    if len({(plane.shape, plane.dtype) for plane in planes}) > 1:
        described = ", ".join(f"{plane.shape} {plane.dtype}" for plane in planes)
        raise InputError(f"u, v and strain in {folder} differ in size or type: {described}")
    onset = _image_or_array(parts["onset"]) if "onset" in parts else None
    notes = tuple(note for part in _PARTS for note in _notes(parts[part]))
    return MotionFile(np.stack(planes, axis=-1), onset, "u-v-strain", notes[:1])


def _part_of(path: Path) -> str | None:
    if not is_image(path) and path.suffix.lower() != ".npy":
        return None
    last = path.stem.strip().lower().rpartition("_")[2]
    if last == "onset":
        return last
    return next((part for part, names in _PARTS.items() if last in names), None)


def _plane(path: Path) -> NDArray[Any]:
    plane = _image_or_array(path)
    # Some programs write gray as three equal channels.
    if plane.ndim == 3 and (plane == plane[..., :1]).all():
        plane = plane[..., 0]
    if plane.ndim != 2:
        raise InputError(f"{path} must be gray, but its shape is {plane.shape}")
    return plane


def _image_or_array(path: Path) -> NDArray[Any]:
    return _load(path) if path.suffix.lower() == ".npy" else _image(path)


def _image(path: Path) -> NDArray[Any]:
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    image = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
    if image is None:
        raise InputError(f"{path} is no readable image; copy it again")
    return image[..., ::-1] if image.ndim == 3 and image.shape[-1] == 3 else image


def _load(path: Path) -> Any:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            return {name: loaded[name] for name in ("motion", "onset") if name in loaded}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, TypeError) as error:
        kind = path.suffix.lower()
        raise InputError(
            f"{path} is not a readable {kind} of plain arrays; write it with numpy.save"
            f"{'z' if kind == '.npz' else ''}"
        ) from error


def _notes(path: Path) -> tuple[str, ...]:
    if path.suffix.lower() not in _LOSSY:
        return ()
    return (f"{path.name} is a JPEG, which blends channels and blocks: prefer PNG",)
