"""`verify_store` finds every kind of damage, and nothing where there is none."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.pipeline import preprocess
from ma2mi_preprocessing.store import open_store
from ma2mi_preprocessing.store_checks import remove_damaged, verify_store
from ma2mi_preprocessing.store_summary import summarise_store
from tests.preprocessing.pipeline.killed_runs import contents
from tests.preprocessing.pipeline.small_clips import OPTIONS, annotated, frame_folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clips a, b and c, one that was rejected, and their store."""
    root = tmp_path_factory.mktemp("made")
    preprocess(clips_of(root, write=True), root / "store", OPTIONS, workers=1)
    return root


def clips_of(root: Path, *, write: bool = False) -> list[Clip]:
    lab = root / "lab"
    if write:
        (lab / "x").mkdir(parents=True)
        (lab / "x" / "x.mp4").write_bytes(b"")
        return [annotated(lab, "a"), annotated(lab, "b"), frame_folder(lab, "c"), _bad(lab)]
    keys = {"onset": 1, "apex": 3, "offset": 5, "label": "happiness", "subject": "lab/s1"}
    plain = {"kind": "frames", "fps": 25.0}
    return [
        *(Clip(name, lab / name, **plain, **keys) for name in "ab"),  # type: ignore[arg-type]
        Clip("c", lab / "c", kind="frames", fps=25.0),
        _bad(lab),
    ]


def _bad(lab: Path) -> Clip:
    return Clip("bad", lab / "x" / "x.mp4")


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "store", tmp_path / "store"))


