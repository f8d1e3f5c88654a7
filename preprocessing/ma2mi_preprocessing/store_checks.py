"""Looking for damage in a clip store, and for what does not belong there."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from .clip_checks import damage_of
from .errors import InputError
from .store import ClipStore
from .store_checksums import CHECKSUMS
from .store_format import (
    CLIPS_FOLDER,
    MANIFEST_FILE,
    OPTIONS_FILE,
    REJECTED_FILE,
    SHEETS_FOLDER,
    folder_name,
    is_partial,
    sheet_of_folder,
)
from .store_lock import run_lock, running
from .store_tables import (
    REJECTED_COLUMNS,
    Rejection,
    clip_folders,
    read_attributes,
    read_manifest_table,
    read_options,
    read_rejections,
    read_run,
)
from .store_writer import partial_paths, remove_clip, remove_partial

_SAME = ("frames", "pairs", "key")
_AGAIN = "run preprocess again"
_REMOVE = "remove it with store verify --remove-damaged, then run preprocess again"
_REWRITE = "store verify --remove-damaged writes the table anew"
_CLEAN = "store verify --remove-damaged removes it"


@dataclass(frozen=True)
class StoreProblem:
    """Something that is wrong with a store.

    Attributes
    ----------
    where : str
        A clip, or a file or folder below the store.
    what : str
        What is wrong.
    remedy : str
        What to do.
    removable : Path or None
        File or folder that `remove_damaged` takes away.
    """

    where: str
    what: str
    remedy: str
    removable: Path | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


@dataclass
class StoreReport:
    """What `verify_store` found.

    Attributes
    ----------
    clips : int
        Clips looked at.
    without_checksums : int
        How many of them an older version has written without checksums; their arrays were
        decoded instead.
    problems : list of StoreProblem
        Empty where all is well.
    """

    clips: int = 0
    without_checksums: int = 0
    problems: list[StoreProblem] = field(default_factory=list)


def verify_store(path: str | Path, on_clip: Callable[[int], None] | None = None) -> StoreReport:
    """Compare every file of a store with its checksum, and the tables with the clips.

    Nothing is changed.

    Parameters
    ----------
    path : str or Path
    on_clip : callable, optional
        Called after each clip with the number of all clips.

    Raises
    ------
    InputError
        Not a store, or a run writes to it now.
    """
    store = ClipStore(path)
    busy = running(store.path)
    if busy:
        raise InputError(busy)
    report = StoreReport()
    found: dict[str, dict[str, Any]] = {}
    names = sorted(clip_folders(store.path))
    for name in names:
        report.clips += 1
        attributes = _check_clip(store.path, name, report)
        if attributes is not None:
            found[name] = attributes
        if on_clip is not None:
            on_clip(len(names))
    report.problems += _check_tables(store.path, found)
    report.problems += _check_versions(store.path, found)
    report.problems += _check_leftovers(store.path)
    return report


def remove_damaged(path: str | Path, report: StoreReport) -> int:
    """Remove what a report calls removable, and bring `manifest.parquet` up to date.

    Returns
    -------
    int
        Number of clips and files removed; the next `preprocess` makes the clips again.

    Raises
    ------
    InputError
        A run writes to the store, or it cannot be written to.
    """
    store = ClipStore(path)
    doomed = [problem.removable for problem in report.problems if problem.removable is not None]
    with run_lock(store.path):
        for each in doomed:
            if each.parent.name == CLIPS_FOLDER:
                remove_clip(store.path, each.name)
            else:
                each.unlink(missing_ok=True)
        remove_partial(store.path)
        for path_of_sheet in _sheets_without_clip(store.path):
            path_of_sheet.unlink()
        if read_options(store.path) is not None:
            rows = read_rejections(store.path).to_dict("records")
            store.write_tables([Rejection(**{str(k): v for k, v in row.items()}) for row in rows])
    return len(set(doomed))


def _check_clip(store: Path, name: str, report: StoreReport) -> dict[str, Any] | None:
    folder = store / CLIPS_FOLDER / name
    try:
        attributes = read_attributes(store, name)
        clip_id = _clip_id(attributes)
        key = str(attributes["key"])
    except (OSError, ValueError, LookupError, TypeError):
        report.problems.append(
            StoreProblem(f"{CLIPS_FOLDER}/{name}", "has no readable zarr.json", _REMOVE, folder)
        )
        return None
    damage = [] if folder_name(clip_id, key) == name else ["its folder has another clip's name"]
    damage += damage_of(folder, attributes)
    report.without_checksums += CHECKSUMS not in attributes
    if damage:
        report.problems.append(StoreProblem(clip_id, ", ".join(damage), _REMOVE, folder))
    return attributes


def _check_tables(store: Path, found: dict[str, dict[str, Any]]) -> list[StoreProblem]:
    problems = []
    if read_options(store) is None:
        problems.append(StoreProblem(OPTIONS_FILE, "is missing or unreadable", _AGAIN))
    table = read_manifest_table(store)
    if table is None:
        problems.append(StoreProblem(MANIFEST_FILE, "is missing or unreadable", _AGAIN))
    else:
        problems += _check_manifest(store, table, found)
    rejected = read_rejections(store)
    if not (store / REJECTED_FILE).exists() or tuple(rejected.columns) != REJECTED_COLUMNS:
        problems.append(StoreProblem(REJECTED_FILE, "is missing or unreadable", _AGAIN))
    else:
        problems += _check_counts(store, rejected, found)
    return problems


def _check_manifest(
    store: Path, table: pd.DataFrame, found: dict[str, dict[str, Any]]
) -> list[StoreProblem]:
    problems = []
    folders = clip_folders(store)
    for row in table.to_dict("records"):
        name, clip_id = str(row["folder"]), str(row["clip_id"])
        attributes = found.get(name)
        if name not in folders:
            problems.append(StoreProblem(clip_id, f"is in {MANIFEST_FILE}, not in clips/", _AGAIN))
        elif attributes and any(row[each] != attributes.get(each) for each in _SAME):
            what = f"differs from its row in {MANIFEST_FILE}"
            problems.append(StoreProblem(clip_id, what, _REWRITE, store / MANIFEST_FILE))
    listed = {str(name) for name in table["clip_id"]}
    return problems + [
        StoreProblem(clip_id, f"is not in {MANIFEST_FILE}", _AGAIN)
        for clip_id in sorted({_clip_id(attributes) for attributes in found.values()} - listed)
    ]


def _check_counts(
    store: Path, rejected: pd.DataFrame, found: dict[str, dict[str, Any]]
) -> list[StoreProblem]:
    problems = []
    stored = {_clip_id(attributes) for attributes in found.values()}
    for clip_id in sorted(stored & set(rejected["clip_id"])):
        problems.append(
            StoreProblem(
                clip_id,
                "is stored and rejected: its source could not be read in the last run",
                f"restore the source and {_AGAIN}",
            )
        )
    account = read_run(store)
    if account is None:
        if any(CHECKSUMS in attributes for attributes in found.values()) or not found:
            problems.append(StoreProblem("last run", "did not come to its end", _AGAIN))
        return problems
    if len(rejected) != account["rejected"]:
        what = f"has {len(rejected)} rows, the last run rejected {account['rejected']} clips"
        problems.append(StoreProblem(REJECTED_FILE, what, _AGAIN))
    lost = account["clips_in"] - account["rejected"] - len(stored)
    if lost > 0:
        what = f"{lost} clips of the last run are neither stored nor rejected"
        problems.append(StoreProblem("counts", what, _AGAIN))
    return problems


def _check_versions(store: Path, found: dict[str, dict[str, Any]]) -> list[StoreProblem]:
    options = read_options(store)
    times = Counter(_clip_id(attributes) for attributes in found.values())
    problems = [
        StoreProblem(clip_id, f"is stored in {count} versions, of which the newest counts", _AGAIN)
        for clip_id, count in sorted(times.items())
        if count > 1
    ]
    return problems + [
        StoreProblem(
            _clip_id(attributes),
            "was made with other options than those in options.json, and is not listed",
            _AGAIN,
        )
        for attributes in found.values()
        if options is not None and attributes.get("options_hash") != options["options_hash"]
    ]


def _check_leftovers(store: Path) -> list[StoreProblem]:
    problems = [
        StoreProblem(path.relative_to(store).as_posix(), "was never finished", _CLEAN, path)
        for path in partial_paths(store)
    ]
    for path in _sheets_without_clip(store):
        where = path.relative_to(store).as_posix()
        problems.append(StoreProblem(where, "is the picture of no clip here", _CLEAN, path))
    return problems


def _sheets_without_clip(store: Path) -> list[Path]:
    folder = store / SHEETS_FOLDER
    if not folder.is_dir():
        return []
    kept = {sheet_of_folder(store, name) for name in clip_folders(store)}
    return [
        path for path in sorted(folder.iterdir()) if path not in kept and not is_partial(path.name)
    ]


def _clip_id(attributes: dict[str, Any]) -> str:
    return str(attributes["clip"]["clip_id"])
