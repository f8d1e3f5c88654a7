"""Workers of the service: same results whoever dies, and one reason for whatever fails."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.service.jobs.clip_results import (
    CLIP_FILE,
    MOTION_FILE,
    RESULT_FILES,
    ClipLimits,
    ClipRequest,
    write_clip_results,
)
from ma2mi_preprocessing.service.jobs.folders import JobFolders
from ma2mi_preprocessing.service.jobs.queue import Job, JobQueue
from ma2mi_preprocessing.service.jobs.supervisor import JobLimits, Supervisor
from ma2mi_preprocessing.service.jobs.worker import FOLDERS, QUEUE_FILE, work_on
from tests.preprocessing.pipeline.small_clips import moving_texture

REQUEST = ClipRequest(size=32, fps=25.0, detector="none")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "service"


def accepted(data: Path, frames: int = 12, request: ClipRequest = REQUEST) -> str:
    """A job with a folder of frames, as the service accepts it."""
    folders, queue = JobFolders(data / FOLDERS), JobQueue(data / QUEUE_FILE)
    identifier, folder = folders.create()
    source = folder / "source"
    source.mkdir()
    for index, frame in enumerate(moving_texture(frames)):
        assert cv2.imwrite(str(source / f"{index:06}.png"), frame[..., ::-1])
    queue.add(identifier, "somebody", asdict(request))
    return identifier


def test_files_are_counted_while_jobs_are_deleted(data: Path) -> None:
    folders = JobFolders(data / FOLDERS)
    kept = folders.create()[1] / "source.mp4"
    kept.write_bytes(b"x" * 100)
    ended = threading.Event()

    def come_and_go() -> None:
        while not ended.is_set():
            identifier, folder = folders.create()
            (folder / "source").mkdir()
            for name in "abcdef":
                (folder / "source" / name).write_bytes(b"y")
            folders.remove(identifier)

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        counts = {folders.used_bytes() for _ in range(500)}
    finally:
        ended.set()
        thread.join()
    assert folders.used_bytes() == 100
    assert counts <= set(range(100, 107))


def found(data: Path, identifier: str) -> Job:
    job = JobQueue(data / QUEUE_FILE).find(identifier, "somebody")
    assert job is not None
    return job


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.05)


def numbers(folder: Path) -> tuple[str, dict[str, np.ndarray]]:
    """What was computed, but for how it was packed."""
    with np.load(folder / MOTION_FILE) as arrays:
        return (folder / CLIP_FILE).read_text(), {name: arrays[name] for name in arrays.files}


def assert_same_results(folder: Path, other: Path) -> None:
    (text, arrays), (other_text, others) = numbers(folder), numbers(other)
    assert text == other_text
    assert arrays.keys() == others.keys()
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, others[name])


@contextmanager
def supervised(data: Path, **limits: object) -> Iterator[Supervisor]:
    supervisor = Supervisor(data, ClipLimits(), JobLimits(**limits))  # type: ignore[arg-type]
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def work_here(data: Path, identifier: str, limits: ClipLimits | None = None) -> Job:
    """Does the oldest job in this process, and says what became of the one that is named."""
    queue, folders = JobQueue(data / QUEUE_FILE), JobFolders(data / FOLDERS)
    job = queue.claim("here")
    assert job is not None
    work_on(job, queue, folders, limits or ClipLimits())
    return found(data, identifier)


def test_results_tell_when_the_face_moved_and_hold_its_flow(data: Path) -> None:
    identifier = accepted(data, request=replace(REQUEST, onset=2, apex=6))
    job = work_here(data, identifier)
    assert (job.state, job.progress, job.stage) == ("done", 1.0, "")
    results = JobFolders(data / FOLDERS).results(identifier)
    assert {path.name for path in results.iterdir()} == set(RESULT_FILES)
    described = json.loads((results / CLIP_FILE).read_text())
    assert (described["frames"], described["size"], described["fps"]) == (12, 32, 25.0)
    assert (described["onset"], described["apex"]) == (2, 6)
    assert described["annotated"] == ["onset", "apex"]
    assert len(described["curve"]) == 12
    with np.load(results / MOTION_FILE) as arrays:
        assert arrays["pair"].tolist() == [2, 6]
        # The texture moves half a pixel a frame, to the right.
        u, v = np.median(arrays["flow"], axis=(0, 1))
    assert u == pytest.approx(2.0, abs=0.2)
    assert v == pytest.approx(0.0, abs=0.1)
    assert np.load(results / "frames.npy").shape == (12, 32, 32, 3)
    picture = cv2.imread(str(results / "contact_sheet.jpg"))
    assert picture is not None
    assert picture.shape[1] > 1000


@pytest.mark.parametrize(
    ("request_changes", "limits", "said"),
    [
        ({}, ClipLimits(max_frames=5), "at most 5 frames"),
        ({}, ClipLimits(max_seconds=0.2), "0.2 s are allowed"),
        ({}, ClipLimits(max_pixels=100), "32 x 32 pixels; at most 100"),
        ({"detector": "cascade"}, ClipLimits(), "face"),
        ({"onset": 3, "apex": 500}, ClipLimits(), "500"),
    ],
)
def test_what_cannot_be_used_fails_with_a_reason_without_any_path(
    data: Path, request_changes: dict[str, object], limits: ClipLimits, said: str
) -> None:
    identifier = accepted(data, request=replace(REQUEST, **request_changes))  # type: ignore[arg-type]
    job = work_here(data, identifier, limits)
    assert job.state == "failed"
    assert said in job.reason
    assert str(data) not in job.reason
    assert not JobFolders(data / FOLDERS).results(identifier).exists()


def test_a_broken_upload_does_not_stop_the_worker(data: Path) -> None:
    folders, queue = JobFolders(data / FOLDERS), JobQueue(data / QUEUE_FILE)
    broken, folder = folders.create()
    (folder / "source.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + os.urandom(4000))
    queue.add(broken, "somebody", asdict(REQUEST))
    good = accepted(data)
    with supervised(data):
        until(lambda: found(data, good).state == "done")
    assert found(data, broken).state == "failed"
    assert "the upload" in found(data, broken).reason


def test_a_job_that_was_removed_while_it_ran_leaves_nothing(data: Path) -> None:
    identifier = accepted(data)
    queue, folders = JobQueue(data / QUEUE_FILE), JobFolders(data / FOLDERS)
    job = queue.claim("here")
    assert job is not None
    queue.remove(identifier)
    folders.remove(identifier)
    work_on(job, queue, folders, ClipLimits())
    assert not folders.folder(identifier).exists()
    assert queue.counts()["failed"] == 0


def test_results_that_were_there_before_are_not_computed_again(data: Path) -> None:
    identifier = accepted(data)
    results = JobFolders(data / FOLDERS).results(identifier)
    results.mkdir()
    (results / CLIP_FILE).write_text("of a worker that was killed before it told")
    assert work_here(data, identifier).state == "done"
    assert (results / CLIP_FILE).read_text().startswith("of a worker")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_workers_lose_no_job_and_change_no_result(data: Path, tmp_path: Path) -> None:
    jobs = [accepted(data, frames=60 + n) for n in range(5)]
    queue = JobQueue(data / QUEUE_FILE)
    killed: set[str] = set()

    def kill_one() -> bool:
        processes = supervisor.worker_processes
        for name, job in queue.running():
            # Each but once: a job that ends three workers is given up.
            if job.id not in killed and name in processes:
                os.kill(processes[name], signal.SIGKILL)
                killed.add(job.id)
                return True
        return False

    with supervised(data, workers=2) as supervisor:
        for _ in range(3):
            until(kill_one)
        until(lambda: all(found(data, one).state in {"done", "failed"} for one in jobs))
    states = [found(data, one) for one in jobs]
    assert [job.reason for job in states if job.state == "failed"] == []
    # Not all that were killed: one may just have been finished.
    assert any(job.attempt > 1 for job in states)
    for number, identifier in enumerate(jobs):
        alone = tmp_path / f"alone-{number}"
        alone.mkdir()
        folders = JobFolders(data / FOLDERS)
        source = folders.source(identifier)
        write_clip_results(source, REQUEST, ClipLimits(), alone, lambda stage, progress: None)
        assert_same_results(folders.results(identifier), alone)


_SERVICE = """
import sys, time
from pathlib import Path
from ma2mi_preprocessing.service.jobs.clip_results import ClipLimits
from ma2mi_preprocessing.service.jobs.supervisor import JobLimits, Supervisor
from ma2mi_preprocessing.store_lock import run_lock

if __name__ == "__main__":
    data = Path(sys.argv[1])
    with run_lock(data, "service's folder"):
        supervisor = Supervisor(data, ClipLimits(), JobLimits(workers=2))
        supervisor.start()
        print("started", flush=True)
        time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_service_loses_no_accepted_job(data: Path, tmp_path: Path) -> None:
    jobs = [accepted(data, frames=30) for _ in range(3)]
    script = tmp_path / "service.py"
    script.write_text(_SERVICE)
    for again in (False, True):
        service = subprocess.Popen(
            [sys.executable, str(script), str(data)], env=ENVIRONMENT, stdout=subprocess.PIPE
        )
        try:
            assert service.stdout is not None
            assert service.stdout.readline() == b"started\n"
            if again:
                until(lambda: all(found(data, one).state == "done" for one in jobs))
            else:
                until(lambda: JobQueue(data / QUEUE_FILE).counts()["running"] > 0)
        finally:
            service.kill()
            service.wait()
    attempts = [found(data, one).attempt for one in jobs]
    assert max(attempts) > 1


def test_an_attempt_that_takes_too_long_is_ended_with_a_reason(data: Path) -> None:
    slow = accepted(data, frames=400, request=replace(REQUEST, size=224))
    with supervised(data, max_job_seconds=0.5):
        until(lambda: found(data, slow).state == "failed")
        assert "not finished within 0.5 s" in found(data, slow).reason
        quick = accepted(data, frames=2)
        until(lambda: found(data, quick).state != "queued")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by the kernel of Linux")
def test_a_job_that_takes_too_much_memory_fails_and_the_next_one_does_not(data: Path) -> None:
    large = accepted(data, frames=300, request=replace(REQUEST, size=512))
    small = accepted(data, frames=2, request=replace(REQUEST, size=16))
    with supervised(data, max_job_bytes=300 * 1024**2):
        until(lambda: found(data, large).state == "failed")
        until(lambda: found(data, small).state in {"done", "failed"})
    assert "memory" in found(data, large).reason
    assert found(data, small).state == "done"


def test_files_of_jobs_expire_and_leftovers_of_uploads_too(data: Path) -> None:
    identifier, waiting = accepted(data), accepted(data)
    work_here(data, identifier)
    folders = JobFolders(data / FOLDERS)
    half, _ = folders.create()
    supervisor = Supervisor(data, ClipLimits(), JobLimits(kept_seconds=0.0))
    time.sleep(0.01)
    supervisor.clean()
    assert folders.identifiers() == {waiting}
    assert supervisor.queue.identifiers() == {waiting}
    assert half not in folders.identifiers()


@pytest.mark.parametrize(
    "name", ["..", "../other", "", "A" * 32, "0" * 31, "/etc", "0" * 32 + "/x"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyError):
        JobFolders(tmp_path).folder(name)
