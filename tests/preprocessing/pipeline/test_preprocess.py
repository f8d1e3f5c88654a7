"""Many clips: an account of each, a rerun that does only what is new, and no half clips."""

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.manifest import Clip
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.pipeline import ClipOutcome, PreprocessOptions, Rejection, preprocess
from ma2mi_preprocessing.store import open_store
from tests.preprocessing.pipeline.small_clips import OPTIONS, annotated, frame_folder


@pytest.fixture
def clips(tmp_path: Path) -> list[Clip]:
    root = tmp_path / "lab"
    return [annotated(root, "a"), annotated(root, "b"), frame_folder(root, "c")]


def rejected_of(store: Path) -> list[tuple[str, str]]:
    table = pd.read_csv(store / "rejected.csv", dtype=str, keep_default_na=False)
    return list(zip(table["clip_id"], table["stage"], strict=True))


def test_every_clip_is_accounted_for(clips: list[Clip], tmp_path: Path) -> None:
    (tmp_path / "letter.mp4").write_text("no film")
    bad = [Clip("letter", tmp_path / "letter.mp4"), Clip("gone", tmp_path / "gone.mp4")]
    row = Rejection("row 7", "manifest", "row 7, column 'onset': must be a whole number")
    outcomes: list[ClipOutcome] = []
    summary = preprocess(
        [clips[0], *bad, *clips[1:]], tmp_path / "s", OPTIONS, workers=1,
        on_outcome=outcomes.append, rejected_before=[row],
    )  # fmt: skip
    assert (summary.clips_in, summary.stored, summary.kept) == (6, 3, 0)
    assert [(r.clip_id, r.stage) for r in summary.rejected] == [
        ("row 7", "manifest"), ("letter", "read"), ("gone", "read"),
    ]  # fmt: skip
    assert rejected_of(tmp_path / "s") == [(r.clip_id, r.stage) for r in summary.rejected]
    assert sorted(outcome.clip_id for outcome in outcomes) == ["a", "b", "c", "gone", "letter"]
    assert open_store(tmp_path / "s").clip_ids == ["a", "b", "c"]


def test_second_run_does_nothing(clips: list[Clip], tmp_path: Path) -> None:
    (tmp_path / "letter.mp4").write_text("no film")
    clips = [*clips, Clip("letter", tmp_path / "letter.mp4")]
    first = preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    before = states(tmp_path / "s" / "clips")
    second = preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    assert (second.stored, second.kept, second.rejected) == (0, 3, first.rejected)
    assert states(tmp_path / "s" / "clips") == before


