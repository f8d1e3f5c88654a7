"""The history of a training that can be cut off: on disk, one line an epoch."""

import json
from collections.abc import Callable
from pathlib import Path

import keras
import pandas as pd

from ma2mi_preprocessing.atomic_files import atomic_path

OnEpoch = Callable[[int, dict[str, float]], None]


class EpochHistory(keras.callbacks.Callback):
    """Keeps the history on disk, so that a resumed training has all of it.

    Args:
        path: The file of lines.
        on_start: Told at which epoch, from 0, the training starts or goes on.
        on_epoch: Told of each epoch from 0, those of earlier calls among them, with its figures.
    """

    def __init__(self, path: Path, on_start: Callable[[int], None], on_epoch: OnEpoch) -> None:
        super().__init__()
        self.path, self.on_start, self.on_epoch = path, on_start, on_epoch
        self.started = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self.started:
            return
        self.started = True
        self.on_start(epoch)
        # An epoch that was cut off after its line is done again.
        lines = self._lines()[:epoch]
        with atomic_path(self.path) as partial:
            partial.write_text("".join(lines), encoding="utf-8")
        for done, line in enumerate(lines):
            self.on_epoch(done, json.loads(line))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        row = {"epoch": epoch + 1, **{name: float(value) for name, value in (logs or {}).items()}}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        self.on_epoch(epoch, row)

    def table(self) -> pd.DataFrame:
        """One row an epoch."""
        return pd.DataFrame([json.loads(line) for line in self._lines()])

    def _lines(self) -> list[str]:
        if not self.path.is_file():
            return []
        return self.path.read_text(encoding="utf-8").splitlines(keepends=True)
