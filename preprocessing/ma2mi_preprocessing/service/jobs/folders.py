"""Where the files of jobs lie; no name in a path ever comes from a request."""

import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from ...atomic_files import flush_folder

SOURCE = "source"
RESULTS = "results"

_IDENTIFIER = re.compile(r"[0-9a-f]{32}")
_ATTEMPT = "attempt-"


class JobFolders:
    """One folder a job: what was uploaded, what an attempt writes, and the results.

    Parameters
    ----------
    root : Path
        Made where it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def create(self) -> tuple[str, Path]:
        """A new job's name, which nobody can guess, and its empty folder."""
        identifier = secrets.token_hex(16)
        folder = self._root / identifier
        folder.mkdir(mode=0o700)
        return identifier, folder

    def folder(self, identifier: str) -> Path:
        """The folder of a job.

        Raises
        ------
        KeyError
            What was given is no name of a job.
        """
        if not _IDENTIFIER.fullmatch(identifier):
            raise KeyError(identifier)
        return self._root / identifier

    def source(self, identifier: str) -> Path:
        """What was uploaded: a file, or a folder of frames."""
        found = [path for path in self.folder(identifier).iterdir() if path.name.startswith(SOURCE)]
        if len(found) != 1:
            raise FileNotFoundError(f"job {identifier} has {len(found)} sources")
        return found[0]

    def results(self, identifier: str) -> Path:
        """Where the results lie; the folder is there only when all of them are."""
        return self.folder(identifier) / RESULTS

    def begin_attempt(self, identifier: str, attempt: int) -> Path:
        """An empty folder for what an attempt writes; what earlier ones left is removed."""
        folder = self.folder(identifier)
        for left in folder.glob(f"{_ATTEMPT}*"):
            shutil.rmtree(left, ignore_errors=True)
        new = folder / f"{_ATTEMPT}{attempt}"
        new.mkdir(mode=0o700)
        return new

    def publish(self, identifier: str, attempt: Path) -> None:
        """Make what an attempt wrote the results; where there are some, they stay.

        Raises
        ------
        FileNotFoundError
            The job was removed meanwhile.
        """
        results = self.results(identifier)
        if results.is_dir():
            shutil.rmtree(attempt, ignore_errors=True)
            return
        attempt.rename(results)
        flush_folder(results.parent)

    def remove(self, identifier: str) -> None:
        """Delete all files of a job, as far as there are any."""
        shutil.rmtree(self.folder(identifier), ignore_errors=True)

    def drop_source(self, identifier: str) -> None:
        """Delete what was uploaded; the results stay."""
        with suppress(FileNotFoundError, NotADirectoryError):
            source = self.source(identifier)
            if source.is_dir():
                shutil.rmtree(source, ignore_errors=True)
            else:
                source.unlink(missing_ok=True)

    def identifiers(self) -> set[str]:
        """Jobs that have a folder."""
        return {path.name for path in self._root.iterdir() if _IDENTIFIER.fullmatch(path.name)}

    def used_bytes(self) -> int:
        """What all files take, as far as they are not being deleted."""
        total = 0
        # Unlike a search for files, this passes over folders that are gone meanwhile.
        for folder, _, names in os.walk(self._root):
            for name in names:
                with suppress(FileNotFoundError):
                    total += os.stat(os.path.join(folder, name)).st_size
        return total
