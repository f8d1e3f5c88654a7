"""A run may be killed at any moment: the next one ends where an undisturbed one would have."""

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.pipeline import preprocess
from ma2mi_preprocessing.store import open_store
from ma2mi_preprocessing.store_checks import verify_store
from ma2mi_preprocessing.store_lock import running
from ma2mi_preprocessing.store_tables import clip_folders
from tests.preprocessing.pipeline.killed_runs import contents, kill_all, start_run, workers_of
from tests.preprocessing.pipeline.small_clips import OPTIONS, frame_folder

CLIPS = 24


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips that can be used, and two that cannot be used."""
    root = tmp_path_factory.mktemp("killed") / "lab"
    for number in range(CLIPS):
        frame_folder(root, f"clip{number:02}", frames=5)
    (root / "letter.mp4").write_bytes(b"no film " * 50)
    frame_folder(root, "single", frames=1)
    return root


@pytest.fixture(scope="module")
def undisturbed(lab: Path) -> dict[str, str]:
    """What an undisturbed run of the same program leaves: file -> checksum."""
    store = lab.parent / "undisturbed"
    run = start_run(lab.parent / "undisturbed.py", lab, store)
    output, errors = run.communicate(timeout=120)
    assert f"finished {CLIPS} 0 2" in output, errors
    return contents(store)


@pytest.mark.parametrize(("kills", "seed"), [(4, 11), pytest.param(20, 12, marks=pytest.mark.slow)])
def test_run_killed_again_and_again_ends_as_an_undisturbed_one(
    kills: int, seed: int, lab: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    moments = random.Random(seed)
    store, script = tmp_path / "store", tmp_path / "run.py"
    cut_off = 0
    for number in range(kills):
        run = start_run(script, lab, store)
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        if number % 2:
            # Somewhere between planning and the first clip, or later where that is quick.
            time.sleep(moments.uniform(0.0, 3.0))
        else:
            # In the middle of the work, within the time that two clips take.
            for _ in range(moments.randrange(1, 5)):
                run.stdout.readline()
            time.sleep(moments.uniform(0.0, 0.05))
        cut_off += run.poll() is None
        kill_all(run)
    assert cut_off >= kills // 2
    run = start_run(script, lab, store)
    output, errors = run.communicate(timeout=120)
    assert "finished" in output, errors
    assert contents(store) == undisturbed
    assert verify_store(store).problems == []


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers by /proc")
def test_killed_worker_costs_no_clip(
    lab: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    run = start_run(tmp_path / "run.py", lab, tmp_path / "store")
    assert run.stdout is not None
    while run.stdout.readline() != "stored\n":
        pass
    os.kill(workers_of(run)[0], signal.SIGKILL)
    output, errors = run.communicate(timeout=120)
    assert f"finished {CLIPS} 0 2" in output, errors
    assert contents(tmp_path / "store") == undisturbed


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers by /proc")
def test_workers_of_a_killed_run_end_at_once_and_its_lock_with_it(
    lab: Path, tmp_path: Path
) -> None:
    run = start_run(tmp_path / "run.py", lab, tmp_path / "store")
    assert run.stdout is not None
    while run.stdout.readline() != "stored\n":
        pass
    assert running(tmp_path / "store") is not None
    orphans = workers_of(run)
    assert len(orphans) == 2
    run.kill()
    run.communicate()
    until = time.monotonic() + 10
    while any(alive(pid) for pid in orphans) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(alive(pid) for pid in orphans)
    assert running(tmp_path / "store") is None


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_second_run_on_a_store_is_told_who_holds_it_and_readers_are_not(
    lab: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    clips = ADAPTERS["videos"].read(lab).clips[:2]
    run = start_run(tmp_path / "run.py", lab, store)
    assert run.stdout is not None
    while run.stdout.readline() != "stored\n":
        pass
    # Workers go on writing: what is only half there now may have its last name in a moment.
    before = clip_folders(store)
    run.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(InputError, match=rf"another run \(process {run.pid} on .*, since 20"):
            preprocess(clips, store, OPTIONS, workers=1)
        with pytest.raises(InputError, match="another run"):
            verify_store(store)
        assert len(open_store(store)) >= 1
        assert before <= clip_folders(store)
    finally:
        run.send_signal(signal.SIGCONT)
    output, errors = run.communicate(timeout=120)
    assert f"finished {CLIPS} 0 2" in output, errors
    assert running(store) is None


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(3))
def test_of_runs_started_together_one_works_and_the_others_are_told(
    attempt: int, lab: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    runs = [start_run(tmp_path / f"run{number}.py", lab, store) for number in range(3)]
    ended = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    done = [output for output, _, code in ended if code == 0]
    assert len(done) >= 1
    assert f"finished {CLIPS} 0 2" in "".join(done)
    for _, errors, code in ended:
        assert code == 0 or "another run (process" in errors.splitlines()[-1]
    assert contents(store) == undisturbed


@pytest.mark.parametrize("left", ["nothing", "zarr.0123.partial", ".partial-x.json", ".lock"])
def test_run_killed_while_it_made_the_store_is_no_obstacle(
    left: str, lab: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    if left != "nothing":
        (store / left).write_text("half")
    clips = ADAPTERS["videos"].read(lab).clips[:1]
    assert preprocess(clips, store, OPTIONS, workers=1).stored == 1
    assert verify_store(store).problems == []


def test_run_killed_between_its_two_groups_is_gone_on_with(lab: Path, tmp_path: Path) -> None:
    clips = ADAPTERS["videos"].read(lab).clips[:1]
    preprocess(clips, tmp_path / "store", OPTIONS, workers=1)
    whole = contents(tmp_path / "store")
    shutil.rmtree(tmp_path / "store" / "clips")
    preprocess(clips, tmp_path / "store", OPTIONS, workers=1)
    assert contents(tmp_path / "store") == whole


def test_earlier_version_left_by_a_killed_run_is_removed(lab: Path, tmp_path: Path) -> None:
    clips = ADAPTERS["videos"].read(lab).clips[:2]
    store = tmp_path / "store"
    preprocess(clips, store, OPTIONS, workers=1)
    whole = contents(store)
    (name,) = [path.name for path in (store / "clips").glob("*clip00-*")]
    shutil.copytree(store / "clips" / name, store / "clips" / (name[:-16] + "0" * 16))
    assert verify_store(store).problems
    assert preprocess(clips, store, OPTIONS, workers=1).kept == 2
    assert contents(store) == whole
