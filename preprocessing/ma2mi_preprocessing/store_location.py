"""Where a store lies: a folder, or a URL that fsspec knows; the rest of the code sees a path."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, cast

from .atomic_files import atomic_path
from .errors import InputError
from .store_checksums import GROUP_FILE

if TYPE_CHECKING:
    from zarr.abc.store import Store

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.*)", re.DOTALL)


def store_path(location: str | Path) -> Path:
    """A folder as `Path`, a URL as the `UPath` that has the same methods.

    Parameters
    ----------
    location : str or Path
        Folder, or URL such as ``s3://bucket/store``, ``gs://...``, ``file:///...``, or
        ``memory://store`` within one process. A URL survives having been made a `Path`.

    Raises
    ------
    InputError
        No file system for such URLs is installed.
    """
    if not isinstance(location, (str, PurePath)):
        return location
    match = _URL.fullmatch(str(location))
    if match is None:
        return Path(location)
    scheme, rest = match.groups()
    if scheme in ("file", "local"):
        return Path("/" + rest)
    return _remote_path(scheme, f"{scheme}://{rest}")


def is_remote(path: Path) -> bool:
    """Whether a path from `store_path` is not one of this machine's file system."""
    return not isinstance(path, PurePath)


@contextmanager
def finished_file(path: Path) -> Iterator[Path]:
    """Give a temporary file that becomes `path` once the block has succeeded."""
    if not is_remote(path):
        with atomic_path(path) as temporary:
            yield temporary
        return
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder) / path.name
        yield temporary
        with remote_errors(path):
            path.write_bytes(temporary.read_bytes())


def write_group(path: Path, attributes: Mapping[str, Any]) -> None:
    """Write the metadata of an empty Zarr group."""
    content = {"attributes": dict(attributes), "zarr_format": 3, "node_type": "group"}
    with finished_file(path / GROUP_FILE) as temporary:
        temporary.write_text(json.dumps(content, indent=2), encoding="utf-8")


def zarr_store(path: Path) -> "str | Store":
    """What Zarr takes for this path."""
    if not is_remote(path):
        return str(path)
    from zarr.storage import FsspecStore

    remote = cast(Any, path)
    return FsspecStore.from_url(str(path), storage_options=dict(remote.storage_options))


def upload_folder(folder: Path, target: Path) -> None:
    """Copy a finished group to where it can be seen; its own metadata, which shows it, last."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files.sort(key=lambda path: path == folder / GROUP_FILE)
    with remote_errors(target):
        for path in files:
            (target / path.relative_to(folder).as_posix()).write_bytes(path.read_bytes())


def remove_remote_folder(target: Path) -> None:
    """Remove a group; what makes it visible goes first."""
    remote = cast(Any, target)
    with remote_errors(target):
        (target / GROUP_FILE).unlink(missing_ok=True)
        if remote.fs.exists(remote.path):
            remote.fs.rm(remote.path, recursive=True)


def whole_remote_folders(parent: Path) -> set[str]:
    """Names of the folders in `parent` that hold a finished group."""
    remote = cast(Any, parent)
    with remote_errors(parent):
        found = [name.strip("/").split("/") for name in remote.fs.find(remote.path)]
    depth = len(remote.path.strip("/").split("/")) + 2
    return {parts[-2] for parts in found if len(parts) == depth and parts[-1] == GROUP_FILE}


def read_files(paths: list[Path]) -> list[bytes]:
    """Contents of many files; those of an object store come side by side, not one by one."""
    if not paths or not is_remote(paths[0]):
        return [path.read_bytes() for path in paths]
    first = cast(Any, paths[0])
    names = [cast(Any, path).path for path in paths]
    with remote_errors(paths[0]):
        contents = first.fs.cat(names)
    if isinstance(contents, bytes):
        return [contents]
    by_name = {name.strip("/"): content for name, content in contents.items()}
    return [by_name[name.strip("/")] for name in names]


@contextmanager
def remote_errors(path: Path) -> Iterator[None]:
    """Whatever a file system's own library raises is about the place that the user gave."""
    try:
        yield
    except (KeyboardInterrupt, InputError):
        raise
    except FileNotFoundError as error:
        raise InputError(f"{path} is gone or was never there; check the URL") from error
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"cannot reach {path}: {words}; check the URL and the access") from error


def _remote_path(scheme: str, url: str) -> Path:
    try:
        from upath import UPath
    except ImportError as error:
        raise InputError(
            f"{url} needs the package universal-pathlib; install keras-ma2mi[cluster], or give a "
            "folder"
        ) from error
    try:
        return cast(Path, UPath(url.rstrip("/")))
    except (ImportError, ValueError) as error:
        words = " ".join(str(error).split())
        raise InputError(f"cannot use {url}: {words}") from error
