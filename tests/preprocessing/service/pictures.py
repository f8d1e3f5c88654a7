"""Images to upload."""

import struct
import zlib

import cv2
import numpy as np


def textured(height: int = 48, width: int = 64, shift: float = 0.0) -> np.ndarray:
    """A smooth RGB pattern, uint8, moved to the right by `shift` pixels."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    columns = columns - shift
    waves = [
        np.sin(columns / 3.1 + c) + np.sin(rows / 2.7 - c) + np.sin((columns + rows) / 5)
        for c in range(3)
    ]
    return np.rint(127 + 40 * np.stack(waves, axis=-1)).clip(0, 255).astype(np.uint8)


def encoded(image: np.ndarray, suffix: str = ".png") -> bytes:
    written, content = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert written
    return content.tobytes()


def png_that_claims(width: int, height: int) -> bytes:
    """A well-formed PNG header with a size of choice and next to no data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )
