"""Mutated uploads: each is answered with a status of 4xx or taken, and none ends the service."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.service import ServiceSetting, create_app
from ma2mi_preprocessing.service.clip_upload import UploadLimits
from ma2mi_preprocessing.service.jobs.clip_results import ClipLimits, ClipRequest
from ma2mi_preprocessing.service.jobs.folders import JobFolders
from ma2mi_preprocessing.service.jobs.queue import JobQueue
from ma2mi_preprocessing.service.jobs.supervisor import JobLimits, Supervisor
from ma2mi_preprocessing.service.jobs.worker import FOLDERS, QUEUE_FILE
from tests.preprocessing.pipeline.small_clips import moving_texture
from tests.preprocessing.service.pictures import encoded, textured
from tests.preprocessing.service.test_job_workers import until

pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from tests.preprocessing.service.clients import client_of

# Numbers that parsers trip over: lengths of nothing, of everything, and just around a sign.
_NUMBERS = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\0\x01",
)


def mutated(content: bytes, random: np.random.Generator) -> bytes:
    """Bits are flipped, numbers overwritten, stretches cut out, doubled or drawn, the end cut."""
    changed = bytearray(content)
    for _ in range(random.integers(1, 6)):
        if len(changed) < 8:
            break
        place, length = (int(n) for n in random.integers(0, len(changed) - 4, 2))
        length = 1 + length % 64
        match int(random.integers(6)):
            case 0:
                changed[place] ^= 1 << int(random.integers(8))
            case 1:
                changed[place : place + 4] = _NUMBERS[int(random.integers(len(_NUMBERS)))]
            case 2:
                del changed[place : place + length]
            case 3:
                changed[place:place] = changed[place : place + length]
            case 4:
                changed[place:place] = random.bytes(length)
            case _:
                del changed[place:]
    return bytes(changed)


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for number, frame in enumerate(moving_texture(4)):
            file.writestr(f"{number}.png", encoded(frame))
        file.writestr("9.jpg", encoded(moving_texture(1)[0], ".jpg"))
    return buffer.getvalue()


def video(folder: Path, suffix: str, code: str) -> bytes:
    path = folder / f"clip{suffix}"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 25.0, (32, 32))
    for frame in moving_texture(6):
        writer.write(frame[..., ::-1])
    writer.release()
    return path.read_bytes()


def answered(send: Callable[[bytes], int], content: bytes, count: int, seed: int) -> list[int]:
    """The status of each; that of the first is of what is not mutated."""
    random = np.random.default_rng(seed)
    found = [send(content)]
    for number in range(count):
        damaged = mutated(content, random)
        status = send(damaged)
        assert status < 500, f"status {status} for number {number} of seed {seed}"
        found.append(status)
    return found


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    """Nothing is worked on; what is accepted is removed by who sends it."""
    uploads = UploadLimits(max_bytes=2_000_000, max_frames=50, max_image_bytes=200_000,
                           max_image_pixels=200_000)  # fmt: skip
    setting = ServiceSetting(data=tmp_path / "service", uploads=uploads)
    return client_of(create_app(setting), raise_server_exceptions=False)


def fuzz_archives(client: TestClient, folder: Path, count: int) -> None:
    def send(content: bytes) -> int:
        answer = client.post("/v1/clips", files={"clip": ("clip", content)})
        if answer.status_code == 202:
            assert client.delete(answer.headers["location"]).status_code == 204
        return int(answer.status_code)

    found = answered(send, archive(), count, seed=1)
    assert found[0] == 202
    assert {202, 422} <= set(found)
    assert list((folder / "service" / "jobs").iterdir()) == []
    assert {path.name for path in folder.iterdir()} == {"service"}


def fuzz_images(client: TestClient, count: int) -> None:
    reference = encoded(textured())
    for seed, suffix in enumerate((".png", ".jpg"), start=2):

        def send(content: bytes) -> int:
            files = {"reference": reference, "moving": content}
            return int(client.post("/v1/flow", files=files).status_code)

        found = answered(send, encoded(textured(shift=1.0), suffix), count // 2, seed)
        assert found[0] == 200
        assert {415, 422} & set(found)


def fuzz_videos(folder: Path, count: int) -> None:
    """Through the worker, whose process a decoder may take down."""
    data = folder / "workers"
    folders, queue = JobFolders(data / FOLDERS), JobQueue(data / QUEUE_FILE)
    request = ClipRequest(size=32, detector="none")
    originals = [video(folder, ".avi", "MJPG"), video(folder, ".mp4", "mp4v")]
    random = np.random.default_rng(4)
    sent = []
    for number in range(count):
        identifier, place = folders.create()
        suffix = (".avi", ".mp4")[number % 2]
        content = originals[number % 2] if number < 2 else mutated(originals[number % 2], random)
        (place / f"source{suffix}").write_bytes(content)
        queue.add(identifier, "somebody", asdict(request))
        sent.append(identifier)
    supervisor = Supervisor(data, ClipLimits(max_frames=100), replace(JobLimits(), workers=2))
    supervisor.start()
    try:
        until(lambda: not queue.unfinished_of("somebody"), seconds=60 + count)
    finally:
        supervisor.stop()
    states = [queue.find(one, "somebody") for one in sent]
    assert [job.state for job in states[:2] if job is not None] == ["done", "done"]
    for identifier, job in zip(sent, states, strict=True):
        assert job is not None
        assert (job.state == "done") == folders.results(identifier).is_dir()
        assert bool(job.reason) == (job.state == "failed")
        assert str(data) not in job.reason


def test_mutated_archives_are_taken_or_refused(client: TestClient, tmp_path: Path) -> None:
    fuzz_archives(client, tmp_path, 150)


def test_mutated_images_are_computed_on_or_refused(client: TestClient) -> None:
    fuzz_images(client, 150)


def test_mutated_videos_end_as_done_or_failed(tmp_path: Path) -> None:
    fuzz_videos(tmp_path, 40)


@pytest.mark.slow
def test_ten_thousand_mutated_uploads(client: TestClient, tmp_path: Path) -> None:
    fuzz_archives(client, tmp_path, 4000)
    fuzz_images(client, 4000)
    fuzz_videos(tmp_path, 2000)
