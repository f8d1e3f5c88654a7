"""The service does what its OpenAPI document says, whatever schemathesis makes of it."""

import io
import time
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ma2mi_preprocessing.service import ServiceSetting, create_app
from ma2mi_preprocessing.service.jobs.pair_model import ModelSource
from ma2mi_preprocessing.service.jobs.supervisor import JobLimits
from tests.preprocessing.pipeline.small_clips import moving_texture
from tests.preprocessing.service.clients import client_of
from tests.preprocessing.service.pictures import encoded, textured

schemathesis = pytest.importorskip("schemathesis")
pytest.importorskip("fastapi")

# One service, with a finished job, for all routes.
pytestmark = pytest.mark.xdist_group("openapi")

TOKEN = {"Authorization": "Bearer a-token-for-the-document-0123"}
FRAMES = 12


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for number, frame in enumerate(moving_texture(FRAMES)):
            file.writestr(f"{number}.png", encoded(frame))
    return content.getvalue()


# What the document says of files; broken ones are sent by test_fuzzed_uploads.
PNG, JPEG, ZIP = encoded(textured()), encoded(textured(), ".jpg"), archive()
for media, content in {"image/png": PNG, "image/jpeg": JPEG, "application/zip": ZIP}.items():
    schemathesis.openapi.media_type(media, st.just(content))
for media in ("video/mp4", "video/x-msvideo", "video/x-matroska", "video/webm"):
    schemathesis.openapi.media_type(media, st.just(ZIP))


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> ServiceSetting:
    return ServiceSetting(
        data=tmp_path_factory.mktemp("service"),
        tokens=(TOKEN["Authorization"].removeprefix("Bearer "),),
        jobs=JobLimits(max_unfinished=10_000, max_waiting=10_000),
        model=ModelSource("tests.preprocessing.service.made_up_model:made_up_model"),
    )


@pytest.fixture(scope="module")
def finished(setting: ServiceSetting) -> str:
    with client_of(create_app(setting), headers=TOKEN) as client:
        form = {"detector": "none", "size": "32"}
        answer = client.post("/v1/clips", files={"clip": archive()}, data=form)
        here = f"/v1/clips/{answer.json()['id']}"
        end = time.monotonic() + 120
        while (job := client.get(here).json())["state"] in {"queued", "running"}:
            assert time.monotonic() < end, job
            time.sleep(0.1)
    assert job["state"] == "done", job
    return str(job["id"])


@pytest.fixture(scope="module")
def document(setting: ServiceSetting, finished: str) -> Any:
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(setting))

    @schema.hook
    def map_path_parameters(context: Any, parameters: Any) -> Any:
        if parameters and "identifier" in parameters and context.operation.method != "delete":
            parameters["identifier"] = finished
        return parameters

    return schema


schema = schemathesis.pytest.from_fixture("document")


def cannot_be_said(case: Any) -> bool:
    """What is refused although the document allows it: it depends on another value, or a clip."""
    if case.path.endswith("/motion"):
        return any(number >= FRAMES for number in numbers(case.query, "first", "second"))
    if case.path in {"/v1/clips", "/v1/predict"} and isinstance(case.body, dict):
        given = numbers(case.body, "onset", "apex")
        return len(given) == 1 or given != sorted(set(given))
    return False


def numbers(values: Any, *names: str) -> list[int]:
    return [values[name] for name in names if isinstance(values.get(name), int)]


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_the_document_says(case: Any) -> None:
    left = [schemathesis.checks.positive_data_acceptance] if cannot_be_said(case) else []
    case.call_and_validate(headers=TOKEN, excluded_checks=left)
