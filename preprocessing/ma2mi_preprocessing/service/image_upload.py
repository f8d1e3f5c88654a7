"""Uploaded bytes to an image, refusing early what is too large or no image."""

import struct

import cv2
import numpy as np
import numpy.typing as npt

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers; C4, C8 and CC lie between them and mean something else.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_WITHOUT_LENGTH = frozenset(range(0xD0, 0xD8)) | {0x01}


class UploadRefused(Exception):
    """An upload that is not computed on.

    Attributes
    ----------
    status : int
        HTTP status that says so.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def decode_image(name: str, content: bytes, max_pixels: int) -> npt.NDArray[np.uint8]:
    """Decode a PNG or JPEG image.

    The size is read from the header first, so that a small file that claims to be enormous never
    gets its memory.

    Parameters
    ----------
    name : str
        Of what was uploaded, for messages.
    content : bytes
        The file. Its name and declared type are not trusted.
    max_pixels : int
        Most pixels.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB.

    Raises
    ------
    UploadRefused
        413 for too many pixels, 415 for anything but PNG and JPEG, 422 for a broken file.
    """
    width, height = image_size(name, content)
    if width * height > max_pixels:
        raise UploadRefused(
            413, f"{name} has {width} x {height} pixels; at most {max_pixels:,} are allowed"
        )
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None:
        raise UploadRefused(422, f"{name} is a broken image")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def image_size(name: str, content: bytes) -> tuple[int, int]:
    """Width and height as the header states them; nothing is decoded.

    Parameters
    ----------
    name : str
        Of what was uploaded, for messages.
    content : bytes
        The file.

    Raises
    ------
    UploadRefused
        415 for anything but PNG and JPEG, 422 for a broken file.
    """
    if content.startswith(_PNG_SIGNATURE):
        size = _png_size(content)
    elif content.startswith(b"\xff\xd8\xff"):
        size = _jpeg_size(content)
    else:
        raise UploadRefused(415, f"{name} is neither a PNG nor a JPEG image")
    if size is None or 0 in size:
        raise UploadRefused(422, f"{name} is a broken image")
    return size


def _png_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 4 <= len(content):
        if content[position] != 0xFF:
            return None
        marker = content[position + 1]
        if marker == 0xFF:
            # Fill byte before a marker.
            position += 1
            continue
        if marker in _JPEG_WITHOUT_LENGTH:
            position += 2
            continue
        (length,) = struct.unpack(">H", content[position + 2 : position + 4])
        if marker in _JPEG_FRAMES:
            frame = content[position + 5 : position + 9]
            if len(frame) < 4:
                return None
            height, width = struct.unpack(">HH", frame)
            return width, height
        if length < 2:
            return None
        position += 2 + length
    return None
