"""Carries out the Dockerfile's steps without a Docker engine, in fresh root file systems.

    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm BASE
    python3 .ci/prove_dockerfile.py BASE --arg EXTRAS=service

Needs root. Each stage starts from a copy of BASE, a minimal Debian with Python 3.11 and neither
compiler nor pip packages, standing in for `python:3.11-slim-bookworm`. COPY, ENV, ARG, WORKDIR and
USER are honoured, every RUN runs in a chroot; then the image's CMD is started and its HEALTHCHECK
run against it. What this cannot prove: the real base image, BuildKit's parsing, layer sizes, and
Docker's own networking and user namespaces.
"""

import argparse
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
COMPILERS = ("gcc", "cc", "g++", "clang", "make")


@dataclass
class Stage:
    """A root file system on its way to becoming an image."""

    root: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    )
    arguments: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "root"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def inside(self, path: str) -> Path:
        """A path of the image as a path of this machine."""
        return self.root / os.path.join(self.folder, path).lstrip("/")

    def start(self, command: list[str], quiet: bool = False) -> subprocess.Popen[bytes]:
        """Starts a command in the file system, as the stage's user."""
        # Pip's settings of this machine travel along, since its registry may be a mirror.
        outer = {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
        folder = f"cd {self.folder} && exec " + " ".join(map(_quote, command))
        shell = ["/bin/sh", "-c", folder]
        return subprocess.Popen(
            ["chroot", f"--userspec={self.user}", str(self.root), *shell],
            env={**outer, **self.environment, **self.arguments},
            start_new_session=True,
            stderr=subprocess.DEVNULL if quiet else None,
        )

    def run(self, command: list[str]) -> None:
        """Runs a command to its end; raises where it fails."""
        status = self.start(command).wait()
        if status:
            raise SystemExit(f"failed with status {status}: {' '.join(command)}")


def main() -> None:
    """Builds every stage, then proves what the image promises."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path)
    parser.add_argument("--arg", action="append", default=[], help="NAME=VALUE, as --build-arg")
    options = parser.parse_args()
    given = dict(item.split("=", 1) for item in options.arg)
    with tempfile.TemporaryDirectory(prefix="prove-dockerfile-") as folder:
        stages: dict[str, Stage] = {}
        try:
            stage = build(options.base, Path(folder), given, stages)
            report(stage)
            prove_service(stage)
        finally:
            for built in stages.values():
                unmount(built.root)
    print("every step ran")


def build(base: Path, folder: Path, given: dict[str, str], stages: dict[str, Stage]) -> Stage:
    """Carries out all instructions; returns the last stage."""
    stage: Stage | None = None
    for line in instructions((CHECKOUT / "Dockerfile").read_text()):
        print(f"-- {line}", flush=True)
        word, rest = line.split(None, 1)
        if word == "FROM":
            name = rest.split(" AS ")[-1] if " AS " in rest else "final"
            root = folder / name
            subprocess.run(["cp", "-a", str(base), str(root)], check=True)
            mount(root)
            stage = stages[name] = Stage(root)
            continue
        assert stage is not None, "the Dockerfile must begin with FROM"
        carry_out(stage, word, rest, given, stages)
    assert stage is not None
    return stage


def carry_out(
    stage: Stage, word: str, rest: str, given: dict[str, str], stages: dict[str, Stage]
) -> None:
    """Carries out one instruction."""
    if word == "ARG":
        name, _, default = rest.partition("=")
        stage.arguments[name] = given.get(name, default)
    elif word == "ENV":
        for name, value in re.findall(r"(\w+)=(\S+)", rest):
            stage.environment[name] = value.replace("$PATH", stage.environment["PATH"])
    elif word == "WORKDIR":
        stage.folder = rest
        stage.inside(".").mkdir(parents=True, exist_ok=True)
    elif word == "USER":
        stage.user = rest
    elif word == "COPY":
        copy(stage, rest, stages)
    elif word == "RUN":
        stage.run(["/bin/sh", "-c", rest])
    elif word == "CMD":
        stage.command = json.loads(rest)
    elif word == "HEALTHCHECK":
        stage.health = json.loads(rest[rest.index("[") :])
    elif word != "EXPOSE":
        raise SystemExit(f"this script does not know the instruction {word}")


def copy(stage: Stage, rest: str, stages: dict[str, Stage]) -> None:
    """COPY, from the checkout or from another stage."""
    words = rest.split()
    source_root = CHECKOUT
    if words[0].startswith("--from="):
        source_root = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    for source in sources:
        origin, goal = source_root / source.lstrip("/"), stage.inside(target)
        if origin.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(origin, goal, symlinks=True, dirs_exist_ok=True, ignore=ignore)
        else:
            goal = goal / origin.name if target.endswith("/") or len(sources) > 1 else goal
            shutil.copy2(origin, goal)


def instructions(text: str) -> Iterator[str]:
    """Instructions of a Dockerfile, continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    yield from (" ".join(line.split()) for line in joined.splitlines() if line.strip())


def mount(root: Path) -> None:
    """What a container runtime gives every container, and this machine's package settings."""
    for source, kind in (("proc", "proc"), ("/dev", None)):
        goal = root / ("proc" if kind else "dev")
        kind_option = ["-t", kind] if kind else ["--bind"]
        subprocess.run(["mount", *kind_option, source, str(goal)], check=True)
    for settings in ("/etc/resolv.conf", "/etc/pip.conf", "/etc/hosts"):
        if Path(settings).is_file():
            shutil.copy2(settings, root / settings.lstrip("/"))
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    if certificates.is_file():
        (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        shutil.copy2(certificates, root / "etc/ssl/certs/ca-certificates.crt")


def unmount(root: Path) -> None:
    """Lets go of what `mount` mounted, or deleting the folder would reach into this machine."""
    for name in ("proc", "dev"):
        subprocess.run(["umount", "--lazy", str(root / name)], check=False, capture_output=True)


def report(stage: Stage) -> None:
    """Size, user and absence of compilers."""
    size = subprocess.run(
        ["du", "-sm", "--one-file-system", str(stage.root / "opt")], capture_output=True, text=True
    ).stdout.split()[0]
    print(f"installed packages: {size} MB; user: {stage.user}")
    folders = ("usr/bin", "usr/local/bin", "opt/keras-ma2mi/bin")
    found = [
        name for name in COMPILERS for folder in folders if (stage.root / folder / name).exists()
    ]
    if found:
        raise SystemExit(f"the image holds a compiler: {', '.join(found)}")
    if stage.user == "root":
        raise SystemExit("the image runs as root")


def prove_service(stage: Stage) -> None:
    """Starts CMD as the image's user and waits for HEALTHCHECK to pass."""
    # It can be reached from elsewhere, and so does not start without a token.
    stage.environment["KERAS_MA2MI_TOKENS"] = secrets.token_urlsafe(32)
    service = stage.start(stage.command)
    try:
        deadline = time.monotonic() + 60
        while stage.start(stage.health, quiet=True).wait():
            if time.monotonic() > deadline or service.poll() is not None:
                raise SystemExit("the service did not become healthy")
            time.sleep(1)
        print("the service runs and its health check passes")
    finally:
        os.killpg(service.pid, signal.SIGTERM)
        service.wait(timeout=20)


def _quote(word: str) -> str:
    return "'" + word.replace("'", "'\"'\"'") + "'"


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("this script mounts and changes root: run it as root")
    main()
