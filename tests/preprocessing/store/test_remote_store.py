"""Stores at URLs: the same clips as in a folder, and half an upload that nobody sees."""

import dataclasses
import pickle
import uuid
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.pipeline import preprocess
from ma2mi_preprocessing.store import ClipStore, open_store
from ma2mi_preprocessing.store_location import is_remote, store_path, upload_folder
from tests.preprocessing.pipeline.small_clips import OPTIONS, annotated, frame_folder

pytest.importorskip("upath", reason="the extra `cluster` is not installed")


@pytest.fixture
def url() -> str:
    return f"memory://{uuid.uuid4().hex}/store"


@pytest.fixture
def clips(tmp_path: Path) -> list[Any]:
    return [annotated(tmp_path / "lab", "a"), frame_folder(tmp_path / "lab", "b")]


def objects(url: str) -> list[str]:
    return fsspec.filesystem("memory").find(url.removeprefix("memory:/"))


def test_store_at_a_url_holds_what_a_folder_holds(
    clips: list[Any], url: str, tmp_path: Path
) -> None:
    preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    assert preprocess(clips, url, OPTIONS, workers=1).stored == 2
    folder, remote = open_store(tmp_path / "s"), open_store(url)
    assert remote.clip_ids == folder.clip_ids
    for name in folder.clip_ids:
        a, b = folder.read(name), remote.read(name)
        for array in ("frames", "flow", "pairs", "transforms"):
            np.testing.assert_array_equal(getattr(a, array)[:], getattr(b, array)[:])
        np.testing.assert_array_equal(a.frames[2], b.frames[2])
        assert a.attributes == b.attributes
    assert remote.manifest.equals(folder.manifest)
    assert remote.options == folder.options
    assert len(remote.rejected) == 0
    files = {str(path.relative_to(tmp_path / "s")) for path in (tmp_path / "s").rglob("*.*")}
    there = {name.split("/store/", 1)[1] for name in objects(url)}
    # The locks of a folder have no counterpart.
    assert {name for name in files if not name.startswith(".")} <= there


def test_second_run_on_a_url_does_only_what_has_changed(clips: list[Any], url: str) -> None:
    preprocess(clips, url, OPTIONS, workers=1)
    before = objects(url)
    assert preprocess(clips, url, OPTIONS, workers=1).kept == 2
    assert objects(url) == before
    changed = [dataclasses.replace(clips[0], apex=2), clips[1]]
    summary = preprocess(changed, url, OPTIONS, workers=1)
    assert (summary.redone, summary.kept) == (1, 1)
    assert open_store(url).read("a").apex == 2
    # The older version of the clip is gone, with all its arrays.
    assert len(objects(url)) == len(before)


def test_upload_that_was_cut_off_is_not_seen_and_done_again(
    clips: list[Any], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_system = type(fsspec.filesystem("memory"))
    real = file_system.pipe_file
    broken: list[str] = []

    def pipe_file(self: Any, path: str, value: bytes, **options: Any) -> None:
        if "/clips/b-" in path and path.endswith("/frames/c/0/0/0/0"):
            broken.append(path)
            raise OSError("connection reset")
        real(self, path, value, **options)

    monkeypatch.setattr(file_system, "pipe_file", pipe_file)
    monkeypatch.setattr(file_system, "_open", _failing_open(file_system._open, broken))
    summary = preprocess(clips, url, OPTIONS, workers=1)
    assert broken
    (rejection,) = summary.rejected
    assert (rejection.clip_id, rejection.stage) == ("b", "write")
    assert "connection reset" in rejection.reason
    assert any("/clips/b-" in name for name in objects(url))
    assert open_store(url).clip_ids == ["a"]
    monkeypatch.undo()
    assert preprocess(clips, url, OPTIONS, workers=1).stored == 1
    assert open_store(url).clip_ids == ["a", "b"]


def _failing_open(real: Any, broken: list[str]) -> Any:
    def opened(self: Any, path: str, mode: str = "rb", **options: Any) -> Any:
        if "/clips/b-" in path and path.endswith("/frames/c/0/0/0/0") and "w" in mode:
            broken.append(path)
            raise OSError("connection reset")
        return real(self, path, mode, **options)

    return opened


def test_what_shows_a_clip_is_uploaded_last(tmp_path: Path, url: str) -> None:
    for name in ("zarr.json", "frames/zarr.json", "frames/c/0", "zz/zarr.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    order: list[str] = []

    class Target:
        def __init__(self, name: str) -> None:
            self.name = name

        def __truediv__(self, part: str) -> "Target":
            return Target(part)

        def write_bytes(self, content: bytes) -> None:
            order.append(self.name)

    upload_folder(tmp_path, Target("t"))  # type: ignore[arg-type]
    assert sorted(order) == ["frames/c/0", "frames/zarr.json", "zarr.json", "zz/zarr.json"]
    assert order[-1] == "zarr.json"


def test_lost_tables_are_made_up_from_the_clips(clips: list[Any], url: str) -> None:
    preprocess(clips, url, OPTIONS, workers=1)
    (store_path(url) / "manifest.parquet").unlink()
    assert open_store(url).clip_ids == ["a", "b"]


def test_store_at_a_url_travels_to_other_processes(clips: list[Any], url: str) -> None:
    preprocess(clips, url, OPTIONS, workers=1)
    again = pickle.loads(pickle.dumps(open_store(url)))
    assert again.read("a").frames.shape == (6, 32, 32, 3)


def test_url_that_became_a_path_is_still_a_url(tmp_path: Path) -> None:
    assert str(store_path(Path("memory://a/b"))) == str(store_path("memory://a/b"))
    assert is_remote(store_path("memory://a"))
    assert store_path(tmp_path.as_uri()) == tmp_path
    assert store_path("relative/folder") == Path("relative/folder")
    # A drive of Windows is no scheme.
    assert not is_remote(store_path("C:/stores/a"))


@pytest.mark.parametrize(
    ("where", "part"), [("memory://nobody/x", "no clip store"), ("zz9://a/b", "zz9")]
)
def test_url_without_a_store_is_one_line(where: str, part: str) -> None:
    with pytest.raises(InputError, match=part) as error:
        open_store(where)
    assert "\n" not in str(error.value)


def test_url_in_use_is_not_made_a_store(url: str) -> None:
    (store_path(url) / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="not a clip store"):
        ClipStore.create(url, OPTIONS)
