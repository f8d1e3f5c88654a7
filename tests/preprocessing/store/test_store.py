"""The store gives back what was put in, and refuses what is not a store."""

import dataclasses
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing import open_store
from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.datasets.manifest import COLUMNS, Clip
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.pipeline import preprocess
from ma2mi_preprocessing.processed_clip import ClipError, ProcessedClip
from ma2mi_preprocessing.store import ClipStore
from ma2mi_preprocessing.store_format import (
    clip_key,
    folder_name,
    folder_prefix,
    options_hash,
    prefix_of_folder,
)
from ma2mi_preprocessing.store_writer import write_clip
from tests.preprocessing.pipeline.small_clips import OPTIONS, annotated, frame_folder


def processed(name: str, frames: int = 4, pairs: int = 2, seed: int = 0) -> ProcessedClip:
    random = np.random.default_rng(seed)
    return ProcessedClip(
        clip=Clip(name, Path("/videos") / "x.mp4", "lab", "lab/s1", label="joy", fps=30.0),
        frames=random.integers(0, 256, (frames, 24, 24, 3), np.uint8),
        flow=random.normal(size=(pairs, 24, 24, 2)).astype(np.float32),
        pairs=random.integers(0, 4, (pairs, 2)).astype(np.int32),
        transforms=random.normal(size=(frames, 2, 3)),
        onset=0,
        apex=2,
        offset=None,
        fps=30.0,
        first_frame=17,
        attributes={"face_score": 0.9, "frames_dropped": 3, "notes": ["so"]},
    )


@pytest.fixture
def store(tmp_path: Path) -> ClipStore:
    return ClipStore.create(tmp_path / "s", OPTIONS)


def put(store: ClipStore, clip: ProcessedClip, key: str = "0" * 16) -> str:
    name = write_clip(store.path, clip, key, options_hash(OPTIONS))
    store.write_tables([])
    return name


@pytest.mark.parametrize(("frames", "pairs"), [(4, 2), (1, 0), (0, 0), (4, 1)])
def test_what_is_written_is_read_back(store: ClipStore, frames: int, pairs: int) -> None:
    clip = processed("casme2/sub01/EP02_01f", frames, pairs)
    put(store, clip)
    stored = open_store(store.path).read("casme2/sub01/EP02_01f")
    assert stored.clip == clip.clip
    for name in ("frames", "flow", "pairs", "transforms"):
        found, expected = np.asarray(getattr(stored, name)[:]), getattr(clip, name)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
    assert (stored.onset, stored.apex, stored.offset) == (0, 2, None)
    assert (stored.fps, stored.first_frame) == (30.0, 17)
    assert stored.attributes["face_score"] == 0.9
    assert stored.motion is None


def test_single_frames_are_single_chunks_in_one_file(store: ClipStore) -> None:
    folder = store.path / "clips" / put(store, processed("a", frames=9))
    frames = zarr.open_array(str(folder / "frames"), mode="r")
    assert frames.metadata.zarr_format == 3
    assert frames.chunks == (1, 24, 24, 3)
    assert frames.shards == (9, 24, 24, 3)
    assert sum(path.is_file() for path in (folder / "frames").rglob("*")) == 2


def test_store_is_a_zarr_group_of_groups(store: ClipStore) -> None:
    name = put(store, processed("a"))
    group = zarr.open_group(str(store.path), mode="r")
    assert group[f"clips/{name}/flow"].shape == (2, 24, 24, 2)
    assert group[f"clips/{name}"].attrs["clip"]["clip_id"] == "a"


