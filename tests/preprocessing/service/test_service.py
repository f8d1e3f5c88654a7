"""The HTTP service as a client sees it."""

import asyncio
import io
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.flow import optical_flow_tvl1
from ma2mi_preprocessing.flow_colour import flow_to_colour
from ma2mi_preprocessing.motion import frame_difference, optical_strain, to_gray
from ma2mi_preprocessing.service import ServiceLimits, ServiceSetting, computation, create_app
from ma2mi_preprocessing.service.computation import ARRAYS, compute_motion
from tests.preprocessing.service.pictures import encoded, png_that_claims, textured

httpx = pytest.importorskip("httpx")
pytest.importorskip("fastapi")
pytest.importorskip("python_multipart")

from fastapi.testclient import TestClient  # noqa: E402

from tests.preprocessing.service.clients import client_of  # noqa: E402

# A child process knows nothing of the paths that pytest was configured with.
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
REFERENCE, MOVING = textured(), textured(shift=0.8)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(create_app(), raise_server_exceptions=False)


def files(reference: bytes | None = None, moving: bytes | None = None) -> dict[str, bytes]:
    return {"reference": reference or encoded(REFERENCE), "moving": moving or encoded(MOVING)}


def test_health_tells_status_and_version(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()) == {"status", "version"}


def test_the_viewer_of_the_document_needs_nothing_from_elsewhere():
    client = client_of(create_app(ServiceSetting(tokens=("a-token-0123456789",))))
    page = client.get("/docs").text
    assert "keras-ma2mi" in page and "https://" not in page and "//cdn" not in page
    files = [name for name in re.findall(r'(?:src|href)="([^"]+)"', page)]
    assert len(files) == 3
    assert {client.get(name).status_code for name in files} == {200}
    assert client.get("/openapi.json").status_code == 200


def test_a_wrong_method_is_told_the_right_ones(tmp_path):
    client = client_of(create_app(ServiceSetting(data=tmp_path)))
    assert client.put("/v1/clips").headers["Allow"] == "GET, POST"
    assert client.patch("/v1/clips/1").headers["Allow"] == "DELETE, GET"
    assert client.post("/docs").headers["Allow"] == "GET"


def test_npz_holds_what_the_library_computes(client):
    answer = client.post("/v1/flow", files=files())
    assert answer.status_code == 200
    arrays = np.load(io.BytesIO(answer.content), allow_pickle=False)
    assert sorted(arrays) == ["difference", "flow", "strain"]
    flow = optical_flow_tvl1(to_gray(REFERENCE), to_gray(MOVING))
    np.testing.assert_array_equal(arrays["flow"], flow)
    np.testing.assert_array_equal(arrays["strain"], optical_strain(flow))
    np.testing.assert_array_equal(arrays["difference"], frame_difference(REFERENCE, MOVING))
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}


def test_movement_to_the_right_is_positive_u(client):
    answer = client.post("/v1/flow", files=files())
    flow = np.load(io.BytesIO(answer.content))["flow"][12:-12, 12:-12]
    assert np.median(flow[..., 0]) == pytest.approx(0.8, abs=0.2)
    assert np.median(flow[..., 1]) == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize("max_flow", [None, 5.0])
def test_png_is_the_flow_in_colour(client, max_flow):
    options = {"output": "png"} | ({} if max_flow is None else {"max_flow": max_flow})
    answer = client.post("/v1/flow", params=options, files=files())
    assert answer.headers["content-type"] == "image/png"
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    flow = optical_flow_tvl1(to_gray(REFERENCE), to_gray(MOVING))
    np.testing.assert_array_equal(picture, flow_to_colour(flow, max_flow=max_flow))


def test_the_type_is_told_by_the_content_and_not_by_the_name(client):
    named = {
        "reference": ("a.gif", encoded(REFERENCE), "image/gif"),
        "moving": ("../../etc/passwd", encoded(MOVING, ".jpg"), "text/plain"),
    }
    assert client.post("/v1/flow", files=named).status_code == 200


