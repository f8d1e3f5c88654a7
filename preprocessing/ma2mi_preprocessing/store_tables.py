"""The tables beside the clips of a store: what is in it, what is not and why, and the options."""

import dataclasses
import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .datasets.clip import COLUMNS, Clip
from .datasets.manifest import manifest_table
from .errors import InputError
from .options import PreprocessOptions
from .store_checksums import GROUP_FILE
from .store_format import (
    CLIPS_FOLDER,
    MANIFEST_FILE,
    OPTIONS_FILE,
    REJECTED_FILE,
    RUN_FILE,
    is_partial,
    options_hash,
)
from .store_location import finished_file, is_remote, read_files, whole_remote_folders
from .versions import recorded_versions

REJECTED_COLUMNS = ("clip_id", "stage", "reason", "key")

# Types are given, because those that pandas infers depend on which clips are in the table.
_FIGURES: dict[str, Any] = {
    "frames": "Int64",
    "pairs": "Int64",
    "first_frame": "Int64",
    "frames_dropped": "Int64",
    "alignment": "string",
    "face_score": "float64",
    "sharpness": "float64",
    "fps_source": "string",
    "key": "string",
    "options_hash": "string",
}
_FILES_AT_ONCE = 1000
_PACKAGES = ("keras-ma2mi", "numpy", "numba", "opencv-contrib-python-headless", "zarr")


@dataclass(frozen=True)
class Rejection:
    """A clip that is not in the store.

    Attributes
    ----------
    clip_id : str
    stage : str
        Where it ended: "manifest", "read", "face", "flow", "write" or "worker".
    reason : str
        One line that a person understands.
    key : str
        Key of the clip when it was tried; empty where that could not even be computed.
    """

    clip_id: str
    stage: str
    reason: str
    key: str = ""


def scan_clips(store: Path, hash_of_options: str, known: pd.DataFrame | None) -> pd.DataFrame:
    """Table of the clips that a store holds, from the clips themselves.

    Parameters
    ----------
    store : Path
    hash_of_options : str
        Clips made with other options are left out: a run with new options replaces them.
    known : pandas.DataFrame or None
        An earlier table, whose rows are taken over for folders that are still there.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, `folder`, and figures about each clip; sorted by `clip_id`.
    """
    folders = clip_folders(store)
    old = pd.DataFrame() if known is None else known[known["folder"].isin(folders)]
    taken_over = set() if known is None else set(old["folder"])
    rows = _read_rows(store, sorted(folders - taken_over))
    table = pd.concat([old, _table(rows)], ignore_index=True) if len(old) else _table(rows)
    table = table[table["options_hash"] == hash_of_options]
    # A run cut off between writing a clip and removing its predecessor leaves both.
    twice = table["clip_id"].duplicated(keep=False)
    age = [
        _age(store, name) if again else 0.0
        for name, again in zip(table["folder"], twice, strict=True)
    ]
    table = table.assign(_age=age).sort_values(["clip_id", "_age"])
    table = table.drop_duplicates("clip_id", keep="last")
    table = table.drop(columns="_age").reset_index(drop=True)
    return table.astype(_table([]).dtypes.to_dict())


def clip_folders(store: Path) -> set[str]:
    """Names of the folders of all whole clips."""
    if is_remote(store):
        return whole_remote_folders(store / CLIPS_FOLDER)
    try:
        entries = os.scandir(store / CLIPS_FOLDER)
    except FileNotFoundError:
        return set()
    names = {entry.name for entry in entries}
    return {name for name in names if not (name.startswith(".") or is_partial(name))} - {GROUP_FILE}


def read_attributes(store: Path, folder: str) -> dict[str, Any]:
    """Attributes of a clip, read without opening its arrays.

    Raises
    ------
    InputError
        The clip is damaged.
    """
    try:
        return _attributes_in((store / CLIPS_FOLDER / folder / GROUP_FILE).read_bytes())
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(
            f"{CLIPS_FOLDER}/{folder} in {store} is damaged; keras-ma2mi store verify {store} "
            "--remove-damaged removes it, and preprocess makes it again"
        ) from error