def states(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_only_the_changed_clip_is_made_again(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    image = clips[1].source / "img2.png"
    cv2.imwrite(str(image), np.full((32, 32, 3), 77, np.uint8))
    summary = preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    assert (summary.stored, summary.redone, summary.kept) == (1, 1, 2)
    store = open_store(tmp_path / "s")
    assert (np.asarray(store.read("b").frames[1]) == 77).all()
    assert len(list((tmp_path / "s" / "clips").glob("b-*"))) == 1


def test_changed_annotation_makes_the_clip_again(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    clips[0] = dataclasses.replace(clips[0], apex=2)
    assert preprocess(clips, tmp_path / "s", OPTIONS, workers=1).redone == 1
    assert open_store(tmp_path / "s").read("a").apex == 2


def test_moved_dataset_is_not_made_again(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    (tmp_path / "lab").rename(tmp_path / "moved")
    moved = [
        dataclasses.replace(clip, source=tmp_path / "moved" / clip.source.name) for clip in clips
    ]
    assert preprocess(moved, tmp_path / "s", OPTIONS, workers=1).kept == 3


def test_other_options_make_all_clips_again_and_say_so(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    other = dataclasses.replace(OPTIONS, size=48)
    summary = preprocess(clips, tmp_path / "s", other, workers=1)
    assert summary.options_changed
    assert (summary.redone, summary.kept) == (3, 0)
    assert {open_store(tmp_path / "s").read(name).frames.shape[1] for name in "abc"} == {48}


def test_store_never_becomes_a_mixture_of_options(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    with pytest.raises(InputError, match="2 clips made with other options"):
        preprocess(clips[:1], tmp_path / "s", dataclasses.replace(OPTIONS, size=48), workers=1)
    assert len(open_store(tmp_path / "s")) == 3


def test_clips_of_several_manifests_share_a_store(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips[:2], tmp_path / "s", OPTIONS, workers=1)
    preprocess(clips[2:], tmp_path / "s", OPTIONS, workers=1)
    assert open_store(tmp_path / "s").clip_ids == ["a", "b", "c"]


def test_clip_that_became_unusable_leaves_the_store(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    (clips[0].source / "img2.png").write_bytes(b"broken")
    summary = preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    assert [r.clip_id for r in summary.rejected] == ["a"]
    assert open_store(tmp_path / "s").clip_ids == ["b", "c"]


def test_pool_gives_the_same_values_as_one_process(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips, tmp_path / "one", OPTIONS, workers=1)
    summary = preprocess(clips, tmp_path / "two", OPTIONS, workers=2)
    assert summary.stored == 3
    one, two = open_store(tmp_path / "one"), open_store(tmp_path / "two")
    for name in one.clip_ids:
        a, b = one.read(name), two.read(name)
        np.testing.assert_array_equal(a.frames[:], b.frames[:])
        # A process that has just compiled the kernels rounds differently, by less than 1e-4 px,
        # from one that found them in Numba's cache.
        np.testing.assert_allclose(a.flow[:], b.flow[:], atol=1e-3)
        np.testing.assert_array_equal(a.pairs, b.pairs)
        assert a.attributes == b.attributes


def test_interruption_leaves_whole_clips_and_tables(clips: list[Clip], tmp_path: Path) -> None:
    def interrupt(outcome: ClipOutcome) -> None:
        if outcome.clip_id == "b":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        preprocess(clips, tmp_path / "s", OPTIONS, workers=1, on_outcome=interrupt)
    assert open_store(tmp_path / "s").clip_ids == ["a", "b"]
    assert len(pd.read_parquet(tmp_path / "s" / "manifest.parquet")) == 2
    summary = preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    assert (summary.kept, summary.stored) == (2, 1)


def test_killed_run_goes_on_where_it_was(clips: list[Clip], tmp_path: Path) -> None:
    script = f"""
        import os, signal, sys
        from pathlib import Path
        from ma2mi_preprocessing.datasets.manifest import Clip
        from ma2mi_preprocessing.pipeline import PreprocessOptions, preprocess
        import ma2mi_preprocessing.store_writer as writer
        move = writer._move_into_place
        def killed(partial, final):
            if final.name.startswith("b-"):
                os.kill(os.getpid(), signal.SIGKILL)
            move(partial, final)
        writer._move_into_place = killed
        lab = Path({str(tmp_path / "lab")!r})
        clips = [Clip(name, lab / name, kind="frames", fps=25.0) for name in "abc"]
        preprocess(clips, {str(tmp_path / "s")!r}, PreprocessOptions(size=32, detector="none"),
                   workers=1)
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=environment)
    assert done.returncode < 0
    store = tmp_path / "s"
    assert [path.name[:9] for path in (store / "clips").glob(".*")] == [".partial-"]
    # The table was never written, but the clip that was finished counts.
    assert open_store(store).clip_ids == ["a"]
    plain = [Clip(name, tmp_path / "lab" / name, kind="frames", fps=25.0) for name in "abc"]
    options = PreprocessOptions(size=32, detector="none")
    summary = preprocess(plain, store, options, workers=1)
    assert (summary.kept, summary.stored) == (1, 2)
    assert list((store / "clips").glob(".*")) == []


def test_ctrl_c_stops_a_pool_at_once_and_leaves_whole_clips(tmp_path: Path) -> None:
    for index in range(16):
        frame_folder(tmp_path / "lab", f"clip{index:02}", frames=8)
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(f"""
        from pathlib import Path
        from ma2mi_preprocessing.datasets import ADAPTERS
        from ma2mi_preprocessing.pipeline import PreprocessOptions, preprocess
        if __name__ == "__main__":
            clips = ADAPTERS["videos"].read(Path({str(tmp_path / "lab")!r})).clips
            options = PreprocessOptions(size=64, detector="none", pairs_per_clip=8)
            summary = preprocess(clips, {str(tmp_path / "s")!r}, options, workers=2,
                                 on_outcome=lambda outcome: print(outcome.status, flush=True))
            print("all", summary.stored, summary.kept)
        """)
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "stored\n"
    os.killpg(running.pid, signal.SIGINT)
    output, _ = running.communicate(timeout=30)
    assert "all" not in output
    folders = os.listdir(tmp_path / "s" / "clips")
    assert not [name for name in folders if name.startswith(".")]
    whole = len(open_store(tmp_path / "s"))
    assert 1 <= whole == len(folders) - 1 < 16
    clips = ADAPTERS["videos"].read(tmp_path / "lab").clips
    options = dataclasses.replace(OPTIONS, size=64, pairs_per_clip=8)
    summary = preprocess(clips, tmp_path / "s", options, workers=1)
    assert (summary.stored, summary.kept) == (16 - whole, whole)


def test_contact_sheets_lie_beside_the_clips(clips: list[Clip], tmp_path: Path) -> None:
    preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    sheets = sorted((tmp_path / "s" / "contact_sheets").iterdir())
    assert [sheet.name[:2] for sheet in sheets] == ["a-", "b-", "c-"]
    assert all(sheet.suffix == ".jpg" and cv2.imread(str(sheet)) is not None for sheet in sheets)
    preprocess(clips, tmp_path / "t", OPTIONS, workers=1, contact_sheets=False)
    assert not (tmp_path / "t" / "contact_sheets").exists()


def test_defect_in_one_clip_is_its_rejection(
    clips: list[Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ma2mi_preprocessing import clip_task

    real = clip_task.process_clip

    def fails(clip: Clip, options: PreprocessOptions) -> object:
        if clip.clip_id == "b":
            raise MemoryError("no room\nfor two lines")
        return real(clip, options)

    monkeypatch.setattr(clip_task, "process_clip", fails)
    summary = preprocess(clips, tmp_path / "s", OPTIONS, workers=1)
    (rejection,) = summary.rejected
    assert (rejection.stage, rejection.reason) == ("worker", "MemoryError: no room for two lines")
    monkeypatch.undo()
    # A fault of the machine says nothing about the clip, so the next run tries it again.
    assert preprocess(clips, tmp_path / "s", OPTIONS, workers=1).stored == 1


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"clips": []}, "no clips"),
        ({"clips": [Clip("a", Path("x")), Clip("a", Path("y"))]}, "two clips are named 'a'"),
        ({"workers": 0}, "workers"),
        (
            {"options": PreprocessOptions(detector="yunet", detector_model="absent.onnx")},
            "absent.onnx",
        ),
    ],
)
def test_impossible_run_is_refused_before_anything_is_written(
    change: dict[str, object], part: str, tmp_path: Path
) -> None:
    run: dict[str, object] = {"clips": [Clip("a", Path("x"))], "options": OPTIONS, "workers": 1}
    run |= change
    with pytest.raises(InputError, match=part):
        preprocess(store=tmp_path / "s", **run)  # type: ignore[arg-type]
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("detector", ["cascade", "yunet"])
def test_real_videos_with_and_without_faces(detector: str, real_data: Path, tmp_path: Path) -> None:
    model = str(real_data / "models/yunet_n_640_640.onnx") if detector == "yunet" else None
    options = PreprocessOptions(
        size=64,
        detector=detector,
        detector_model=model,
        pairs_per_clip=2,
        max_frames=48,
        detections_per_second=5.0,
    )
    clips = [Clip(path.stem, path) for path in sorted((real_data / "faces").iterdir())]
    summary = preprocess(clips, tmp_path / "s", options, workers=1)
    assert summary.stored == 2
    (rejection,) = summary.rejected
    assert (rejection.clip_id, rejection.stage) == ("no_face", "face")
    assert "no face found" in rejection.reason
    assert open_store(tmp_path / "s").read("face_noface").frames.shape[1:] == (64, 64, 3)