def folder_of(store: Path, name: str) -> Path:
    return next((store / "clips").glob(f"{name}-*"))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def shard(store: Path, name: str) -> Path:
    return next(path for path in (folder_of(store, "b") / name / "c").rglob("*") if path.is_file())


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_whole_store_has_no_problem(store: Path) -> None:
    seen: list[int] = []
    report = verify_store(store, on_clip=seen.append)
    assert (report.clips, report.without_checksums, report.problems) == (3, 0, [])
    assert seen == [3, 3, 3]


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a flipped bit in the frames": (
        lambda store: flip(shard(store, "frames")), "b: frames/c/0/0/0/0 is damaged"),
    "a flipped bit in the flow": (
        lambda store: flip(shard(store, "flow")), "b: flow/c/0/0/0/0 is damaged"),
    "a lost file": (lambda store: shard(store, "pairs").unlink(), "b: pairs/c/0/0 is missing"),
    "a strange file": (
        lambda store: (folder_of(store, "b") / "thesis.tex").write_text("x"),
        "b: thesis.tex does not belong there"),
    "a changed attribute": (
        lambda store: edit(folder_of(store, "b") / "zarr.json", '"apex": 3', '"apex": 2'),
        "b: zarr.json is changed"),
    "an unreadable clip": (
        lambda store: (folder_of(store, "b") / "zarr.json").write_bytes(b"{"),
        "has no readable zarr.json"),
    "a renamed clip": (
        lambda store: folder_of(store, "b").rename(
            store / "clips" / (folder_of(store, "b").name[:-16] + "0" * 16)),
        "b: its folder has another clip's name"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_clip_is_found_removed_and_made_again(kind: str, store: Path, made: Path) -> None:
    damage, expected = DAMAGE[kind]
    whole = contents(store)
    damage(store)
    report = verify_store(store)
    lines = [str(problem) for problem in report.problems]
    assert any(expected in line and "remove it with store verify" in line for line in lines), lines
    assert all("\n" not in line for line in lines)
    assert remove_damaged(store, report) == 1
    assert open_store(store).clip_ids == ["a", "c"]
    (left,) = verify_store(store).problems
    assert "1 clips of the last run are neither stored nor rejected" in str(left)
    summary = preprocess(clips_of(made), store, OPTIONS, workers=1)
    assert (summary.kept, summary.stored) == (2, 1)
    assert verify_store(store).problems == []
    assert contents(store) == whole


LEFTOVERS: dict[str, Callable[[Path], object]] = {
    "clips/.partial-0": lambda store: (store / "clips" / ".partial-0").mkdir(),
    ".partial-x.csv": lambda store: (store / ".partial-x.csv").write_text("x"),
    "contact_sheets/gone.jpg": lambda store: (store / "contact_sheets/gone.jpg").write_text("x"),
}


@pytest.mark.parametrize("name", LEFTOVERS)
def test_leftover_is_found_and_removed(name: str, store: Path) -> None:
    whole = contents(store)
    LEFTOVERS[name](store)
    report = verify_store(store)
    (problem,) = report.problems
    assert problem.where == name
    assert remove_damaged(store, report) == 1
    assert verify_store(store).problems == []
    assert contents(store) == whole


TABLES: dict[str, tuple[Callable[[Path], object], str]] = {
    "manifest lost": (lambda store: (store / "manifest.parquet").unlink(), "manifest.parquet"),
    "manifest short": (lambda store: shorten(store / "manifest.parquet"), "a: is not in manifest"),
    "clip gone": (
        lambda store: shutil.rmtree(folder_of(store, "a")), "a: is in manifest.parquet, not in"),
    "rejections lost": (lambda store: (store / "rejected.csv").unlink(), "rejected.csv"),
    "rejection gone": (
        lambda store: (store / "rejected.csv").write_text("clip_id,stage,reason,key\n"),
        "has 0 rows, the last run rejected 1"),
    "options lost": (lambda store: (store / "options.json").unlink(), "options.json"),
    "run cut off": (lambda store: (store / "run.json").unlink(), "did not come to its end"),
}  # fmt: skip


def test_table_of_other_figures_is_written_anew(store: Path) -> None:
    whole = contents(store)
    change(store / "manifest.parquet")
    report = verify_store(store)
    (problem,) = report.problems
    assert str(problem).startswith("a: differs from its row in manifest.parquet; store verify")
    remove_damaged(store, report)
    assert contents(store) == whole


def shorten(path: Path) -> None:
    pd.read_parquet(path).iloc[1:].to_parquet(path, index=False)


def change(path: Path) -> None:
    table = pd.read_parquet(path)
    table.loc[0, "frames"] = 99
    table.to_parquet(path, index=False)


@pytest.mark.parametrize("kind", TABLES)
def test_table_that_disagrees_is_found_and_preprocess_puts_it_right(
    kind: str, store: Path, made: Path
) -> None:
    damage, expected = TABLES[kind]
    whole = contents(store)
    damage(store)
    lines = [str(problem) for problem in verify_store(store).problems]
    assert any(expected in line and "run preprocess again" in line for line in lines), lines
    preprocess(clips_of(made), store, OPTIONS, workers=1)
    assert verify_store(store).problems == []
    assert contents(store) == whole


def without_checksums(store: Path) -> None:
    for path in (store / "clips").glob("*/zarr.json"):
        content = json.loads(path.read_text())
        for name in ("checksums", "attributes_checksum"):
            del content["attributes"][name]
        path.write_text(json.dumps(content))
    (store / "run.json").unlink()


def test_store_of_an_older_version_is_decoded_instead(store: Path) -> None:
    without_checksums(store)
    report = verify_store(store)
    assert (report.without_checksums, report.problems) == (3, [])
    path = shard(store, "frames")
    path.write_bytes(path.read_bytes()[:100])
    (problem,) = verify_store(store).problems
    assert str(problem).startswith("b: cannot be decoded")


def test_store_of_an_older_version_is_gone_on_with(store: Path, made: Path) -> None:
    without_checksums(store)
    assert preprocess(clips_of(made), store, OPTIONS, workers=1).kept == 3
    assert summarise_store(store).without_checksums == 3


def test_clip_whose_source_is_gone_is_stored_and_rejected(
    store: Path, made: Path, tmp_path: Path
) -> None:
    clips = clips_of(made)
    away = [*clips[:2], Clip("c", tmp_path / "gone", kind="frames", fps=25.0)]
    preprocess(away, store, OPTIONS, workers=1)
    lines = [str(problem) for problem in verify_store(store).problems]
    assert [line.partition(":")[0] for line in lines] == ["c"]
    assert "restore the source" in lines[0]


def test_damaged_clip_outside_the_table_is_a_clear_line(store: Path) -> None:
    (store / "manifest.parquet").unlink()
    (folder_of(store, "b") / "zarr.json").write_bytes(b"")
    with pytest.raises(InputError, match=r"store verify .* --remove-damaged"):
        _ = open_store(store).clip_ids


def test_summary_counts_what_is_there(store: Path) -> None:
    summary = summarise_store(store)
    assert (summary.clips, summary.subjects, summary.frames) == (3, 1, 18)
    assert summary.classes == {"": 1, "happiness": 2}
    assert summary.fps == {"25.00": 3}
    assert summary.rejected == {"read": 1}
    assert summary.duration_seconds == pytest.approx(18 / 25)
    assert summary.alignment == {"clip": 3}
    assert summary.finished
    assert summary.running is None
    files = [path for path in (store / "clips").rglob("*") if path.is_file()]
    assert summary.bytes_clips == sum(path.stat().st_size for path in files)
    assert summary.options["size"] == OPTIONS.size
    json.dumps(vars(summary))