@pytest.mark.parametrize(
    ("uploads", "status", "message"),
    [
        (files(moving=encoded(textured(48, 65))), 422, "differ in size: `reference` 64 x 48"),
        (files(encoded(textured(8, 8)), encoded(textured(8, 8))), 422, "16"),
        (files(moving=b"GIF89a"), 415, "`moving` is neither a PNG nor a JPEG"),
        (files(reference=encoded(REFERENCE)[:60]), 422, "`reference` is a broken image"),
        (files(reference=png_that_claims(60_000, 60_000)), 413, "60000 x 60000 pixels"),
        ({"reference": encoded(REFERENCE)}, 422, "moving"),
        ({}, 422, "reference"),
    ],
)
def test_unusable_requests_are_refused_with_the_reason(client, uploads, status, message):
    answer = client.post("/v1/flow", files=uploads)
    assert answer.status_code == status
    assert message in answer.text


@pytest.mark.parametrize(
    "options", [{"output": "gif"}, {"max_flow": "0"}, {"max_flow": "nan"}, {"max_flow": "x"}]
)
def test_unknown_options_are_refused(client, options):
    assert client.post("/v1/flow", params=options, files=files()).status_code == 422


def test_an_image_of_too_many_bytes_is_refused():
    limits = ServiceLimits(max_image_bytes=len(encoded(MOVING)) - 1)
    answer = client_of(create_app(ServiceSetting(requests=limits))).post(
        "/v1/flow", files=files(encoded(textured(16, 16)))
    )
    assert answer.status_code == 413
    assert "`moving` is too long" in answer.json()["detail"]


def test_a_body_that_declares_too_much_is_refused_before_it_is_read():
    app = create_app(ServiceSetting(requests=ServiceLimits(max_image_bytes=1000)))
    answer = client_of(app).post("/v1/flow", files=files(b"x" * 100_000))
    assert answer.status_code == 413
    assert "the request is too long" in answer.json()["detail"]


def test_a_body_without_a_declared_length_is_cut_off():
    app = create_app(ServiceSetting(requests=ServiceLimits(max_image_bytes=1000)))
    sent = []

    def endless():
        yield b'--b\r\nContent-Disposition: form-data; name="reference"; filename="r"\r\n\r\n'
        for number in range(1000):
            sent.append(number)
            yield b"x" * 10_000

    answer = client_of(app).post(
        "/v1/flow",
        content=endless(),
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    assert answer.status_code == 413
    assert "the request is too long" in answer.json()["detail"]


@pytest.mark.parametrize("wanted", [["flow"], ["strain", "difference"]])
def test_the_npz_holds_only_what_is_asked_for(client, wanted):
    answer = client.post("/v1/flow", files=files(), params={"arrays": wanted})
    arrays = np.load(io.BytesIO(answer.content), allow_pickle=False)
    assert list(arrays) == wanted
    assert client.post("/v1/flow?arrays=speed", files=files()).status_code == 422


@pytest.mark.parametrize("output", ["npz", "png"])
def test_figures_tell_what_kernels_and_files_took_of_the_cpus(output):
    asked = TestClient(create_app(), base_url="http://127.0.0.1")

    def taken() -> dict[str, float]:
        lines = asked.get("/metrics").text.splitlines()
        name = "ma2mi_flow_cpu_seconds_total"
        return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith(name)}

    assert taken() == {}
    begun = time.process_time()
    for _ in range(3):
        assert asked.post(f"/v1/flow?output={output}", files=files()).status_code == 200
    spent = time.process_time() - begun
    kernels, decoded = (
        taken()[f'ma2mi_flow_cpu_seconds_total{{part="{part}"}}'] for part in ("kernels", "files")
    )
    assert decoded > 0 and kernels > 0 and kernels + decoded < spent


