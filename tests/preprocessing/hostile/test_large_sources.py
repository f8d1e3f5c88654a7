"""Long and large videos are streamed, and no row of a long manifest is lost."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.store import open_store
from tests.preprocessing.pipeline.small_clips import frame_folder, moving_texture

MOST_MEGABYTES = 1500


def write_video(path: Path, frames: int, width: int, height: int, fps: float) -> Path:
    """A video that repeats a short movement."""
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (width, height)
    )  # fmt: skip
    pictures = [
        cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC)
        for frame in moving_texture(16)
    ]
    for index in range(frames):
        writer.write(pictures[index % len(pictures)])
    writer.release()
    return path


def in_a_process(body: str) -> dict[str, float]:
    """Run code that fills `result`, and add the largest memory that it took."""
    code = f"""
import json
from pathlib import Path
from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.datasets.manifest import index_manifest
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.pipeline import preprocess
def largest_memory():
    # getrusage would count what the parent held before this program was loaded.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

result = {{}}
{textwrap.dedent(body)}
result["megabytes"] = largest_memory()
print(json.dumps(result))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def preprocessing(video: Path, store: Path, options: str, clip: str = "") -> str:
    return f"""
summary = preprocess([Clip("v", Path({str(video)!r}){clip})], {str(store)!r},
                     PreprocessOptions({options}), workers=1)
result["stored"] = summary.stored
result["reason"] = summary.rejected[0].reason if summary.rejected else ""
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory from /proc")
class TestMemory:
    """What one worker takes at most."""

    def test_video_of_ten_minutes_is_streamed(self, tmp_path: Path) -> None:
        video = write_video(tmp_path / "v.mp4", 6000, 320, 240, fps=10.0)
        options = "size=64, detector='none', pairs_per_clip=2, max_frames=100"
        late = in_a_process(
            preprocessing(video, tmp_path / "s", options, ", onset=5900, apex=5910")
        )
        assert late["stored"] == 1
        # Its frames together take 1.4 GB.
        assert late["megabytes"] < 600
        stored = open_store(tmp_path / "s").read("v")
        assert stored.first_frame == 5895

    def test_4k_video(self, tmp_path: Path) -> None:
        video = write_video(tmp_path / "v.mp4", 12, 3840, 2160, fps=25.0)
        result = in_a_process(preprocessing(video, tmp_path / "s", "pairs_per_clip=1"))
        assert "no face found" in str(result["reason"])
        assert result["megabytes"] < MOST_MEGABYTES
        result = in_a_process(
            preprocessing(video, tmp_path / "t", "detector='none', pairs_per_clip=1")
        )
        assert result["stored"] == 1
        assert result["megabytes"] < MOST_MEGABYTES
        attributes = open_store(tmp_path / "t").read("v").attributes
        assert (attributes["source_width"], attributes["source_height"]) == (3840, 2160)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("options", "clip", "stored"),
        [
            ("detections_per_second=1.0", "", 0),
            ("detector='none', pairs='onset'", ", onset=12000, apex=12400", 1),
            ("detector='none', alignment='track', pairs_per_clip=64", "", 1),
        ],
        ids=["without a face", "flow of all frames", "longest clip"],
    )
    def test_ten_minutes_of_720p(
        self, options: str, clip: str, stored: int, tmp_path: Path
    ) -> None:
        video = write_video(tmp_path / "v.mp4", 15_000, 1280, 720, fps=25.0)
        result = in_a_process(preprocessing(video, tmp_path / "s", options, clip))
        assert result["stored"] == stored
        assert result["megabytes"] < MOST_MEGABYTES


def write_manifest(root: Path, rows: int) -> Path:
    """One usable clip, one row in ten that is wrong, and videos that are not there."""
    frame_folder(root, "good")
    lines = ["clip_id,subject,source,onset,apex,offset,fps,label", "good,s1,good,1,3,5,25,joy"]
    for row in range(rows - 1):
        onset = "soon" if row % 10 == 0 else row % 50
        lines.append(f"c{row},s{row % 500},videos/c{row}.mp4,{onset},60,70,25,joy")
    (root / "manifest.csv").write_text("\n".join(lines) + "\n")
    return root / "manifest.csv"


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory from /proc")
@pytest.mark.parametrize("rows", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_every_row_of_a_long_manifest_is_accounted_for(rows: int, tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, rows)
    result = in_a_process(f"""
        indexed = index_manifest({str(manifest)!r})
        summary = preprocess(indexed.clips, {str(tmp_path / "s")!r},
                             PreprocessOptions(size=32, detector="none"), workers=1)
        result["problems"] = len(indexed.problems)
        result["stored"] = summary.stored
        result["rejected"] = len(summary.rejected)
    """)
    wrong = len(range(0, rows - 1, 10))
    assert (result["problems"], result["stored"]) == (wrong, 1)
    assert result["rejected"] == rows - 1 - wrong
    assert result["megabytes"] < MOST_MEGABYTES
    rejected = open_store(tmp_path / "s").rejected
    assert len(rejected) == result["rejected"]
    assert rejected["reason"].str.contains("check the path").all()


def test_worker_that_hangs_in_a_decoder_is_ended(tmp_path: Path) -> None:
    code = """
import time
from ma2mi_preprocessing import hang_guard
hang_guard._RENEWED_EVERY = 0.1
hang_guard.end_when_stuck(0.3)
guard = hang_guard.hang_guard()
for _ in range(8):
    guard.renew()
    time.sleep(0.1)
guard.release()
time.sleep(0.8)
print("alive", flush=True)
guard.renew()
time.sleep(30)
print("never")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=25,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == "alive\n"
    assert done.stderr == ""


def test_guard_costs_the_calling_process_nothing_unless_asked_for() -> None:
    from ma2mi_preprocessing.hang_guard import hang_guard

    guard = hang_guard()
    guard.renew()
    guard.release()
    assert np.isneginf(guard._renewed)