def test_failure_while_writing_leaves_nothing(
    store: ClipStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ma2mi_preprocessing import store_writer

    put(store, processed("a"))
    real = store_writer._write_array

    def disk_full(group: zarr.Group, name: str, array: np.ndarray, **options: bool) -> None:
        if name == "pairs":
            raise OSError(28, "No space left on device")
        real(group, name, array, **options)

    monkeypatch.setattr(store_writer, "_write_array", disk_full)
    with pytest.raises(ClipError, match="No space left") as error:
        write_clip(store.path, processed("b"), "1" * 16, options_hash(OPTIONS))
    assert error.value.stage == "write"
    assert len([*(store.path / "clips").iterdir()]) == 2
    assert open_store(store.path).clip_ids == ["a"]


def test_writing_the_same_clip_twice_is_harmless(store: ClipStore) -> None:
    put(store, processed("a"))
    put(store, processed("a"))
    assert open_store(store.path).clip_ids == ["a"]


def test_clips_made_with_other_options_are_not_listed(store: ClipStore) -> None:
    put(store, processed("a"))
    write_clip(store.path, processed("b"), "1" * 16, "made with others")
    assert open_store(store.path).clip_ids == ["a"]


def test_of_two_versions_of_a_clip_the_newer_counts(store: ClipStore) -> None:
    put(store, processed("a", seed=0), key="0" * 16)
    newer = processed("a", seed=1)
    put(store, newer, key="1" * 16)
    reopened = open_store(store.path)
    assert reopened.clip_ids == ["a"]
    np.testing.assert_array_equal(reopened.read("a").frames[:], newer.frames)


def test_table_that_is_lost_or_old_is_made_up_from_the_clips(store: ClipStore) -> None:
    put(store, processed("a"))
    write_clip(store.path, processed("b"), "1" * 16, options_hash(OPTIONS))
    assert open_store(store.path).clip_ids == ["a", "b"]
    (store.path / "manifest.parquet").unlink()
    assert open_store(store.path).clip_ids == ["a", "b"]
    (store.path / "manifest.parquet").write_bytes(b"half a table")
    assert open_store(store.path).clip_ids == ["a", "b"]


def test_manifest_has_the_rows_and_figures(store: ClipStore) -> None:
    put(store, processed("b"))
    put(store, processed("a"))
    table = open_store(store.path).manifest
    assert set(COLUMNS) <= set(table.columns)
    assert list(table["clip_id"]) == ["a", "b"]
    assert list(table["label"]) == ["joy", "joy"]
    assert list(table["frames"]) == [4, 4]
    pd.testing.assert_frame_equal(table, pd.read_parquet(store.path / "manifest.parquet"))


def test_store_and_clip_travel_to_other_processes(store: ClipStore) -> None:
    put(store, processed("a"))
    opened = open_store(store.path)
    again = pickle.loads(pickle.dumps(opened))
    np.testing.assert_array_equal(again.read("a").frames[1], opened.read("a").frames[1])


def test_options_are_those_of_the_run(store: ClipStore) -> None:
    assert store.options["size"] == OPTIONS.size
    assert store.options_hash == options_hash(OPTIONS)
    versions = json.loads((store.path / "options.json").read_text())["versions"]
    assert versions["zarr"] == zarr.__version__


def test_clip_that_is_not_there_is_named(store: ClipStore) -> None:
    put(store, processed("a"))
    with pytest.raises(InputError, match="'zz'"):
        open_store(store.path).read("zz")


class TestRefusal:
    """Folders that are not stores."""

    def refused(self, path: Path) -> str:
        with pytest.raises(InputError) as error:
            open_store(path)
        message = str(error.value)
        assert str(path) in message
        assert "\n" not in message
        return message

    def test_missing(self, tmp_path: Path) -> None:
        assert "no clip store" in self.refused(tmp_path / "nowhere")

    def test_empty(self, tmp_path: Path) -> None:
        assert "empty folder" in self.refused(tmp_path)

    def test_file(self, tmp_path: Path) -> None:
        (tmp_path / "f").write_text("x")
        assert "a file" in self.refused(tmp_path / "f")

    @pytest.mark.parametrize("content", ["", "{}", "[]", '{"attributes": {"format": "other"}}'])
    def test_something_else(self, content: str, tmp_path: Path) -> None:
        (tmp_path / "zarr.json").write_text(content)
        assert "not a clip store" in self.refused(tmp_path)

    def test_other_version(self, store: ClipStore) -> None:
        path = store.path / "zarr.json"
        path.write_text(path.read_text().replace('"store_version": 1', '"store_version": 99'))
        assert "version 99" in self.refused(store.path)

    def test_without_clips(self, store: ClipStore) -> None:
        assert "holds no clips" in self.refused(store.path)

    def test_lost_options(self, store: ClipStore) -> None:
        put(store, processed("a"))
        (store.path / "options.json").unlink()
        with pytest.raises(InputError, match=r"options\.json"):
            _ = open_store(store.path).clip_ids

    def test_folder_in_use_is_not_made_a_store(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.tex").write_text("x")
        with pytest.raises(InputError, match="not a clip store"):
            ClipStore.create(tmp_path, OPTIONS)
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_precomputed_motion_goes_through_the_store(tmp_path: Path) -> None:
    motion = np.random.default_rng(0).normal(size=(28, 28, 3)).astype(np.float32)
    np.savez(tmp_path / "m.npz", motion=motion)
    clip = Clip("m", tmp_path / "m.npz", kind="motion", label="surprise")
    preprocess([clip], tmp_path / "s", OPTIONS, workers=1)
    stored = open_store(tmp_path / "s").read("m")
    assert stored.motion is not None
    np.testing.assert_array_equal(stored.motion, motion)
    assert stored.frames.shape == (0, 28, 28, 3)


def test_copied_store_is_a_store(tmp_path: Path) -> None:
    preprocess([annotated(tmp_path, "a")], tmp_path / "s", OPTIONS, workers=1)
    shutil.copytree(tmp_path / "s", tmp_path / "t")
    assert open_store(tmp_path / "t").read("a").frames.shape == (6, 32, 32, 3)


class TestKeys:
    """What makes a clip the same."""

    @pytest.mark.parametrize(
        "change",
        [{"onset": 2}, {"label": "x"}, {"fps": 9.0}, {"subject": "x"}, {"clip_id": "x"}],
        ids=str,
    )
    def test_key_follows_the_manifest_row(self, change: dict[str, object], tmp_path: Path) -> None:
        clip = annotated(tmp_path, "a")
        other = dataclasses.replace(clip, **change)  # type: ignore[arg-type]
        assert clip_key(clip, "o") != clip_key(other, "o") != clip_key(other, "p")

    def test_key_follows_added_and_changed_frames(self, tmp_path: Path) -> None:
        clip = frame_folder(tmp_path, "a")
        keys = [clip_key(clip, "o")]
        shutil.copy(clip.source / "img1.png", clip.source / "img9.png")
        keys.append(clip_key(clip, "o"))
        (clip.source / "img9.png").write_bytes(b"changed")
        keys.append(clip_key(clip, "o"))
        assert len(set(keys)) == 3
        (clip.source / "Thumbs.db").write_bytes(b"junk")
        assert clip_key(clip, "o") == keys[-1]

    def test_every_option_counts(self, tmp_path: Path) -> None:
        (tmp_path / "model.onnx").write_bytes(b"xyz")
        changes: dict[str, object] = {
            "size": 64, "detector": "yunet", "detector_model": str(tmp_path / "model.onnx"),
            "face": "left", "alignment": "track", "stabilisation": "none", "pairs": "onset",
            "gap_seconds": (0.1, 0.2),
            "pairs_per_clip": 3, "context_seconds": 0.1, "max_frames": 50,
            "smoothing_seconds": 0.2, "detections_per_second": 5.0, "seed": 4,
            "magnify": 2.0, "magnify_method": "linear",
        }  # fmt: skip
        assert set(changes) == {field.name for field in dataclasses.fields(PreprocessOptions)}
        base = PreprocessOptions()
        hashes = {options_hash(dataclasses.replace(base, **{k: v})) for k, v in changes.items()}  # type: ignore[arg-type]
        assert len(hashes | {options_hash(base)}) == len(changes) + 1

    @given(st.text(min_size=1), st.text(min_size=1))
    def test_folder_names_are_safe_and_tell_clips_apart(self, one: str, two: str) -> None:
        name = folder_name(one, "0" * 16)
        assert name.isascii()
        assert len(name) < 100
        assert not set(name) & set('/\\:*?"<>| ')
        assert not name.startswith(".")
        assert prefix_of_folder(name) == folder_prefix(one)
        assert (folder_prefix(one) == folder_prefix(two)) == (one == two)


def test_atomic_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")

    def interrupted() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
    with atomic_path(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"