def test_health_answers_while_a_flow_is_computed(monkeypatch):
    started, answered = threading.Event(), threading.Event()
    finished: list[str] = []

    def compute_until_health_answered(reference, moving, arrays):
        started.set()
        answered.wait(10)
        return compute_motion(reference, moving, arrays)

    monkeypatch.setattr(
        "ma2mi_preprocessing.service.flow_routes.compute_motion", compute_until_health_answered
    )

    async def ask() -> None:
        transport = httpx.ASGITransport(app=create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

            async def flow() -> None:
                assert (await client.post("/v1/flow", files=files())).status_code == 200
                finished.append("flow")

            async def health() -> None:
                while not started.is_set():
                    await asyncio.sleep(0.001)
                assert (await client.get("/healthz")).status_code == 200
                finished.append("health")
                answered.set()

            await asyncio.gather(flow(), health())

    asyncio.run(ask())
    assert finished == ["health", "flow"]


@pytest.mark.parametrize("name", ["optical_flow_tvl1", "optical_strain", "frame_difference"])
def test_two_requests_are_computed_at_the_same_time(monkeypatch, name):
    both_inside = threading.Barrier(2)
    kernel = getattr(computation, name)

    def waiting_for_the_other(*arguments):
        both_inside.wait(10)
        return kernel(*arguments)

    monkeypatch.setattr(computation, name, waiting_for_the_other)
    with ThreadPoolExecutor(2) as pool:
        pairs = [(REFERENCE, MOVING), (MOVING, REFERENCE)]
        # A barrier that nobody else comes to breaks, and what waits for it raises.
        motions = list(pool.map(lambda pair: compute_motion(*pair, ARRAYS), pairs))
    assert not np.array_equal(motions[0].flow, motions[1].flow)


def test_more_requests_than_are_computed_at_once_all_get_their_answer():
    async def ask() -> list[int]:
        transport = httpx.ASGITransport(
            app=create_app(ServiceSetting(requests=ServiceLimits(max_concurrent=1)))
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answers = await asyncio.gather(
                *[client.post("/v1/flow", files=files()) for _ in range(6)]
            )
        return [answer.status_code for answer in answers]

    assert asyncio.run(ask()) == [200] * 6


def test_more_requests_than_may_wait_are_told_to_come_back(monkeypatch):
    release = threading.Event()

    def compute_when_released(reference, moving, arrays):
        release.wait(10)
        return compute_motion(reference, moving, arrays)

    monkeypatch.setattr(
        "ma2mi_preprocessing.service.flow_routes.compute_motion", compute_when_released
    )
    app = create_app(ServiceSetting(requests=ServiceLimits(max_concurrent=1, max_waiting=2)))

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

            async def one() -> httpx.Response:
                answer = await client.post("/v1/flow", files=files())
                if answer.status_code == 503:
                    release.set()
                return answer

            return list(await asyncio.gather(*[one() for _ in range(5)]))

    answers = asyncio.run(ask())
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 503, 503]
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.headers["retry-after"] == "1"
    assert "too many requests" in refused.json()["detail"]


def test_the_openapi_document_names_the_route_and_its_refusals(client):
    operation = client.get("/openapi.json").json()["paths"]["/v1/flow"]["post"]
    assert {"200", "401", "413", "415", "422", "503"} <= set(operation["responses"])
    assert {p["name"] for p in operation["parameters"]} == {"arrays", "max_flow", "output"}


def test_limits_must_be_positive():
    with pytest.raises(ValueError, match="max_image_pixels=0"):
        ServiceLimits(max_image_pixels=0)


def test_without_the_extra_one_line_says_what_to_install():
    code = (
        "import sys; sys.modules['fastapi'] = None;"
        "from ma2mi_preprocessing.service.__main__ import main; sys.exit(main([]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert 'pip install "keras-ma2mi[service]"' in result.stderr


def test_no_deep_learning_framework_is_loaded():
    code = (
        "import sys; from ma2mi_preprocessing.service import create_app; create_app();"
        "print({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    assert result.stdout.strip() == "set()"
