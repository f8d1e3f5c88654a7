"""How processes that fit folds tell the one that waits for them about their epochs.

Each appends lines to a file of its own. A queue between processes would be locked for good by one
that is killed while it writes, and does not reach other machines.
"""

import json
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from ma2mi_recipes.fine_tuning.events import EpochEnd

_SUFFIX = ".epochs"
_LOOK_SECONDS = 0.5


class EpochReporter:
    """Writes the epochs of this process."""

    def __init__(self, folder: Path) -> None:
        name = f"{socket.gethostname()}-{os.getpid()}{_SUFFIX}"
        self._path = folder / name

    def on_epoch(self, end: EpochEnd) -> None:
        """Tells of an epoch."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(end)) + "\n")


class EpochReader:
    """Hands on what processes tell; an epoch that is done again after a death is told once."""

    def __init__(self, folder: Path, on_epoch: Callable[[EpochEnd], None]) -> None:
        self._folder, self._on_epoch = folder, on_epoch
        self._read: Counter[Path] = Counter()
        self._steps: Counter[tuple[Path, int, str]] = Counter()
        self._told: Counter[tuple[int, str]] = Counter()

    def look(self) -> None:
        """Reads what is new."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            with path.open("rb") as file:
                file.seek(self._read[path])
                # A line that is being written has no end yet, and is read the next time.
                whole = file.read().rpartition(b"\n")
            self._read[path] += len(whole[0]) + len(whole[1])
            for line in whole[0].splitlines():
                self._tell(path, EpochEnd(**json.loads(line)))

    def _tell(self, path: Path, end: EpochEnd) -> None:
        self._steps[path, end.seed, end.fold] += end.steps
        new = self._steps[path, end.seed, end.fold] - self._told[end.seed, end.fold]
        if new > 0:
            self._told[end.seed, end.fold] += new
            self._on_epoch(replace(end, steps=new))


@contextmanager
def epochs_told(folder: Path, on_epoch: Callable[[EpochEnd], None]) -> Iterator[None]:
    """Tells `on_epoch` what processes report, from a thread, until the block ends."""
    reader, over = EpochReader(folder, on_epoch), threading.Event()

    def follow() -> None:
        while not over.wait(_LOOK_SECONDS):
            reader.look()

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    reader.look()
