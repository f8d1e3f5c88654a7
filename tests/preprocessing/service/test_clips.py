"""Clips over HTTP: sent, waited for, downloaded, deleted, and never seen by anybody else."""

import io
import struct
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.service import ServiceSetting, create_app, serve
from ma2mi_preprocessing.service.clip_upload import UploadLimits
from ma2mi_preprocessing.service.jobs.clip_results import RESULT_FILES
from ma2mi_preprocessing.service.jobs.supervisor import JobLimits
from tests.preprocessing.pipeline.small_clips import moving_texture
from tests.preprocessing.service.pictures import encoded, png_that_claims, textured

pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from tests.preprocessing.service.clients import client_of

OURS, THEIRS = "our-token-0123456789", "their-token-0123456789"


def archive(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return buffer.getvalue()


def frames(count: int = 8) -> bytes:
    # Numbers without padding, in a folder, as people zip them.
    pictures = moving_texture(count)
    return archive({f"clip/img{n + 1}.png": encoded(one) for n, one in enumerate(pictures)})


OPTIONS = {"size": "32", "fps": "25", "detector": "none"}


def as_user(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def waiting(tmp_path: Path) -> TestClient:
    """A service whose workers are never started: all that is accepted waits."""
    return client_of(create_app(ServiceSetting(data=tmp_path, tokens=(OURS, THEIRS))))


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    setting = ServiceSetting(data=tmp_path_factory.mktemp("service"))
    with client_of(create_app(setting)) as client:
        yield client


def send(client: TestClient, content: bytes, token: str = OURS, **options: str) -> Any:
    return client.post(
        "/v1/clips",
        files={"clip": ("../../../etc/passwd", content, "text/html")},
        data={**OPTIONS, **options},
        headers=as_user(token),
    )


def ended(client: TestClient, identifier: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while True:
        job: dict[str, Any] = client.get(f"/v1/clips/{identifier}").json()
        if job["state"] in {"done", "failed"}:
            return job
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_clip_becomes_an_aligned_face_with_flow_and_key_frames(working: TestClient) -> None:
    answer = send(working, frames(12))
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/clips/{job['id']}"
    assert (job["state"], job["results"]) == ("queued", {})
    done = ended(working, job["id"])
    assert (done["state"], done["reason"], done["progress"]) == ("done", "", 1)
    assert set(done["results"]) == set(RESULT_FILES)
    described = working.get(done["results"]["clip.json"]).json()
    assert (described["frames"], described["fps"]) == (12, 25)
    stored = np.load(io.BytesIO(working.get(done["results"]["frames.npy"]).content))
    # In the order of their numbers, not of their names.
    np.testing.assert_array_equal(stored[9], moving_texture(12)[9])
    sheet = working.get(done["results"]["contact_sheet.jpg"])
    assert sheet.headers["content-type"] == "image/jpeg"
    assert job["id"] in [one["id"] for one in working.get("/v1/clips").json()]
    assert working.delete(f"/v1/clips/{job['id']}").status_code == 204
    assert working.get(f"/v1/clips/{job['id']}").status_code == 404
    assert working.get(done["results"]["motion.npz"]).status_code == 404


def test_motion_between_any_two_frames_is_computed_when_asked_for(working: TestClient) -> None:
    job = send(working, frames(6)).json()["id"]
    ended(working, job)
    place = f"/v1/clips/{job}/motion"
    arrays = np.load(io.BytesIO(working.get(place, params={"first": 1, "second": 5}).content))
    assert np.median(arrays["flow"][..., 0]) == pytest.approx(2.0, abs=0.2)
    pictures = {
        output: working.get(place, params={"first": 1, "second": 5, "output": output}).content
        for output in ("flow", "strain", "difference")
    }
    decoded = [cv2.imdecode(np.frombuffer(one, np.uint8), 1) for one in pictures.values()]
    assert all(one.shape == (32, 32, 3) for one in decoded)
    assert len({one.tobytes() for one in decoded}) == 3
    assert working.get(place, params={"first": 0, "second": 6}).status_code == 422
    assert working.get(place, params={"first": -1, "second": 2}).status_code == 422


def test_a_page_can_play_the_clip_from_two_files(working: TestClient) -> None:
    job = send(working, frames(6), onset="1", apex="4").json()["id"]
    results = ended(working, job)["results"]
    described = working.get(results["clip.json"]).json()
    shown = {}
    for name in ("faces", "flow"):
        content, places = working.get(results[f"{name}.pack"]).content, described[f"{name}_pack"]
        assert (len(places), places[0], places[-1]) == (7, 0, len(content))
        shown[name] = [
            cv2.imdecode(np.frombuffer(content[start:stop], np.uint8), 1)
            for start, stop in pairwise(places)
        ]
    for face, frame in zip(shown["faces"], moving_texture(6), strict=True):
        assert np.abs(face[..., ::-1].astype(int) - frame).mean() < 5
    # Nothing moves from the onset to itself, which is white; to the right is red.
    assert shown["flow"][1].min() > 245
    blue, green, red = shown["flow"][5][8:-8, 8:-8].reshape(-1, 3).mean(axis=0)
    assert red > max(blue, green) + 30


def test_a_video_that_is_none_fails_with_a_reason(working: TestClient) -> None:
    job = send(working, b"\0\0\0\x18ftypmp42" + bytes(2000)).json()
    failed = ended(working, job["id"])
    assert failed["state"] == "failed"
    assert "the upload" in failed["reason"]
    assert working.get(f"/v1/clips/{job['id']}/results/clip.json").status_code == 404


def test_figures_are_there_for_prometheus(working: TestClient) -> None:
    working.get("/v1/clips/" + "0" * 32)
    text = working.get("/metrics").text
    assert 'ma2mi_requests_total{method="GET",route="/v1/clips/{identifier}",status="404"}' in text
    for state in ("queued", "running", "done", "failed"):
        assert f'ma2mi_jobs{{state="{state}"}}' in text


def test_users_do_not_see_each_others_jobs(waiting: TestClient) -> None:
    job = send(waiting, frames(), OURS).json()["id"]
    place = f"/v1/clips/{job}"
    for method, path in (
        ("GET", place), ("DELETE", place), ("GET", f"{place}/results/clip.json"),
    ):  # fmt: skip
        assert waiting.request(method, path, headers=as_user(THEIRS)).status_code == 404
    assert waiting.get("/v1/clips", headers=as_user(THEIRS)).json() == []
    assert [one["id"] for one in waiting.get("/v1/clips", headers=as_user(OURS)).json()] == [job]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {OURS}"},
        {"Authorization": f"Bearer {OURS}x"},
        {"Authorization": f"Bearer {OURS[:-1]}"},
        {"Authorization": b"Bearer \xff\xfe"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/flow"), ("POST", "/v1/clips"), ("GET", "/v1/clips"), ("GET", "/metrics")],
)
def test_without_a_token_nothing_is_done(
    waiting: TestClient, method: str, path: str, headers: dict[str, Any]
) -> None:
    answer = waiting.request(method, path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert waiting.get("/healthz").status_code == 200


def test_nothing_is_read_of_a_body_without_a_token(waiting: TestClient) -> None:
    read = []

    def endless() -> Iterator[bytes]:
        for number in range(1000):
            read.append(number)
            yield bytes(10_000)

    assert waiting.post("/v1/clips", content=endless()).status_code == 401


def bomb() -> bytes:
    """Two entries that share one stretch of the file."""
    content = bytearray(archive({"1.png": bytes(5_000_000)}))
    directory = content.rfind(b"PK\x01\x02")
    end = content.rfind(b"PK\x05\x06")
    entry = bytes(content[directory:end])
    doubled = content[:directory] + entry * 2 + content[end:]
    end += len(entry)
    doubled[end + 8 : end + 12] = struct.pack("<HH", 2, 2)
    doubled[end + 12 : end + 16] = struct.pack("<I", 2 * len(entry))
    return bytes(doubled)


def lying(content: bytes, claimed: int) -> bytes:
    """An archive that says of its only entry that it is shorter than it is."""
    changed = bytearray(content)
    directory = changed.rfind(b"PK\x01\x02")
    changed[directory + 24 : directory + 28] = struct.pack("<I", claimed)
    changed[22:26] = struct.pack("<I", claimed)
    return bytes(changed)


PICTURE = encoded(textured())


NO_CLIPS: list[tuple[bytes, int, str]] = [
    (b"", 415, "neither a video"),
    (b"GIF89a" + bytes(100), 415, "neither a video"),
    (b"<script>alert(1)</script>", 415, "neither a video"),
    (b"PK\x03\x04" + bytes(50), 422, "broken archive"),
    (frames()[:-40], 422, "broken archive"),
    (archive({"a/": b""}), 422, "without files"),
    (archive({f"{n}.png": PICTURE for n in range(30)}), 413, "holds 30 files; at most 20"),
    (archive({"1.png": bytes(40_000_000)}), 413, "unpacks to more than"),
    (archive({"1.png": bytes(2_000_000)}), 413, "a frame of `clip` is too long"),
    (lying(archive({"1.png": bytes(2_000_000)}), 10), 422, "broken archive"),
    (bomb(), 422, "overlap"),
    (archive({"1.png": png_that_claims(60_000, 60_000)}), 413, "60000 x 60000 pixels"),
    (archive({"1.svg": b"<svg/>"}), 415, "frame 1 of `clip` is neither a PNG nor a JPEG"),
    (archive({"1.png": PICTURE}, zipfile.ZIP_LZMA), 422, "in a way that is not read"),
    (
        archive({"1.png": PICTURE}) + b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2),
        413,
        "names more than",
    ),
    (archive({}), 415, "neither a video"),
    (b"RIFF" + bytes(4) + b"AVI " + bytes(20_000_000), 413, "too long"),
]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    NO_CLIPS,
    ids=[f"{n}: {case[2]}" for n, case in enumerate(NO_CLIPS)],
)
def test_what_is_no_clip_is_refused_and_leaves_nothing(
    tmp_path: Path, content: bytes, status: int, said: str
) -> None:
    uploads = UploadLimits(max_bytes=10_000_000, max_frames=20, max_image_bytes=1_000_000)
    client = client_of(create_app(ServiceSetting(data=tmp_path, uploads=uploads)))
    answer = send(client, content)
    assert answer.status_code == status
    assert said in answer.json()["detail"]
    assert list((tmp_path / "jobs").iterdir()) == []
    assert client.get("/v1/clips").json() == []


@pytest.mark.parametrize(
    "name", ["../outside.png", "/etc/outside.png", "..\\outside.png", "a/../../outside.png", "C:x"]
)
def test_names_in_an_archive_lead_nowhere(tmp_path: Path, name: str) -> None:
    client = client_of(create_app(ServiceSetting(data=tmp_path / "service")))
    assert send(client, archive({name: PICTURE, "2.png": PICTURE})).status_code == 202
    written = {path for path in tmp_path.rglob("*") if path.suffix in {".png", ".jpg"}}
    assert {path.name for path in written} == {"000000.png", "000001.png"}
    assert all(path.parent.name == "source" for path in written)


@pytest.mark.parametrize(
    "path",
    ["/v1/clips/../../jobs.sqlite", "/v1/clips/%2e%2e/results/clip.json", "/v1/clips/..%2f..",
     "/v1/clips/JOB/results/..%2fsource", "/v1/clips/JOB/results/source", "/v1/clips/%00"],
)  # fmt: skip
def test_no_path_of_a_request_reaches_the_file_system(waiting: TestClient, path: str) -> None:
    job = send(waiting, frames()).json()["id"]
    answer = waiting.get(path.replace("JOB", job), headers=as_user(OURS))
    assert answer.status_code in {404, 422}


@pytest.mark.parametrize(
    "options",
    [
        {"size": "8"}, {"size": "5000"}, {"fps": "0"}, {"fps": "nan"}, {"fps": "inf"},
        {"onset": "3"}, {"onset": "5", "apex": "5"}, {"onset": "-1", "apex": "4"},
        {"onset": "1", "apex": "9" * 400},
        {"detector": "yunet"}, {"detector": "/etc/passwd"},
    ],
)  # fmt: skip
def test_impossible_options_are_refused(waiting: TestClient, options: dict[str, str]) -> None:
    assert send(waiting, frames(), **options).status_code == 422


def test_one_user_cannot_take_all_the_room(tmp_path: Path) -> None:
    jobs = JobLimits(max_unfinished=2, max_waiting=3)
    client = client_of(create_app(ServiceSetting(data=tmp_path, tokens=(OURS, THEIRS), jobs=jobs)))
    assert [send(client, frames(), OURS).status_code for _ in range(3)] == [202, 202, 429]
    assert [send(client, frames(), THEIRS).status_code for _ in range(2)] == [202, 503]
    refused = send(client, frames(), THEIRS)
    assert int(refused.headers["retry-after"]) > 0
    # What is deleted makes room.
    job = client.get("/v1/clips", headers=as_user(THEIRS)).json()[0]["id"]
    client.delete(f"/v1/clips/{job}", headers=as_user(THEIRS))
    assert send(client, frames(), THEIRS).status_code == 202


def test_a_full_disk_quota_refuses_more(tmp_path: Path) -> None:
    setting = ServiceSetting(data=tmp_path)
    small = replace(setting, jobs=JobLimits(max_data_bytes=1000))
    client = client_of(create_app(small))
    assert send(client, frames()).status_code == 202
    assert send(client, frames()).status_code == 503


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_to_listen_elsewhere_a_token_is_needed(tmp_path: Path, host: str) -> None:
    with pytest.raises(InputError, match="must bring a token"):
        serve(host, 1, ServiceSetting(data=tmp_path))


@pytest.mark.parametrize("token", ["", "short", "with space in the middle"])
def test_tokens_that_could_be_guessed_are_refused(token: str) -> None:
    with pytest.raises(InputError, match="at least 16 characters"):
        create_app(ServiceSetting(tokens=(token,)))


def test_two_services_do_not_share_a_folder(tmp_path: Path) -> None:
    first, second = (client_of(create_app(ServiceSetting(data=tmp_path))) for _ in range(2))
    with first, pytest.raises(InputError, match="another run"), second:
        pass


def test_a_restarted_service_goes_on_with_what_waited(tmp_path: Path) -> None:
    before = client_of(create_app(ServiceSetting(data=tmp_path)))
    job = send(before, frames()).json()["id"]
    with client_of(create_app(ServiceSetting(data=tmp_path))) as after:
        assert ended(after, job)["state"] == "done"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8000"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}, 200),
        # A name that somebody lets mean this machine.
        ({"Host": "rebound.example"}, 403),
        ({"Host": ""}, 403),
        ({"Host": "[broken"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_other_web_sites_cannot_use_a_service_without_tokens(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    client = client_of(create_app(ServiceSetting(data=tmp_path)))
    assert client.get("/v1/clips", headers=headers).status_code == status


def test_with_tokens_the_service_may_have_any_name(waiting: TestClient) -> None:
    headers = {**as_user(OURS), "Host": "faces.example"}
    assert waiting.get("/v1/clips", headers=headers).status_code == 200
    elsewhere = {**headers, "Origin": "https://elsewhere.example"}
    assert waiting.get("/v1/clips", headers=elsewhere).status_code == 403
