"""Disks that are full or cannot be written to: what is whole stays, the rest is tried again."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.pipeline import preprocess
from ma2mi_preprocessing.store import open_store
from ma2mi_preprocessing.store_checks import verify_store
from tests.preprocessing.pipeline.killed_runs import contents
from tests.preprocessing.pipeline.small_clips import OPTIONS, frame_folder

NAMES = ["a", "b", "c", "d", "e", "f"]


@pytest.fixture
def clips(tmp_path: Path) -> list[Clip]:
    return [frame_folder(tmp_path / "lab", name) for name in NAMES]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 800 kB; the tests that use it need the right to mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=800k", "tmpfs", str(disk)]
    try:
        allowed = subprocess.run(mount, capture_output=True).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        pytest.skip("no right to mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_full_disk_costs_only_what_has_no_room(
    clips: list[Clip], small_disk: Path, tmp_path: Path
) -> None:
    store = small_disk / "s"
    summary = preprocess(clips, store, OPTIONS, workers=1)
    assert 1 <= summary.stored < len(clips) == summary.stored + len(summary.rejected)
    for rejection in summary.rejected:
        assert rejection.stage == "write"
        assert "No space left on device" in rejection.reason
        assert "make room" in rejection.reason
    assert len(open_store(store)) == summary.stored
    assert verify_store(store).problems == []
    assert sorted(open_store(store).rejected["clip_id"]) == [r.clip_id for r in summary.rejected]
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    again = preprocess(clips, store, OPTIONS, workers=1)
    assert (again.kept, again.stored) == (summary.stored, len(clips) - summary.stored)
    preprocess(clips, tmp_path / "roomy", OPTIONS, workers=1)
    assert contents(store) == contents(tmp_path / "roomy")


def test_disk_without_room_even_for_the_tables_is_one_clear_line(
    clips: list[Clip], small_disk: Path
) -> None:
    store = small_disk / "s"
    preprocess(clips[:1], store, OPTIONS, workers=1)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(bytes(4096))
    with pytest.raises(InputError, match=r"cannot write .*No space left on device") as error:
        preprocess(clips, store, OPTIONS, workers=1)
    assert "\n" not in str(error.value)
    assert open_store(store).clip_ids == ["a"]
    filler.unlink()
    assert preprocess(clips[:1], store, OPTIONS, workers=1).kept == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
@pytest.mark.parametrize("workers", [1, 2])
def test_clip_that_is_too_large_for_the_disk_costs_no_other(
    workers: int, clips: list[Clip], tmp_path: Path
) -> None:
    frame_folder(tmp_path / "lab", "large", frames=60)
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(f"""
        import resource
        from pathlib import Path
        from ma2mi_preprocessing.datasets import ADAPTERS
        from ma2mi_preprocessing.motion import compile_kernels
        from ma2mi_preprocessing.pipeline import PreprocessOptions, preprocess
        if __name__ == "__main__":
            compile_kernels()
            resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, 80_000))
            clips = ADAPTERS["videos"].read(Path({str(tmp_path / "lab")!r})).clips
            options = PreprocessOptions(size=32, detector="none", pairs_per_clip=3)
            preprocess(clips, {str(tmp_path / "s")!r}, options, workers={workers},
                       contact_sheets=False)
        """)
    )
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    store = open_store(tmp_path / "s")
    assert store.clip_ids == [f"lab/{name}" for name in NAMES]
    (row,) = store.rejected.to_dict("records")
    assert (row["clip_id"], row["stage"]) == ("lab/large", "write")
    assert "File too large" in row["reason"]
    assert verify_store(tmp_path / "s").problems == []
    from ma2mi_preprocessing.datasets import ADAPTERS

    everything = ADAPTERS["videos"].read(tmp_path / "lab").clips
    again = preprocess(everything, tmp_path / "s", OPTIONS, workers=1)
    assert (again.kept, again.stored) == (6, 1)


def test_target_that_cannot_be_written_to_is_one_clear_line(
    clips: list[Clip], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="choose another folder") as error:
        preprocess(clips, tmp_path / "file" / "s", OPTIONS, workers=1)
    assert "\n" not in str(error.value)


def test_read_only_disk_is_one_clear_line_and_can_be_read(
    clips: list[Clip], small_disk: Path
) -> None:
    store = small_disk / "s"
    preprocess(clips[:1], store, OPTIONS, workers=1)
    whole = contents(store)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for target in (store, small_disk / "new"):
        with pytest.raises(InputError, match="Read-only file system") as error:
            preprocess(clips, target, OPTIONS, workers=1)
        assert "\n" not in str(error.value)
    assert open_store(store).clip_ids == ["a"]
    assert verify_store(store).problems == []
    assert contents(store) == whole


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_disk_without_room_for_compiled_kernels_is_one_clear_line(tmp_path: Path) -> None:
    script = """
        import resource
        from ma2mi_preprocessing.errors import InputError
        from ma2mi_preprocessing.motion import compile_kernels

        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        try:
            compile_kernels()
        except InputError as error:
            print(error)
    """
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("cannot keep the compiled flow kernels: File too large; make room")
