"""Starts what a compose file says in root file systems, and asks it to do its work."""

import json
import os
import re
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml
from root_file_system import (
    Stage,
    in_root,
    mount_devices,
    mount_folder,
    mount_read_only,
    mount_tmpfs,
    unmount_below,
)

_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
_FORM_END = "end-of-a-part"


def compose_services(path: Path, environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services of a compose file, with variables filled in."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if environment.get(name):
            return environment[name]
        if kind == "?":
            raise SystemExit(f"{path.name} wants {name}: {rest}")
        return rest or ""

    def filled(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: filled(inner) for name, inner in part.items()}
        if isinstance(part, list):
            return [filled(inner) for inner in part]
        return _VARIABLE.sub(value, part) if isinstance(part, str) else part

    services: dict[str, dict[str, Any]] = filled(
        yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    )
    return services


class Container:
    """What a service of a compose file would run in, but for its network and its memory limit.

    Args:
        image: A built stage.
        service: The part of the compose file.
        work: Folder for the mounts.
        volumes: Folder in which each volume is a folder.
        hosts: Names that this container can look up.
    """

    def __init__(
        self,
        image: Stage,
        service: dict[str, Any],
        work: Path,
        volumes: Path,
        hosts: tuple[str, ...] = (),
    ) -> None:
        if not (service["read_only"] and service["cap_drop"] == ["ALL"]):
            raise SystemExit("a container may write to its image, or keeps rights of root")
        self.root, self._image, self._service = work, image, service
        names = "127.0.0.1 localhost " + " ".join(hosts)
        (image.root / "etc/hosts").write_text(names + "\n", encoding="utf-8")
        mount_read_only(image.root, work)
        for text in service["volumes"]:
            volume, _, goal = text.partition(":")
            mount_folder(volumes / volume, work / goal.lstrip("/"))
        for text in service["tmpfs"]:
            goal, _, options = text.partition(":")
            settings = dict(option.split("=") for option in options.split(","))
            mount_tmpfs(work / goal.lstrip("/"), settings["size"], settings["mode"])
        subprocess.run(["mount", "-t", "proc", "proc", str(work / "proc")], check=True)
        mount_devices(work / "dev")
        self.environment = {**image.environment, **service.get("environment", {})}

    def start(self, arguments: list[str] | None = None, **more: Any) -> subprocess.Popen[Any]:
        """Starts the command of the service, or its entry with other arguments."""
        entry = self._service.get("entrypoint", self._image.entry)
        command = self._service.get("command", self._image.command)
        line = [*entry, *(command if arguments is None else arguments)]
        return self.start_line(line, **more)

    def start_line(self, line: list[str], **more: Any) -> subprocess.Popen[Any]:
        """Starts any command with the rights that the service has."""
        bare = in_root(self.root, self._image.folder, self._image.user, line, bare=True)
        return subprocess.Popen(bare, env=self.environment, start_new_session=True, **more)

    def run(self, arguments: list[str]) -> str:
        """What the entry says with these arguments; raises where it fails."""
        process = self.start(arguments, stdout=subprocess.PIPE, text=True)
        try:
            said = process.communicate()[0]
        finally:
            _kill(process)
        if process.returncode:
            raise SystemExit(f"failed with status {process.returncode}: {arguments}\n{said}")
        return str(said)

    def refuse_writing(self) -> None:
        """Raises where the image can be written to."""
        for path in ("/opt/keras-ma2mi/x", "/usr/x", "/x"):
            process = self.start_line(["touch", path], stderr=subprocess.DEVNULL)
            if process.wait() == 0:
                raise SystemExit(f"a container could write {path}")


def stop(process: subprocess.Popen[Any]) -> float:
    """Ends a container as an engine does; seconds it took. Raises where it has to be killed."""
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        raise SystemExit("a container did not end on SIGTERM within 30 s") from error
    return time.monotonic() - begun


def wait_for(container: Container, health: list[str], process: subprocess.Popen[Any]) -> float:
    """Asks until a health check passes; seconds it took."""
    begun = time.monotonic()
    while container.start_line(health, stderr=subprocess.DEVNULL).wait():
        if time.monotonic() - begun > 300 or process.poll() is not None:
            raise SystemExit(f"did not become healthy: {health}")
        time.sleep(1)
    return time.monotonic() - begun


def prove_service(checkout: Path, image: Stage, work: Path) -> None:
    """Flow of two images, a clip whose job outlives a restart, and nothing without a token."""
    token = secrets.token_hex(24)
    (service,) = compose_services(checkout / "compose.yaml", {"KERAS_MA2MI_TOKENS": token}).values()
    address = "http://" + service["ports"][0].rpartition(":")[0]
    with ExitStack() as held:
        held.callback(unmount_below, work)
        container = Container(image, service, work / "view", work / "volumes")
        container.refuse_writing()
        images = _made_in(container)
        process = container.start()
        held.callback(_kill, process)
        print(f"healthy after {wait_for(container, image.health, process):.0f} s")
        parts = {"reference": images["one.png"], "moving": images["two.png"]}
        if _asked(f"{address}/v1/flow", parts)[0] != 401:
            raise SystemExit("the service answered without a token")
        status, flow = _asked(f"{address}/v1/flow", parts, token)
        if status != 200 or len(flow) < 1000:
            raise SystemExit(f"/v1/flow answered {status}")
        print(f"/v1/flow: 401 without a token, {len(flow)} bytes of flow with one")
        clip = {"clip": images["clip.avi"]}
        status, said = _asked(f"{address}/v1/clips", {**clip, "detector": b"none"}, token)
        if status != 202:
            raise SystemExit(f"/v1/clips answered {status}: {said.decode()}")
        print(f"stopped in {stop(process):.1f} s, with a job unfinished or just finished")
        process = container.start()
        held.callback(_kill, process)
        wait_for(container, image.health, process)
        _wait_for_job(f"{address}/v1/clips/{json.loads(said)['id']}", token)
        print(f"memory of all its processes at the end: {_resident_megabytes(process)} MB")
        stop(process)


def prove_cluster(checkout: Path, image: Stage, work: Path) -> None:
    """A scheduler and its workers preprocess rendered clips in a volume that all share."""
    services = compose_services(checkout / "compose.cluster.yaml", os.environ)
    with ExitStack() as held:
        held.callback(unmount_below, work)
        places: dict[str, Container] = {}
        for name in ("scheduler", "toolkit", *(f"worker-{n}" for n in (1, 2))):
            service = services[name.partition("-")[0]]
            places[name] = Container(image, service, work / name, work / "volumes", ("scheduler",))
        toolkit = places["toolkit"]
        toolkit.refuse_writing()
        print("keras-ma2mi", toolkit.run(["--version"]).strip())
        print(toolkit.run(["doctor"]))
        toolkit.run(["synthesize", "micro", "clips", "--subjects", "2", "--clips-per-subject", "2"])
        scheduler = places["scheduler"].start()
        held.callback(_kill, scheduler)
        health = services["scheduler"]["healthcheck"]["test"][1:]
        print(f"scheduler healthy after {wait_for(toolkit, health, scheduler):.0f} s")
        workers = [places[name].start() for name in ("worker-1", "worker-2")]
        for worker in workers:
            held.callback(_kill, worker)
        begun = time.monotonic()
        cluster = ["--cluster", "tcp://scheduler:8786"]
        said = toolkit.run(["preprocess", "clips/manifest.csv", "clips.store", *cluster])
        print(f"{said.strip()}\n(in {time.monotonic() - begun:.0f} s, by two workers)")
        print(toolkit.run(["store", "verify", "clips.store"]).strip())
        for process in (*workers, scheduler):
            stop(process)


def _made_in(container: Container) -> dict[str, bytes]:
    """Two images and a video of a moving pattern, made by the OpenCV of the image."""
    program = """
import cv2, numpy as np
pattern = np.random.default_rng(0).integers(0, 256, (128, 128, 3)).astype("uint8")
pattern = cv2.GaussianBlur(pattern, (0, 0), 3)
cv2.imwrite("/data/one.png", pattern)
cv2.imwrite("/data/two.png", np.roll(pattern, 1, axis=1))
writer = cv2.VideoWriter("/data/clip.avi", cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (128, 128))
for step in range(12):
    writer.write(np.roll(pattern, min(step, 12 - step), axis=1))
writer.release()
"""
    if container.start_line(["python", "-c", program]).wait():
        raise SystemExit("no images could be made in the container")
    folder = container.root / "data"
    return {name: (folder / name).read_bytes() for name in ("one.png", "two.png", "clip.avi")}


def _asked(url: str, parts: dict[str, bytes], token: str = "") -> tuple[int, bytes]:
    """Status and body of the answer to a form; files are told from words by their size."""
    body = b""
    for name, content in parts.items():
        file = '; filename="file"' if len(content) > 100 else ""
        head = f'--{_FORM_END}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    body += f"--{_FORM_END}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={_FORM_END}"}
    return _answer(urllib.request.Request(url, body if parts else None, headers), token)


def _answer(request: urllib.request.Request, token: str) -> tuple[int, bytes]:
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _wait_for_job(url: str, token: str) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < 300:
        job = json.loads(_answer(urllib.request.Request(url), token)[1])
        if job["state"] in {"done", "failed"}:
            print(f"after the restart the job is {job['state']}, {time.monotonic() - begun:.0f} s")
            if job["state"] == "failed":
                raise SystemExit(str(job))
            return
        time.sleep(1)
    raise SystemExit(f"the job did not end: {job}")


def _resident_megabytes(process: subprocess.Popen[Any]) -> int:
    """Memory of a session, shared pages counted once for each process."""
    command = ["ps", "-o", "rss=", "--sid", str(process.pid)]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.split()
    return sum(map(int, lines)) // 1024


def _kill(process: subprocess.Popen[Any]) -> None:
    """Leaves nothing behind, whatever went wrong."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
