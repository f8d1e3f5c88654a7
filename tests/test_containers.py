"""The Dockerfile and the compose files: well formed, closed to others, and true to the programs."""

import importlib.metadata
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from typer.main import get_command

from ma2mi_preprocessing.service import __main__ as service_program
from ma2mi_recipes.cli import app

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[1]
COMPOSE_FILES = [ROOT / "compose.yaml", ROOT / "compose.cluster.yaml"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, flags=re.MULTILINE)
ENVIRONMENT = {"KERAS_MA2MI_TOKENS": "t" * 24}
LINTER = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
DOCKER = shutil.which("docker")


def with_variables(text: str) -> str:
    """Variables as compose fills them in; the value of one that must be given, or the default."""
    return re.sub(
        r"\$\{(\w+):[-?]([^}]*)\}", lambda found: ENVIRONMENT.get(found[1], found[2]), text
    )


def document(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def services() -> list[Any]:
    return [
        pytest.param(path, name, service, id=f"{path.stem}-{name}")
        for path in COMPOSE_FILES
        for name, service in document(path)["services"].items()
    ]


def words_of(service: dict[str, Any]) -> list[str]:
    return [with_variables(word) for word in service.get("entrypoint", []) + service["command"]]


@pytest.mark.skipif(LINTER is None, reason="hadolint is not installed")
def test_dockerfile_passes_its_linter() -> None:
    done = subprocess.run([str(LINTER), "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_dockerfile_builds_the_service_unless_told_otherwise() -> None:
    assert TARGETS[-1] == "service"
    assert "toolkit" in TARGETS


def test_what_the_dockerfile_copies_is_there_and_is_sent() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.partition("/")[0] not in ignored, source


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=lambda path: path.stem)
def test_compose_file_follows_the_specification(path: Path) -> None:
    pytest.importorskip("check_jsonschema")
    schema = ["--builtin-schema", "vendor.compose-spec"]
    command = [sys.executable, "-m", "check_jsonschema", *schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=lambda path: path.stem)
def test_compose_itself_reads_the_file(path: Path) -> None:
    if (
        DOCKER is None
        or subprocess.run([DOCKER, "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("docker compose is not installed")
    command = [DOCKER, "compose", "-f", str(path), "--profile", "tools", "config", "--quiet"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **ENVIRONMENT}
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=lambda path: path.stem)
def test_volumes_and_networks_are_declared(path: Path) -> None:
    whole = document(path)
    for service in whole["services"].values():
        used = {text.partition(":")[0] for text in service["volumes"]}
        assert used <= set(whole["volumes"]), used
        assert set(service.get("networks", [])) <= set(whole.get("networks", {}))
        assert set(service.get("depends_on", {})) <= set(whole["services"])


@pytest.mark.parametrize(("path", "name", "service"), services())
def test_container_has_no_rights_and_writes_to_volumes_alone(
    path: Path, name: str, service: dict[str, Any]
) -> None:
    assert service["build"]["target"] in TARGETS
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "devices", "user"} & set(service)
    kept = {text.partition(":")[2] for text in service["volumes"]}
    cache = re.findall(r"NUMBA_CACHE_DIR=(\S+)", DOCKERFILE)
    assert kept == {"/data", *cache}


@pytest.mark.parametrize(("path", "name", "service"), services())
def test_ports_are_reached_from_this_machine_alone(
    path: Path, name: str, service: dict[str, Any]
) -> None:
    for port in service.get("ports", []):
        assert with_variables(port).startswith("127.0.0.1:"), port
    for network in service.get("networks", []):
        assert document(path)["networks"][network]["internal"] is True


def test_service_asks_for_tokens_and_listens_where_the_image_says() -> None:
    service = document(COMPOSE_FILES[0])["services"]["service"]
    assert ":?" in service["environment"]["KERAS_MA2MI_TOKENS"]
    *module, host, address = words_of(service)[:5]
    assert module == ["python", "-m", "ma2mi_preprocessing.service"]
    options = service_program._parser().parse_args([host, address, *words_of(service)[5:]])
    in_image = json.loads(re.findall(r"^CMD (\[.*service.*\])$", DOCKERFILE, re.MULTILINE)[-1])
    theirs = service_program._parser().parse_args(in_image[3:])
    assert (options.host, options.port, options.data) == (theirs.host, theirs.port, theirs.data)
    assert service["ports"][0].endswith(f":{options.port}")
    assert f"EXPOSE {options.port}" in DOCKERFILE


@pytest.mark.parametrize("name", ["scheduler", "worker"])
def test_commands_of_the_cluster_are_those_of_dask(name: str) -> None:
    pytest.importorskip("distributed")
    from distributed.cli import dask_scheduler, dask_worker

    service = document(COMPOSE_FILES[1])["services"][name]
    program, command, *arguments = words_of(service)
    assert (program, command) == ("dask", name)
    main = {"scheduler": dask_scheduler, "worker": dask_worker}[name].main
    context = main.make_context(command, arguments)
    if name == "worker":
        assert context.params["scheduler"] == "tcp://scheduler:8786"
        assert context.params["nthreads"] == 1
    else:
        assert str(context.params["port"]) == "8786"


def documented_commands() -> Iterator[list[str]]:
    """What follows `run --rm toolkit` or the toolkit's image, in comments and on the page."""
    for path in (*COMPOSE_FILES, ROOT / "docs" / "containers.md"):
        text = re.sub(r"\\\n#?", " ", path.read_text(encoding="utf-8"))
        started = r"(?:run --rm toolkit|docker run [^\n`]* keras-ma2mi) +([a-z][^\n`]*)"
        yield from (found.split() for found in re.findall(started, text))


@pytest.mark.parametrize("words", list(documented_commands()), ids=" ".join)
def test_documented_commands_of_the_toolkit_parse(words: list[str]) -> None:
    group = get_command(app)
    with group.make_context("keras-ma2mi", words[:1], resilient_parsing=True) as context:
        command = group.get_command(context, words[0])  # type: ignore[attr-defined]
        assert command is not None, words
        command.make_context(words[0], words[1:], parent=context)


def service_packages() -> list[str]:
    lines = (ROOT / "containers" / "service.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_packages_of_the_service_are_among_those_of_the_project() -> None:
    requires = map(Requirement, importlib.metadata.requires("keras-ma2mi") or [])
    known = {
        one.name
        for one in requires
        if one.marker is None or one.marker.evaluate({"extra": "service"})
    }
    assert set(service_packages()) <= known


def test_service_does_its_work_with_nothing_but_its_packages(tmp_path: Path) -> None:
    """Its image has no others; the ones it lacks are hidden here, from its workers as well."""
    pytest.importorskip("fastapi")
    wanted = _with_dependencies(service_packages())
    hidden = {
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if not {_normal(owner) for owner in owners} & (wanted | {"keras-ma2mi"})
    }
    assert {"keras", "scipy", "skimage", "sklearn", "matplotlib", "zarr", "typer"} <= hidden
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({sorted(hidden)!r}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'preprocessing'}"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "ma2mi_preprocessing.service", "--port", str(port)]
    with (tmp_path / "said").open("wb") as said:
        service = subprocess.Popen(
            [*program, "--data", str(tmp_path / "data")], env=environment, stderr=said
        )
    try:
        job = _job_of_a_clip(port, tmp_path / "clip.avi", service)
    finally:
        service.terminate()
        service.wait(timeout=30)
    assert job["state"] == "done", (job, (tmp_path / "said").read_text())


def _with_dependencies(names: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = _normal(waiting.pop())
        if name in found:
            continue
        found.add(name)
        for requirement in map(Requirement, importlib.metadata.requires(name) or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _job_of_a_clip(port: int, path: Path, service: "subprocess.Popen[bytes]") -> dict[str, Any]:
    import cv2
    import numpy as np

    pattern = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    pattern = cv2.GaussianBlur(pattern, (0, 0), 3)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 64))
    for step in range(10):
        writer.write(np.roll(pattern, min(step, 10 - step), axis=1))
    writer.release()
    body = b""
    for name, content in (('clip"; filename="clip.avi', path.read_bytes()), ("detector", b"none")):
        head = f'--end\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    url = f"http://127.0.0.1:{port}/v1/clips"
    kind = {"Content-Type": "multipart/form-data; boundary=end"}
    deadline = time.monotonic() + 300
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert service.poll() is None and time.monotonic() < deadline, "it did not start"
            time.sleep(0.2)
    request = urllib.request.Request(url, body + b"--end--\r\n", kind)
    job = json.load(urllib.request.urlopen(request, timeout=60))
    while job["state"] not in {"done", "failed"} and time.monotonic() < deadline:
        time.sleep(0.2)
        job = json.load(urllib.request.urlopen(f"{url}/{job['id']}", timeout=60))
    return dict(job)
