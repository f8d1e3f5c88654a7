"""Carries out the instructions of a Dockerfile in root file systems, for one target."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from root_file_system import Stage, copy_tree, mount_system, unmount_below

_MOUNT = re.compile(r"^--mount=type=cache,target=(\S+)\s+")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Word and rest of each instruction; continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    for line in joined.splitlines():
        if line.strip():
            word, _, rest = " ".join(line.split()).partition(" ")
            yield word, rest


def stages_of(text: str) -> tuple[dict[str, str], dict[str, tuple[str, list[tuple[str, str]]]]]:
    """Arguments before the first FROM; and what each stage begins from, with its instructions."""
    outer: dict[str, str] = {}
    stages: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    steps: list[tuple[str, str]] = []
    for word, rest in instructions(text):
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            steps = []
            stages[name or "final"] = (base, steps)
        elif not stages and word == "ARG":
            name, _, default = rest.partition("=")
            outer[name] = default
        else:
            steps.append((word, rest))
    return outer, stages


class Build:
    """Builds stages as they are needed, as BuildKit does.

    Args:
        checkout: The context of the build, with the Dockerfile.
        base: A root file system in the place of the base image.
        work: Folder for the stages.
        given: Values of ARG.
        cache: Folder that outlives the build, for `RUN --mount=type=cache`.
    """

    def __init__(
        self, checkout: Path, base: Path, work: Path, given: dict[str, str], cache: Path
    ) -> None:
        _, self._stages = stages_of((checkout / "Dockerfile").read_text())
        self._checkout, self._base, self._work = checkout, base, work
        self._given, self._cache = given, cache
        self._built: dict[str, Stage] = {}

    def target(self, name: str | None = None) -> Stage:
        """A stage that is built; the last one where none is named."""
        name = name or list(self._stages)[-1]
        if name not in self._built:
            base, steps = self._stages[name]
            print(f"-- FROM {base} AS {name}", flush=True)
            root = self._work / name
            stage = (
                Stage(self._base).copied(root) if "{" in base else self.target(base).copied(root)
            )
            mount_system(root)
            self._built[name] = stage
            for word, rest in steps:
                print(f"-- {word} {rest}", flush=True)
                self._carry_out(stage, word, rest)
            unmount_below(root)
        return self._built[name]

    def _carry_out(self, stage: Stage, word: str, rest: str) -> None:
        if word == "ARG":
            name, _, default = rest.partition("=")
            if name in self._given or default:
                stage.arguments[name] = self._given.get(name, default)
        elif word == "ENV":
            for name, value in re.findall(r"(\w+)=(\S+)", rest):
                stage.environment[name] = value.replace("$PATH", stage.environment["PATH"])
        elif word == "WORKDIR":
            stage.folder = rest
            stage.inside(".").mkdir(parents=True, exist_ok=True)
        elif word == "USER":
            stage.user = rest
        elif word == "COPY":
            self._copy(stage, rest)
        elif word == "RUN":
            self._run(stage, rest)
        elif word in {"CMD", "ENTRYPOINT"}:
            setattr(stage, "command" if word == "CMD" else "entry", json.loads(rest))
        elif word == "HEALTHCHECK":
            stage.health = json.loads(rest[rest.index("[") :])
        elif word == "VOLUME":
            stage.volumes.append(rest)
        elif word != "EXPOSE":
            raise SystemExit(f"this script does not know the instruction {word}")

    def _run(self, stage: Stage, rest: str) -> None:
        found = _MOUNT.match(rest)
        if found is None:
            stage.run(["/bin/sh", "-c", rest])
            return
        goal = stage.inside(found[1])
        goal.mkdir(parents=True, exist_ok=True)
        self._cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", str(self._cache), str(goal)], check=True)
        try:
            stage.run(["/bin/sh", "-c", rest[found.end() :]])
        finally:
            subprocess.run(["umount", str(goal)], check=True)

    def _copy(self, stage: Stage, rest: str) -> None:
        words = rest.split()
        if words[0].startswith("--from="):
            origin = self.target(words.pop(0).removeprefix("--from=")).root
            for source in words[:-1]:
                copy_tree(origin / source.lstrip("/"), stage.inside(words[-1]))
            return
        *sources, target = words
        for source in sources:
            origin, goal = self._checkout / source, stage.inside(target)
            if origin.is_dir():
                ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
                shutil.copytree(origin, goal, dirs_exist_ok=True, ignore=ignore)
            else:
                whole = target.endswith("/") or len(sources) > 1
                shutil.copy2(origin, goal / origin.name if whole else goal)