def _read_rows(store: Path, folders: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for start in range(0, len(folders), _FILES_AT_ONCE):
        names = folders[start : start + _FILES_AT_ONCE]
        if is_remote(store):
            texts = read_files([store / CLIPS_FOLDER / name / GROUP_FILE for name in names])
            found = [_attributes_in(text) for text in texts]
        else:
            found = [read_attributes(store, name) for name in names]
        rows += [row | {"folder": name} for row, name in zip(found, names, strict=True)]
    return rows


def _attributes_in(text: bytes) -> dict[str, Any]:
    return dict(json.loads(text)["attributes"])


def clip_of(attributes: dict[str, Any]) -> Clip:
    """The manifest row that a stored clip was made from."""
    row = dict(attributes["clip"])
    return Clip(**(row | {"source": Path(row["source"])}))


def write_manifest_table(store: Path, table: pd.DataFrame) -> None:
    """Write the table of clips, whole or not at all."""
    with finished_file(store / MANIFEST_FILE) as temporary:
        table.to_parquet(temporary, index=False)


def read_manifest_table(store: Path) -> pd.DataFrame | None:
    """The table that the last run has written; None where there is none that can be read."""
    try:
        table = pd.read_parquet(io.BytesIO((store / MANIFEST_FILE).read_bytes()))
    except (OSError, ValueError):
        return None
    return table if {*COLUMNS, *_FIGURES, "folder"} <= set(table.columns) else None


def write_rejections(store: Path, rejections: Sequence[Rejection]) -> None:
    """Write `rejected.csv`, also where nothing was rejected: an empty table says so."""
    records = [dataclasses.asdict(rejection) for rejection in rejections]
    table = pd.DataFrame.from_records(records, columns=list(REJECTED_COLUMNS))
    with finished_file(store / REJECTED_FILE) as temporary:
        table.to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")


def read_rejections(store: Path) -> pd.DataFrame:
    """`rejected.csv` as text; without rows where there is none."""
    try:
        content = io.BytesIO((store / REJECTED_FILE).read_bytes())
        return pd.read_csv(content, dtype=str, keep_default_na=False)
    except (OSError, ValueError):
        return pd.DataFrame(columns=list(REJECTED_COLUMNS), dtype=str)


def write_options(store: Path, options: PreprocessOptions) -> None:
    """Write `options.json`: the options, their hash, and the versions that were used."""
    content = {
        "options": dataclasses.asdict(options),
        "options_hash": options_hash(options),
        "versions": recorded_versions(_PACKAGES),
    }
    with finished_file(store / OPTIONS_FILE) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_options(store: Path) -> dict[str, Any] | None:
    """Content of `options.json`, None where it is missing or unreadable."""
    try:
        content = json.loads((store / OPTIONS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and "options_hash" in content else None


def write_run(store: Path, clips_in: int, rejected: int) -> None:
    """Write `run.json`, the account of a run that came to its end."""
    with finished_file(store / RUN_FILE) as temporary:
        content = {"clips_in": clips_in, "rejected": rejected}
        temporary.write_text(json.dumps(content) + "\n", encoding="utf-8")


def forget_run(store: Path) -> None:
    """Take the account of the last run away when the next begins, which may not come to its end."""
    (store / RUN_FILE).unlink(missing_ok=True)


def read_run(store: Path) -> dict[str, int] | None:
    """The account of the last run; None where it did not end, or is of an older version."""
    try:
        content = json.loads((store / RUN_FILE).read_text(encoding="utf-8"))
        return {name: int(content[name]) for name in ("clips_in", "rejected")}
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _table(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    rows = list(rows)
    table = manifest_table(clip_of(row) for row in rows)
    table["folder"] = pd.array([row["folder"] for row in rows], dtype="string")
    for name in _FIGURES:
        table[name] = [row.get(name) for row in rows]
    return table.astype(_FIGURES)


def _age(store: Path, folder: str) -> float:
    path = store / CLIPS_FOLDER / folder
    if is_remote(path):
        remote: Any = path / GROUP_FILE
        return float(remote.fs.modified(remote.path).timestamp())
    return path.stat().st_mtime_ns
