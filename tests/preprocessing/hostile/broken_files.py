"""Writing videos and images that are not as they should be."""

import struct
from pathlib import Path

import cv2
import numpy as np

from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.pipeline import PreprocessSummary, preprocess
from ma2mi_preprocessing.store import open_store
from ma2mi_preprocessing.store_checks import verify_store
from tests.preprocessing.pipeline.small_clips import OPTIONS, frame_folder, moving_texture

_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def run_beside_a_good_clip(
    root: Path, *bad: Clip, options: PreprocessOptions = OPTIONS
) -> PreprocessSummary:
    """Preprocess clips between two good ones, and see that these and the store are whole."""
    good = [frame_folder(root / "good", "first"), frame_folder(root / "good", "last")]
    clips = [good[0], *bad, good[1]]
    summary = preprocess(clips, root / "store", options, workers=1, contact_sheets=False)
    store = open_store(root / "store")
    for clip in good:
        expected = moving_texture(6, seed=sum(map(ord, clip.clip_id)))
        np.testing.assert_array_equal(store.read(clip.clip_id).frames[:], expected)
    assert summary.clips_in == len(bad) + 2 == summary.stored + len(summary.rejected)
    assert verify_store(store.path).problems == []
    return summary


def reason(root: Path, bad: Clip, options: PreprocessOptions = OPTIONS) -> str:
    """Why a clip was rejected, by the rejected.csv that a person reads."""
    run_beside_a_good_clip(root, bad, options=options)
    (row,) = open_store(root / "store").rejected.to_dict("records")
    assert (row["clip_id"], row["stage"]) == (bad.clip_id, "read")
    assert "\n" not in row["reason"]
    assert "Error" not in row["reason"]
    return str(row["reason"])


def video(path: Path, frames: int = 12, size: int = 64, fps: float = 20.0) -> Path:
    """A video of a moving texture; MJPG in .avi, MPEG-4 in all else."""
    code = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), fps, (size, size // 2))
    for frame in moving_texture(frames):
        writer.write(cv2.resize(frame, (size, size // 2))[..., ::-1].copy())
    writer.release()
    return path


def rotated(path: Path) -> Path:
    """Mark an mp4 as one that players turn by 90 degrees."""
    content = path.read_bytes()
    identity = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 32 << 16, 0, 1 << 30)
    track = content.index(b"tkhd")
    at = content.index(identity, track)
    path.write_bytes(content[:at] + quarter + content[at + len(identity) :])
    return path


def with_durations(path: Path, runs: list[tuple[int, int]]) -> Path:
    """Give the frames of an mp4 other durations: runs of (frames, duration in ticks)."""
    # The edit list says how long the whole was, and readers cut off what is later.
    content = path.read_bytes().replace(b"edts", b"free")
    table = struct.pack(">II", 0, len(runs)) + b"".join(struct.pack(">II", *run) for run in runs)
    path.write_bytes(_replaced(content, b"stts", table))
    return path


def ticks_a_second(path: Path) -> int:
    """The unit of the durations in an mp4."""
    content = path.read_bytes()
    return int(struct.unpack_from(">I", content, content.index(b"mdhd") + 16)[0])


def claiming(path: Path, frames: int) -> Path:
    """Let the headers of an .avi claim another number of frames."""
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"avih") + 24, frames)
    struct.pack_into("<I", content, content.index(b"strh") + 40, frames)
    path.write_bytes(bytes(content))
    return path


def _replaced(content: bytes, kind: bytes, table: bytes) -> bytes:
    boxes, at = [], 0
    while at + 8 <= len(content):
        size, found = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + size]
        if found == kind:
            body = table
        elif found in _CONTAINERS:
            body = _replaced(body, kind, table)
        boxes.append(struct.pack(">I4s", len(body) + 8, found) + body)
        at += size
    return b"".join(boxes)
