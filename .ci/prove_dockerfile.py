"""Carries out the Dockerfile's steps without an engine, and starts what the compose files say.

    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm BASE
    python3 .ci/prove_dockerfile.py BASE --target service --target toolkit --arg BACKEND=jax

Needs root and PyYAML. Each stage starts from a copy of BASE, a minimal Debian with Python 3.11 and
neither compiler nor pip packages, standing in for `python:3.11-slim-bookworm`. Every RUN runs in a
chroot. docs/containers.md says what was proved so, and what cannot be.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compose_steps import prove_cluster, prove_service
from dockerfile_steps import Build
from root_file_system import Stage, in_root, megabytes, mount_system, unmount_below

CHECKOUT = Path(__file__).resolve().parents[1]
COMPILERS = ("gcc", "cc", "g++", "clang", "make")
TOO_MUCH = ("pip", "setuptools", "tests", "pytest")


def main() -> None:
    """Builds every target, then proves what its image promises."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path)
    parser.add_argument("--target", action="append", choices=("service", "toolkit"), default=[])
    parser.add_argument("--arg", action="append", default=[], help="NAME=VALUE, as --build-arg")
    parser.add_argument("--cache", type=Path, help="pip's downloads, kept from proof to proof")
    options = parser.parse_args()
    given = dict(item.split("=", 1) for item in options.arg)
    with tempfile.TemporaryDirectory(prefix="prove-dockerfile-") as name:
        work = Path(name)
        build = Build(CHECKOUT, options.base, work, given, options.cache or work / "cache")
        try:
            for target in options.target or ["service", "toolkit"]:
                begun = time.monotonic()
                stage = build.target(target)
                print(f"== {target} was built in {time.monotonic() - begun:.0f} s", flush=True)
                report(stage, options.base)
                prove = prove_service if target == "service" else prove_cluster
                begun = time.monotonic()
                prove(CHECKOUT, stage, work / "containers" / target)
                print(f"== {target} was proved in {time.monotonic() - begun:.0f} s", flush=True)
        finally:
            unmount_below(work)
    print("every step ran")


def report(stage: Stage, base: Path) -> None:
    """Size and user; raises where the image holds what it should not."""
    whole, system = megabytes(stage.root), megabytes(base)
    print(f"file system: {whole} MB, of which {system} MB stand in for the base image")
    print(f"installed packages: {megabytes(stage.root / 'opt')} MB; user: {stage.user}")
    folders = ("usr/bin", "usr/local/bin", "opt/keras-ma2mi/bin")
    found = [
        name for name in COMPILERS for folder in folders if (stage.root / folder / name).exists()
    ]
    mount_system(stage.root)
    for package in TOO_MUCH:
        command = ["python", "-c", f"import {package}"]
        line = in_root(stage.root, stage.folder, stage.user, command)
        if not subprocess.call(line, env=stage.environment, stderr=subprocess.DEVNULL):
            found.append(package)
    unmount_below(stage.root)
    if found:
        raise SystemExit(f"the image holds {', '.join(found)}")
    if stage.user.partition(":")[0] in {"root", "0"}:
        raise SystemExit("the image runs as root")


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("this script mounts and changes root: run it as root")
    main()
