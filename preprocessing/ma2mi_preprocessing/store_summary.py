"""What is in a clip store, in figures."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .store import ClipStore
from .store_checksums import CHECKSUMS
from .store_format import CLIPS_FOLDER, SHEETS_FOLDER, STORE_VERSION
from .store_lock import running
from .store_tables import read_attributes, read_options, read_run


@dataclass(frozen=True)
class StoreSummary:
    """Figures about a store; all of them are what JSON can hold.

    Attributes
    ----------
    path : str
    store_version : int
    clips, subjects, frames, pairs, frames_dropped : int
    duration_seconds : float
        Of all stored frames.
    classes, datasets, alignment, fps_sources : dict of str to int
        Clips of each; "" for clips without a label or dataset.
    fps : dict of str to int
        Clips of each frame rate, rounded to a hundredth.
    rejected : dict of str to int
        Clips of each stage at which they fell out.
    clips_with_notes : int
        Clips about which the run had something to say.
    without_checksums : int
    bytes_clips, bytes_sheets : int
        Sizes of the files.
    options, versions : dict
        As in options.json.
    finished : bool
        Whether the last run came to its end.
    running : str or None
        Who writes to the store now.
    """

    path: str
    store_version: int
    clips: int
    subjects: int
    frames: int
    pairs: int
    frames_dropped: int
    duration_seconds: float
    classes: dict[str, int]
    datasets: dict[str, int]
    alignment: dict[str, int]
    fps_sources: dict[str, int]
    fps: dict[str, int]
    rejected: dict[str, int]
    clips_with_notes: int
    without_checksums: int
    bytes_clips: int
    bytes_sheets: int
    options: dict[str, Any]
    versions: dict[str, str]
    finished: bool
    running: str | None


def summarise_store(path: str | Path) -> StoreSummary:
    """Count what a store holds, from its tables and the attributes of its clips.

    Raises
    ------
    InputError
        Not a store, or without options.json.
    """
    store = ClipStore(path)
    table = store.manifest
    attributes = [read_attributes(store.path, str(name)) for name in table["folder"]]
    rates = [float(each["fps"]) for each in attributes]
    content = read_options(store.path) or {}
    lengths = zip(attributes, rates, strict=True)
    return StoreSummary(
        path=str(store.path),
        store_version=STORE_VERSION,
        clips=len(table),
        subjects=int(table["subject"].replace("", pd.NA).nunique()),
        frames=int(table["frames"].sum()),
        pairs=int(table["pairs"].sum()),
        frames_dropped=int(table["frames_dropped"].fillna(0).sum()),
        duration_seconds=round(sum(each["frames"] / fps for each, fps in lengths), 2),
        classes=_counts(table["label"]),
        datasets=_counts(table["dataset"]),
        alignment=_counts(table["alignment"]),
        fps_sources=_counts(table["fps_source"]),
        fps=_counts(pd.Series([f"{fps:.2f}" for fps in rates], dtype="string")),
        rejected=_counts(store.rejected["stage"]),
        clips_with_notes=sum(bool(each.get("notes")) for each in attributes),
        without_checksums=sum(CHECKSUMS not in each for each in attributes),
        bytes_clips=_size(store.path / CLIPS_FOLDER),
        bytes_sheets=_size(store.path / SHEETS_FOLDER),
        options=store.options,
        versions=dict(content.get("versions", {})),
        finished=read_run(store.path) is not None,
        running=running(store.path),
    )


def _counts(column: "pd.Series[Any]") -> dict[str, int]:
    counts = Counter("" if value is None or value is pd.NA else str(value) for value in column)
    return dict(sorted(counts.items()))


def _size(folder: Path) -> int:
    if not folder.is_dir():
        return 0
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
