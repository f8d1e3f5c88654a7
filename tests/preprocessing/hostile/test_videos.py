"""Videos that are broken, mislabelled, or unusual: none stops a run or costs another clip."""

import os
import socket
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.process_clip import process_clip
from ma2mi_preprocessing.store import open_store
from ma2mi_preprocessing.video import probe, read_frames
from tests.preprocessing.hostile.broken_files import (
    claiming,
    reason,
    rotated,
    run_beside_a_good_clip,
    ticks_a_second,
    video,
    with_durations,
)
from tests.preprocessing.pipeline.small_clips import OPTIONS


def png() -> bytes:
    return cv2.imencode(".png", np.zeros((32, 48, 3), np.uint8))[1].tobytes()


def jpeg() -> bytes:
    return cv2.imencode(".jpg", np.zeros((32, 48, 3), np.uint8))[1].tobytes()


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("empty.mp4", b"", "an empty file (0 bytes); restore it"),
        ("text.avi", b"this is a letter " * 40, "not a video at all"),
        ("picture.mp4", png(), "is a PNG image, not a video"),
        ("picture.avi", jpeg(), "is a JPEG image, not a video"),
        ("noise.mp4", np.random.default_rng(0).bytes(4000), "not a video"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n", "not a video"),
    ],
)
def test_file_that_is_no_video(name: str, content: bytes, part: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert part in reason(tmp_path, Clip("bad", tmp_path / name))


def test_folder_named_like_a_video(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").mkdir()
    assert "holds no jpg" in reason(tmp_path, Clip("bad", tmp_path / "clip.mp4"))


def test_video_without_its_index(tmp_path: Path) -> None:
    path = video(tmp_path / "cut.mp4")
    path.write_bytes(path.read_bytes()[:1500])
    assert "cut short" in reason(tmp_path, Clip("bad", path))


def test_video_of_one_frame(tmp_path: Path) -> None:
    path = video(tmp_path / "one.mp4", frames=1)
    assert "gives 1 frame(s)" in reason(tmp_path, Clip("bad", path))


def test_key_frames_beyond_the_end(tmp_path: Path) -> None:
    clip = Clip("bad", video(tmp_path / "short.avi"), onset=5, apex=30)
    assert "apex 30 is outside the frames that are usable, 0 to 11" in reason(tmp_path, clip)


def test_onset_after_apex(tmp_path: Path) -> None:
    clip = Clip("bad", video(tmp_path / "v.avi"), onset=8, apex=3)
    assert reason(tmp_path, clip) == "onset 8 is after apex 3; check the annotation"


def test_video_cut_short_is_stored_as_far_as_it_goes_and_says_so(tmp_path: Path) -> None:
    path = video(tmp_path / "half.avi", frames=20)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 4])
    run_beside_a_good_clip(tmp_path, Clip("half", path))
    stored = open_store(tmp_path / "store").read("half")
    kept = stored.frames.shape[0]
    assert 2 <= kept < 20
    assert stored.attributes["frames_dropped"] == 20 - kept
    (note,) = stored.attributes["notes"]
    assert note == f"the file claims 20 frames and ends after {kept}; is it whole?"


@pytest.mark.parametrize("claim", [0, 5, 500])
def test_number_of_frames_in_the_header_is_not_believed(claim: int, tmp_path: Path) -> None:
    path = claiming(video(tmp_path / "lie.avi"), claim)
    assert probe(path).frames == claim
    run_beside_a_good_clip(tmp_path, Clip("lie", path))
    stored = open_store(tmp_path / "store").read("lie")
    assert stored.frames.shape[0] == 12
    said = " ".join(stored.attributes["notes"])
    assert ("claims 500 frames and ends after 12" in said) == (claim == 500)


def test_variable_frame_rate_is_noted_and_averaged(tmp_path: Path) -> None:
    path = video(tmp_path / "phone.mp4")
    tick = ticks_a_second(path)
    with_durations(path, [(6, tick // 20), (6, tick // 10)])
    run_beside_a_good_clip(tmp_path, Clip("phone", path))
    stored = open_store(tmp_path / "store").read("phone")
    # Six steps of 50 ms and five of 100 ms.
    assert stored.fps == pytest.approx(11 / 0.8, rel=1e-3)
    assert stored.attributes["notes"][0].startswith("variable frame rate: 50 to 100 ms")


def test_rate_of_the_manifest_stands_above_the_time_stamps(tmp_path: Path) -> None:
    path = video(tmp_path / "phone.mp4")
    with_durations(path, [(6, 512), (6, 1024)])
    processed = process_clip(Clip("phone", path, fps=200.0), OPTIONS)
    assert (processed.fps, processed.attributes["notes"]) == (200.0, [])


def test_even_rate_is_taken_as_the_file_says_it(tmp_path: Path) -> None:
    processed = process_clip(Clip("v", video(tmp_path / "v.mp4", fps=29.97)), OPTIONS)
    assert processed.fps == pytest.approx(29.97, abs=1e-6)
    assert processed.attributes["notes"] == []


def test_rotation_of_the_file_is_honoured(tmp_path: Path) -> None:
    upright = list(read_frames(video(tmp_path / "v.mp4")))
    path = rotated(video(tmp_path / "turned.mp4"))
    info = probe(path)
    turned = list(read_frames(path))
    assert (info.width, info.height) == (32, 64)
    assert turned[0].shape == (64, 32, 3)
    np.testing.assert_array_equal(turned[3], np.rot90(upright[3], -1))
    run_beside_a_good_clip(tmp_path, Clip("turned", path))
    attributes = open_store(tmp_path / "store").read("turned").attributes
    assert (attributes["source_width"], attributes["source_height"]) == (32, 64)


def test_damage_inside_a_video_costs_frames_and_no_run(tmp_path: Path) -> None:
    path = video(tmp_path / "v.mp4", frames=40)
    content = bytearray(path.read_bytes())
    for at in range(400, 2000, 97):
        content[at : at + 20] = bytes(range(at % 200, at % 200 + 20))
    path.write_bytes(bytes(content))
    summary = run_beside_a_good_clip(tmp_path, Clip("v", path))
    assert summary.stored == 2 + (not summary.rejected)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "neither a file nor a folder" in reason(tmp_path, Clip("bad", tmp_path / "pipe.mp4"))


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}/a.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{url}/a.mp4'\n",
        "[playlist]\nFile1={url}/a.mp4\n",
    ],
    ids=["m3u8", "ffconcat", "pls"],
)
def test_play_list_named_like_a_video_fetches_nothing(text: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        (tmp_path / "list.mp4").write_text(text.format(url=url))
        assert "not a video" in reason(tmp_path, Clip("bad", tmp_path / "list.mp4"))
        with pytest.raises(TimeoutError):
            server.accept()


def test_real_video_cut_anywhere_is_used_in_part_or_named(real_data: Path, tmp_path: Path) -> None:
    content = (real_data / "faces" / "face_noface.mov").read_bytes()
    clips = []
    for tenth in range(1, 10, 2):
        path = tmp_path / f"cut{tenth}.mov"
        path.write_bytes(content[: len(content) * tenth // 10])
        clips.append(Clip(path.stem, path))
    summary = run_beside_a_good_clip(tmp_path, *clips)
    for rejection in summary.rejected:
        assert rejection.stage == "read"
        assert rejection.clip_id in rejection.reason
    noted = {clip_id for clip_id, _ in summary.notes}
    stored = {clip.clip_id for clip in clips} - {each.clip_id for each in summary.rejected}
    assert stored <= noted
