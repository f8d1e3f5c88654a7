"""The service with a model: each clip comes with what the model says of it."""

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.service import ServiceSetting, create_app
from ma2mi_preprocessing.service.jobs.supervisor import JobLimits
from ma2mi_preprocessing.synthesis import render_clip
from ma2mi_recipes.classified_pair import classify_pair
from ma2mi_recipes.networks import load_classifier
from ma2mi_recipes.service_model import ServiceModel, model_source
from ma2mi_recipes.zero_shot_model import FACE_SIZE, asked_model
from tests.recipes.conftest import call

pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from tests.preprocessing.service.clients import client_of

pytestmark = pytest.mark.xdist_group("service_model")


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    return np.asarray(render_clip("micro", size=96, fps=50.0).frames)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, backend: str) -> Iterator[TestClient]:
    # Keras and what it runs on take more addresses than preprocessing does.
    setting = ServiceSetting(
        data=tmp_path_factory.mktemp("service"),
        model=model_source(None, None, "3", backend),
        jobs=JobLimits(max_job_bytes=None),
    )
    with client_of(create_app(setting)) as client:
        yield client


def predicted(client: TestClient, faces: np.ndarray) -> dict[str, Any]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for number, face in enumerate(faces):
            file.writestr(f"{number}.png", cv2.imencode(".png", face[..., ::-1])[1].tobytes())
    options = {"size": "96", "fps": "50", "detector": "none", "onset": "2", "apex": "9"}
    sent = client.post("/v1/predict", files={"clip": buffer.getvalue()}, data=options)
    assert sent.status_code == 202
    place, until = sent.headers["location"], time.monotonic() + 120
    while (job := client.get(place).json())["state"] not in {"done", "failed"}:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert job["reason"] == ""
    found: dict[str, Any] = client.get(job["results"]["clip.json"]).json()
    found["faces"] = np.load(io.BytesIO(client.get(job["results"]["frames.npy"]).content))
    return found


def test_a_clip_comes_with_what_the_model_says_of_it(client: TestClient, faces: np.ndarray) -> None:
    found = predicted(client, faces[:16])
    said = found["prediction"]
    assert set(said["probabilities"]) == {"positive", "negative", "surprise"}
    assert sum(said["probabilities"].values()) == pytest.approx(1.0, abs=1e-4)
    assert said["label"] == max(said["probabilities"], key=said["probabilities"].get)
    assert np.isfinite(said["heat_map"]).all()
    assert np.ndim(said["heat_map"]) == 2
    assert any("Zero-shot" in words for words in said["notes"])
    # As the recipes answer of the same faces, brought to the size that they measure motion at.
    run = asked_model(None, None, "3")
    pair = found["faces"][[found["onset"], found["apex"]]]
    small = np.stack(
        [cv2.resize(face, (FACE_SIZE, FACE_SIZE), interpolation=cv2.INTER_AREA) for face in pair]
    )
    direct = classify_pair(load_classifier(run), run.info, small)
    assert direct.probabilities == pytest.approx(said["probabilities"], abs=0.02)


def test_faces_smaller_than_the_model_looks_at_are_refused() -> None:
    model = ServiceModel(asked_model(None, "miacnet_tiny_rendered", None))
    assert "probabilities" in model.answer(np.zeros((2, 64, 64, 3), np.uint8))
    with pytest.raises(InputError, match="fewer than the 64"):
        model.answer(np.zeros((2, 32, 32, 3), np.uint8))


def test_without_a_model_there_is_nothing_to_predict_with(tmp_path: Path) -> None:
    client = client_of(create_app(ServiceSetting(data=tmp_path)))
    assert client.post("/v1/predict", files={"clip": b"x"}).status_code == 404


def test_a_model_that_is_none_is_refused_before_anything_is_served(
    tmp_path: Path, backend: str
) -> None:
    for options, said in (
        (("--model", tmp_path), "holds no run.json"),
        (("--model", tmp_path, "--weights", "x"), "two models"),
        (("--weights", "nothing_of_that_name"), "nothing_of_that_name"),
    ):
        result = call("serve", "--data", tmp_path / "jobs", *options, "--backend", backend)
        assert result.exit_code != 0
        assert said in " ".join(result.output.split())
