"""Uploaded bytes to a video or to numbered frames on the disk; nothing they say is trusted."""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..datasets.media_files import frame_number
from .image_upload import UploadRefused, image_size
from .jobs.folders import SOURCE
from .limits import MAX_FRAMES, MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS

# All that reading a file that somebody has bent can end in.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
# The end of the list of files: 22 bytes, and a comment of up to 64 KiB.
_LONGEST_END = 22 + 65535 + 20
_LONGEST_ENTRY = 1024
_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What macOS adds to every archive beside what was meant.
_OF_THE_SYSTEM = "__MACOSX/"


@dataclass(frozen=True)
class UploadLimits:
    """What an uploaded clip may take.

    Attributes
    ----------
    max_bytes : int
        Most bytes of the upload, and of all frames of an archive together once unpacked.
    max_frames : int
        Most frames of an archive.
    max_image_bytes : int
        Most bytes of one frame of an archive.
    max_image_pixels : int
        Most pixels of one frame of an archive.
    """

    max_bytes: int = 200 * 1024 * 1024
    max_frames: int = MAX_FRAMES
    max_image_bytes: int = MAX_IMAGE_BYTES
    max_image_pixels: int = MAX_IMAGE_PIXELS


def store_clip(upload: BinaryIO, folder: Path, limits: UploadLimits) -> None:
    """Write an uploaded video, or the frames of an uploaded archive, as a job's source.

    Parameters
    ----------
    upload : file
        A video (MP4, MOV, AVI, MKV or WebM) or a zip archive of PNG and JPEG images, told by
        content. Images are ordered by the last number in their names, as in a folder of frames.
    folder : Path
        The job's, empty.
    limits : UploadLimits

    Raises
    ------
    UploadRefused
        413 for too much, 415 for anything else, 422 for a broken archive.
    """
    start = upload.read(16)
    upload.seek(0)
    if start.startswith(b"PK\x03\x04"):
        _unpack(upload, folder / SOURCE, limits)
        return
    suffix = _video_suffix(start)
    if suffix is None:
        raise UploadRefused(
            415, "`clip` is neither a video (MP4, MOV, AVI, MKV, WebM) nor a zip archive of frames"
        )
    _copy(upload, folder / f"{SOURCE}{suffix}", limits.max_bytes)


def _video_suffix(start: bytes) -> str | None:
    if start[4:8] == b"ftyp":
        return ".mp4"
    if start.startswith(b"RIFF") and start[8:12] == b"AVI ":
        return ".avi"
    if start.startswith(b"\x1aE\xdf\xa3"):
        return ".mkv"
    return None


def _copy(upload: BinaryIO, path: Path, most: int) -> None:
    written = 0
    with path.open("xb") as file:
        while chunk := upload.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise UploadRefused(413, f"`clip` is too long; at most {most:,} bytes are allowed")
            file.write(chunk)


def _unpack(upload: BinaryIO, folder: Path, limits: UploadLimits) -> None:
    try:
        _check_directory(upload, limits)
        with zipfile.ZipFile(upload) as archive:
            entries = _frames_of(archive, limits)
            _check_overlap(archive, upload)
            folder.mkdir()
            left = limits.max_bytes
            for place, entry in enumerate(entries):
                content = _content(archive, entry, min(left, limits.max_image_bytes))
                left -= len(content)
                # Named by us: a name from the archive never comes near the file system.
                (folder / f"{place:06}{_image_suffix(content, place, limits)}").write_bytes(content)
    except _BROKEN as error:
        raise UploadRefused(422, "`clip` is a broken archive") from error


def _check_directory(upload: BinaryIO, limits: UploadLimits) -> None:
    """Refuses a list of files too long to be read: all of it is held in memory before any file."""
    length = upload.seek(0, 2)
    upload.seek(max(0, length - _LONGEST_END))
    end = upload.read()
    upload.seek(0)
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) < place + 20:
        raise zipfile.BadZipFile
    # Of archives beyond four gigabytes only.
    if end[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        raise UploadRefused(422, "`clip` is an archive of a kind that is not read (ZIP64)")
    (size,) = struct.unpack("<I", end[place + 12 : place + 16])
    if size > limits.max_frames * _LONGEST_ENTRY:
        raise UploadRefused(413, f"`clip` names more than the {limits.max_frames:,} files allowed")


def _frames_of(archive: zipfile.ZipFile, limits: UploadLimits) -> list[zipfile.ZipInfo]:
    """Its files in the order of their numbers, if together they can be what is allowed."""
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith(_OF_THE_SYSTEM)
    ]
    if not entries:
        raise UploadRefused(422, "`clip` is an archive without files")
    if len(entries) > limits.max_frames:
        raise UploadRefused(
            413, f"`clip` holds {len(entries):,} files; at most {limits.max_frames:,} are allowed"
        )
    if sum(entry.file_size for entry in entries) > limits.max_bytes:
        raise UploadRefused(
            413, f"`clip` unpacks to more than the {limits.max_bytes:,} bytes that are allowed"
        )
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            raise UploadRefused(422, "`clip` is encrypted, or packed in a way that is not read")
    return sorted(entries, key=lambda entry: (frame_number(entry.filename) or 0, entry.filename))


def _check_overlap(archive: zipfile.ZipFile, upload: BinaryIO) -> None:
    # A bomb gives one stretch of the file to many entries, which is how it unpacks to so much.
    upload.seek(0, 2)
    if sum(entry.compress_size for entry in archive.infolist()) > upload.tell():
        raise UploadRefused(422, "`clip` is an archive whose files overlap")


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(entry) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise UploadRefused(
            413, f"a frame of `clip` is too long; at most {most:,} bytes are left to it"
        )
    return content


def _image_suffix(content: bytes, place: int, limits: UploadLimits) -> str:
    name = f"frame {place + 1} of `clip`"
    width, height = image_size(name, content)
    if width * height > limits.max_image_pixels:
        raise UploadRefused(
            413,
            f"{name} has {width} x {height} pixels; at most {limits.max_image_pixels:,} are "
            "allowed",
        )
    return ".png" if content.startswith(b"\x89PNG") else ".jpg"
