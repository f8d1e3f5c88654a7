"""Several processes, and several forms of frames: the same pictures, and nothing half written."""

from pathlib import Path

import numpy as np
import pytest

from ma2mi_preprocessing.datasets.manifest import read_manifest
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.synthesis import render_clip, synthesize
from ma2mi_preprocessing.synthesis.clip_workers import finished_clips
from ma2mi_preprocessing.synthesis.frame_files import write_frames
from ma2mi_preprocessing.video import probe, read_frames
from tests.preprocessing.synthesis.rendered_sets import SMALL, digests

SEEDED = SMALL | {"seed": 3}
ONE = SEEDED | {"subjects": 1, "clips_per_subject": 1}


@pytest.mark.slow
def test_interrupted_workers_leave_whole_clips_and_the_end_is_the_same(
    rendered: Path, tmp_path: Path
) -> None:
    def interrupt(clip: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize("macro", tmp_path, **SEEDED, workers=2, on_clip=interrupt)
    assert not (tmp_path / "manifest.csv").exists()
    assert not list(tmp_path.rglob(".partial-*"))
    finished = list((tmp_path / "ground_truth").rglob("*.npz"))
    assert finished
    before = {path: path.stat().st_mtime_ns for path in finished}
    synthesize("macro", tmp_path, **SEEDED)
    assert {path: path.stat().st_mtime_ns for path in finished} == before
    assert digests(tmp_path) == digests(rendered)


def test_error_in_a_worker_names_the_clip_and_what_is_finished_stays(
    rendered: Path, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "set" / "frames" / "s02" / "c02"
    synthesize("macro", tmp_path / "set", **ONE)
    in_the_way.parent.mkdir()
    in_the_way.write_bytes(b"")
    with pytest.raises(InputError, match=r"^clip s02/c02: .*s02/c02"):
        synthesize("macro", tmp_path / "set", **SEEDED, workers=2)
    finished = list((tmp_path / "set" / "ground_truth").rglob("*.npz"))
    # What the other process had begun is finished too.
    assert len(finished) >= 2
    before = {path: path.stat().st_mtime_ns for path in finished}
    in_the_way.unlink()
    synthesize("macro", tmp_path / "set", **SEEDED)
    assert {path: path.stat().st_mtime_ns for path in finished} == before
    assert digests(tmp_path / "set") == digests(rendered)


class Task:
    name = "s07/c03"


def fail(task: Task) -> None:
    raise ZeroDivisionError("no light")


def test_error_of_the_program_names_the_clip_too() -> None:
    with pytest.raises(RuntimeError, match="clip s07/c03: ZeroDivisionError: no light"):
        list(finished_clips(fail, [Task()], 1))


def test_video_of_a_clip_holds_exactly_its_frames(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        synthesize("macro", tmp_path / folder, **ONE, frames_as="video")
    assert digests(tmp_path / "a" / "frames") == digests(tmp_path / "b" / "frames")
    (clip,) = read_manifest(tmp_path / "a" / "manifest.csv")
    assert clip.kind == "video" and clip.source.name == "c01.avi"
    frames = render_clip("macro", size=48, fps=20.0, seed=3).frames
    np.testing.assert_array_equal(list(read_frames(clip.source)), frames)
    assert probe(clip.source).fps == pytest.approx(20.0)


def test_jpeg_frames_are_small_and_close(tmp_path: Path, rendered: Path) -> None:
    synthesize("macro", tmp_path, **ONE, frames_as="jpeg")
    (clip,) = read_manifest(tmp_path / "manifest.csv")
    assert clip.kind == "frames"
    read = np.array(list(read_frames(clip.source)), float)
    exact = render_clip("macro", size=48, fps=20.0, seed=3).frames
    assert read.shape == exact.shape
    assert np.sqrt(np.mean((read - exact) ** 2)) < 6
    size = sum(path.stat().st_size for path in clip.source.iterdir())
    lossless = sum(path.stat().st_size for path in (rendered / "frames/s01/c01").iterdir())
    assert size < 0.5 * lossless


def test_forms_of_frames_do_not_mix_in_a_folder(rendered: Path) -> None:
    with pytest.raises(InputError, match="frames_as png; choose another folder"):
        synthesize("macro", rendered, **SEEDED, frames_as="jpeg")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frames_as": "gif"}, "'gif'; use png or jpeg or video"),
        ({"frames_as": "video", "size": 49}, "size must be even"),
        ({"workers": 0}, "workers must be at least 1"),
    ],
)
def test_storage_that_makes_no_sense_is_refused(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        synthesize("macro", tmp_path, **(SEEDED | change))
    assert not any(tmp_path.iterdir())


def test_unwritable_video_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "s01").write_bytes(b"")
    frames = np.zeros((2, 48, 48, 3), np.uint8)
    with pytest.raises(InputError, match=r"cannot write .*c01\.avi"):
        write_frames(frames, 25.0, tmp_path / "s01" / "c01.avi", "video")
