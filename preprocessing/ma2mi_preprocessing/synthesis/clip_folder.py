"""The folder of a rendered set: never two sets in one, and what is already there is known."""

import json
from collections.abc import Iterator
from pathlib import Path

from ..atomic_files import atomic_path
from ..errors import InputError

# Counts up whenever the same seed gives other pictures, so that two versions never mix in a folder.
RENDERER_VERSION = 1
_SETTINGS = "synthesis.json"
# Folders from before there was a choice do not name theirs.
_BEFORE = {"style": "plain", "frames_as": "png"}


def claim_folder(out: Path, settings: dict[str, object]) -> None:
    """Make sure that `out` is ours and was filled with the same settings, or is empty.

    Raises
    ------
    InputError
        It holds something else.
    """
    settings = {"renderer": RENDERER_VERSION, **settings}
    path = out / _SETTINGS
    if path.is_file():
        found = _read_settings(path)
        different = [name for name, value in settings.items() if found.get(name) != value]
        if different:
            before = ", ".join(f"{name} {found.get(name)}" for name in different)
            raise InputError(f"{out} holds clips rendered with {before}; choose another folder")
        return
    if out.exists() and (not out.is_dir() or any(_visible(out))):
        raise InputError(f"{out} is not empty and was not made by this command; name a new folder")
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def rendering_seed(source: Path) -> int | None:
    """The seed of the set that a rendered clip belongs to; None where that cannot be found.

    Together with the kind and the number of a person it tells who is shown: person 1 of one seed is
    not person 1 of another.

    Parameters
    ----------
    source : Path
        Folder of frames, or video, where `synthesize` wrote it.
    """
    path = source.parent.parent.parent / _SETTINGS
    if not path.is_file():
        return None
    seed = _read_settings(path).get("seed")
    return seed if isinstance(seed, int) else None


def _visible(folder: Path) -> Iterator[Path]:
    return (entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _read_settings(path: Path) -> dict[str, object]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}; render into another folder") from error
    return {**_BEFORE, **settings} if isinstance(settings, dict) else {}
