"""Single images of any depth, as 8-bit RGB."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import InputError

Image = NDArray[np.uint8]
"""One frame, (H, W, 3) RGB, 0..255."""

# Sensors deliver these depths; cameras store all but the first in the low bits of 16.
_DEPTHS = (8, 10, 12, 14, 16)

_SILENT = 0

_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"BM", "a BMP image"),
    (b"RIFF", "an AVI video"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
)


class DamagedImage(InputError):
    """A file that should be an image and cannot be decoded."""


def read_image(path: Path, bits: int | None = None) -> Image:
    """Read one image.

    Transparency is ignored: the colour stored below it is taken. The orientation that a camera
    wrote into a JPEG is honoured.

    Parameters
    ----------
    path : Path
    bits : int, optional
        Significant bits of a 16-bit image; None finds them in this image alone. Frames of one clip
        need one value, from `significant_bits`, or the picture flickers.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8, RGB

    Raises
    ------
    InputError
        The file cannot be read; as `DamagedImage` where it is empty or not an image.
    """
    image = decode_image(path)
    if image.dtype == np.uint16 and bits is None:
        bits = _depth(int(image.max()))
    return to_rgb(image, bits or 8)


def to_rgb(image: NDArray[Any], bits: int) -> Image:
    """Turn what `decode_image` gave into 8-bit RGB; `bits` matters to 16-bit images only."""
    if image.dtype == np.uint16:
        image = np.minimum(image >> (bits - 8), 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def decode_image(path: Path) -> NDArray[Any]:
    """Decode an image as it is stored, (H, W, 3) BGR, uint8 or uint16; raises as `read_image`."""
    try:
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror or error}; check the disk"
        ) from error
    if not encoded.size:
        raise DamagedImage(f"{path} is empty (0 bytes), not a readable image; restore or remove it")
    # OpenCV prints what it thinks of a broken file; it is said once, in the error below.
    verbosity = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(_SILENT)
    try:
        # Decoding from memory because OpenCV cannot open paths outside Windows' code page.
        image = cv2.imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error:
        image = None
    finally:
        cv2.utils.logging.setLogLevel(verbosity)
    if image is None or image.dtype not in (np.uint8, np.uint16):
        found = content_of(path)
        what = f" but {found}" if found and "image" not in found else ""
        raise DamagedImage(f"{path} is not a readable image{what}; restore or remove it")
    return np.asarray(image)


def significant_bits(paths: Sequence[Path]) -> int:
    """Find how many bits the images of a clip use.

    Twelve bits of a sensor stored in sixteen would be black if they were divided by 256.

    Parameters
    ----------
    paths : sequence of Path
        All images of the clip; those that cannot be decoded do not count.

    Returns
    -------
    int
        The smallest of 8, 10, 12, 14 and 16 that holds the largest value of all 16-bit images; 8
        where there is none.
    """
    largest = 0
    for path in paths:
        try:
            image = decode_image(path)
        except DamagedImage:
            continue
        if image.dtype == np.uint16:
            largest = max(largest, int(image.max()))
    return _depth(largest)


def content_of(path: Path) -> str | None:
    """Tell what a file is by its first bytes, "a PNG image"; None where they say nothing."""
    with path.open("rb") as file:
        start = file.read(12)
    if start[4:8] == b"ftyp":
        return "an MP4 or MOV video"
    return next((name for mark, name in _SIGNATURES if start.startswith(mark)), None)


def _depth(largest: int) -> int:
    return next(bits for bits in _DEPTHS if largest < 2**bits)
