"""One clip in memory: indices, flow, and reasons."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.datasets.manifest import Clip
from ma2mi_preprocessing.flow import optical_flow_tvl1
from ma2mi_preprocessing.motion import to_gray
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.process_clip import process_clip
from ma2mi_preprocessing.processed_clip import ClipError
from ma2mi_preprocessing.video import read_frames
from tests.preprocessing.pipeline.small_clips import (
    OPTIONS,
    SIZE,
    annotated,
    frame_folder,
    moving_texture,
)


def test_frames_that_are_faces_already_come_back_unchanged(tmp_path: Path) -> None:
    processed = process_clip(annotated(tmp_path, "a"), OPTIONS)
    np.testing.assert_array_equal(processed.frames, moving_texture(6, seed=ord("a")))
    assert (processed.onset, processed.apex, processed.offset) == (1, 3, 5)
    assert (processed.first_frame, processed.fps) == (0, 25.0)
    assert processed.pairs.tolist() == [[1, 3]]


def test_flow_is_that_of_the_stored_gray_frames_from_first_to_second(tmp_path: Path) -> None:
    processed = process_clip(annotated(tmp_path, "a"), OPTIONS)
    gray = to_gray(processed.frames)
    np.testing.assert_array_equal(processed.flow[0], optical_flow_tvl1(gray[1], gray[3]))
    inner = processed.flow[0, 8:24, 8:24]
    assert np.median(inner[..., 0]) == pytest.approx(1.0, abs=0.2)
    assert np.median(inner[..., 1]) == pytest.approx(0.0, abs=0.1)


def test_only_the_annotated_part_of_a_long_clip_is_kept(tmp_path: Path) -> None:
    clip = frame_folder(tmp_path, "long", 60, onset=30, apex=34, offset=38)
    options = dataclasses.replace(OPTIONS, context_seconds=0.2)
    processed = process_clip(clip, options)
    assert processed.first_frame == 25
    assert len(processed.frames) == 38 + 5 - 25 + 1
    assert (processed.onset, processed.apex, processed.offset) == (5, 9, 13)
    everything = moving_texture(60, seed=sum(map(ord, "long")))
    np.testing.assert_array_equal(processed.frames[processed.apex], everything[34])


def test_most_frames_cut_the_context_first_and_never_the_apex(tmp_path: Path) -> None:
    clip = frame_folder(tmp_path, "long", 60, onset=30, apex=40, offset=55)
    processed = process_clip(clip, dataclasses.replace(OPTIONS, max_frames=12))
    assert (processed.first_frame, len(processed.frames)) == (30, 12)
    assert (processed.onset, processed.apex, processed.offset) == (0, 10, None)
    assert "offset 55" in processed.attributes["notes"][0]
    with pytest.raises(ClipError, match="onset 30 to apex 40 is 11 frames"):
        process_clip(clip, dataclasses.replace(OPTIONS, max_frames=10))


@pytest.mark.parametrize("name", ["onset", "apex"])
def test_key_frame_behind_the_end_is_refused(name: str, tmp_path: Path) -> None:
    keys = {"onset": 1, "apex": 8, "offset": None} | ({"onset": 7} if name == "onset" else {})
    with pytest.raises(ClipError, match=rf"{name} \d is outside") as error:
        process_clip(annotated(tmp_path, "a", **keys), OPTIONS)
    assert error.value.stage == "read"


def test_rate_comes_from_the_manifest_or_is_marked_as_assumed(tmp_path: Path) -> None:
    given = process_clip(frame_folder(tmp_path, "a", fps=200.0), OPTIONS)
    assert (given.fps, given.attributes["fps_source"]) == (200.0, "manifest")
    assumed = process_clip(frame_folder(tmp_path, "b", fps=None), OPTIONS)
    assert assumed.attributes["fps_source"] == "assumed"


def test_one_frame_is_not_a_clip(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match=r"1 frame\(s\)"):
        process_clip(frame_folder(tmp_path, "a", frames=1), OPTIONS)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_missing_and_empty_folders_fall_out_at_reading(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ClipError) as error:
        process_clip(Clip("a", tmp_path / name, kind="frames"), OPTIONS)
    assert error.value.stage == "read"


def test_clip_without_a_face_falls_out_at_the_face(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="no face found in") as error:
        process_clip(frame_folder(tmp_path, "a"), dataclasses.replace(OPTIONS, detector="cascade"))
    assert error.value.stage == "face"


def test_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    clip = frame_folder(tmp_path, "a", 20)
    first, second = process_clip(clip, OPTIONS), process_clip(clip, OPTIONS)
    np.testing.assert_array_equal(first.pairs, second.pairs)
    assert first.flow.tobytes() == second.flow.tobytes()


class TestPrecomputedMotion:
    """Clips of kind "motion"."""

    def clip(self, folder: Path, **arrays: np.ndarray) -> Clip:
        np.savez(folder / "m.npz", **arrays)  # type: ignore[arg-type]
        return Clip("m", folder / "m.npz", kind="motion", label="surprise")

    def test_motion_is_kept_as_it_is(self, tmp_path: Path, rng: np.random.Generator) -> None:
        motion = rng.normal(size=(28, 28, 3)).astype(np.float32)
        onset = rng.integers(0, 256, (28, 28, 3), np.uint8)
        processed = process_clip(self.clip(tmp_path, motion=motion, onset=onset), OPTIONS)
        np.testing.assert_array_equal(processed.motion, motion)
        np.testing.assert_array_equal(processed.frames, onset[None])
        assert (processed.onset, processed.pairs.shape) == (0, (0, 2))

    def test_onset_may_be_missing_or_in_unit_range(self, tmp_path: Path) -> None:
        motion = np.zeros((28, 28, 3))
        assert process_clip(self.clip(tmp_path, motion=motion), OPTIONS).frames.shape == (
            0, 28, 28, 3,
        )  # fmt: skip
        onset = np.full((28, 28, 3), 0.5)
        processed = process_clip(self.clip(tmp_path, motion=motion, onset=onset), OPTIONS)
        assert processed.frames[0, 0, 0, 0] in (127, 128)

    @pytest.mark.parametrize(
        ("arrays", "part"),
        [
            ({"flow": np.zeros((4, 4, 3))}, "no array 'motion'"),
            ({"motion": np.zeros((4, 4))}, "must be"),
            ({"motion": np.full((4, 4, 3), np.nan)}, "NaN"),
            ({"motion": np.array([[["a"]]])}, "must be"),
            ({"motion": np.zeros((4, 4, 3)), "onset": np.zeros((5, 5, 3))}, "'onset'"),
            ({"motion": np.zeros((4, 4, 3)), "onset": np.full((4, 4, 3), 7.0)}, "0..1"),
        ],
    )
    def test_wrong_arrays_are_named(
        self, arrays: dict[str, np.ndarray], part: str, tmp_path: Path
    ) -> None:
        with pytest.raises(ClipError, match=part) as error:
            process_clip(self.clip(tmp_path, **arrays), OPTIONS)
        assert error.value.stage == "read"

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"letter"])
    def test_file_that_is_no_npz_is_refused(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "m.npz").write_bytes(content)
        with pytest.raises(ClipError, match=r"m\.npz"):
            process_clip(Clip("m", tmp_path / "m.npz", kind="motion"), OPTIONS)

    def test_pickled_objects_are_never_loaded(self, tmp_path: Path) -> None:
        clip = self.clip(tmp_path, motion=np.array([[[{"a": 1}]]], dtype=object))
        with pytest.raises(ClipError, match="plain arrays"):
            process_clip(clip, OPTIONS)


def test_face_that_leaves_the_picture_is_kept_while_it_is_there(real_data: Path) -> None:
    clip = Clip("face", real_data / "faces" / "face_noface.mov")
    processed = process_clip(
        clip, PreprocessOptions(size=SIZE, pairs="none", detections_per_second=5)
    )
    # The face is in frames 0 to 71; every fifth frame is looked at.
    assert processed.first_frame == 0
    assert 68 <= len(processed.frames) <= 72
    assert processed.attributes["frames_dropped"] == 169 - len(processed.frames)
    assert len(processed.transforms) == len(processed.frames)


def test_file_that_changes_after_its_clip_was_rejected_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.avi"

    def record(value: int) -> None:
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 64))
        for _ in range(6):
            writer.write(np.full((64, 64, 3), value, np.uint8))
        writer.release()

    record(40)
    with pytest.raises(ClipError, match="no face"):
        process_clip(Clip("a", path), PreprocessOptions(size=32))
    record(200)
    assert abs(int(next(read_frames(path))[0, 0, 0]) - 200) < 5
