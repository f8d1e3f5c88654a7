"""Predictions in one file: figures are made again, and gone on with, where nothing was fitted."""

import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.benchmarks.machine import machine_facts
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.synthesis.clip_folder import RENDERER_VERSION
from ma2mi_recipes.run_directory import provenance

ARCHIVE_VERSION = 1
_ABOUT = "about.json"
# Folder of a benchmark, folder of a condition, file: nothing that could lead out of a folder.
_MEMBER = re.compile(r"(cells|pretrained|probes|shifts)/[a-z0-9_-]+/[a-z0-9_.-]+\.(csv|json)")
# The same content gives the same bytes, whenever it is written.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class PredictionArchive:
    """A zip file of what the figures of a benchmark are made from; networks are not in it.

    It holds tables and facts under the names that they have in the folder of the benchmark, and
    `about.json`: version of the archive and of the renderer, and the calls that added something
    (`date`, `machine`, `versions`, `files`).

    Attributes:
        path: The file, which need not exist yet.
    """

    path: Path

    def calls(self) -> list[dict[str, Any]]:
        """Who added something, oldest first; see above."""
        return list(self._about()["calls"]) if self.path.exists() else []

    def unpack(self, out: Path) -> int:
        """Writes what `out` lacks, each file whole or not at all.

        Args:
            out: The folder of a benchmark.

        Returns:
            How many files were written.

        Raises:
            InputError: Where the file is no such archive, or of another version of it or of the
                renderer.
        """
        if not self.path.exists():
            return 0
        self._about()
        written = 0
        for name, content in self._members().items():
            if not (out / name).exists():
                with atomic_path(out / name) as partial:
                    partial.write_bytes(content)
                written += 1
        return written

    def add(self, out: Path, files: Iterable[Path]) -> int:
        """Adds files of a benchmark's folder; the archive appears whole, or stays as it was.

        Args:
            out: The folder.
            files: In it. Of those that mark something as finished, what belongs to it comes
                before, so that `unpack` can be cut off.

        Returns:
            How many files were new.

        Raises:
            InputError: As `unpack` does.
        """
        about = self._about() if self.path.exists() else _new_about()
        members = self._members() if self.path.exists() else {}
        found = {path.relative_to(out).as_posix(): path for path in files}
        new = {name: path.read_bytes() for name, path in found.items() if name not in members}
        if not new:
            return 0
        about["calls"].append(_this_call(len(new)))
        _write(self.path, {_ABOUT: _json(about), **members, **new})
        return len(new)

    def _about(self) -> dict[str, Any]:
        try:
            with zipfile.ZipFile(self.path) as opened:
                about: dict[str, Any] = json.loads(opened.read(_ABOUT))
        except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
            raise InputError(
                f"{self.path} is no archive of predictions ({error}); name one that "
                "`benchmark --predictions` wrote, or a new file"
            ) from error
        wanted = {"archive": ARCHIVE_VERSION, "renderer": RENDERER_VERSION}
        other = [f"{name} {about.get(name)}" for name in wanted if about.get(name) != wanted[name]]
        if other:
            raise InputError(
                f"{self.path} was written with {' and '.join(other)}, and this release has "
                f"{', '.join(f'{name} {number}' for name, number in wanted.items())}; its "
                "predictions are of other clips or in another form, so begin a new file"
            )
        return about

    def _members(self) -> dict[str, bytes]:
        with zipfile.ZipFile(self.path) as opened:
            names = [name for name in opened.namelist() if name != _ABOUT]
            strange = [name for name in names if not _MEMBER.fullmatch(name)]
            if strange:
                raise InputError(
                    f"{self.path} holds {strange[0]}, which is no file of a benchmark; it was not "
                    "written by `benchmark ma2mi --predictions`"
                )
            return {name: opened.read(name) for name in names}


def _new_about() -> dict[str, Any]:
    return {"archive": ARCHIVE_VERSION, "renderer": RENDERER_VERSION, "calls": []}


def _this_call(files: int) -> dict[str, Any]:
    machine = machine_facts()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {name: machine[name] for name in ("cpu", "cpus", "system")},
        "versions": provenance()["versions"],
        "files": files,
    }


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


def _write(path: Path, members: Mapping[str, bytes]) -> None:
    with atomic_path(path) as partial, zipfile.ZipFile(partial, "w") as opened:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
