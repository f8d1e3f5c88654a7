"""DFEW: 16,372 clips from films, seven emotions."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .clip import IndexResult
from .listed_clips import ListedLabels, read_lines
from .media_files import is_image, is_video, walk_names

EXPECTED_TREE = """\
ROOT/
  EmoLabel_DataSplit/train(single-labeled)/set_1.csv ... set_5.csv
  EmoLabel_DataSplit/test(single-labeled)/set_1.csv ... set_5.csv     video_name,label
  Clip/original/00001.mp4          as released, or
  Clip/jpg_256/00001/*.jpg         frames that you extracted, or
  Clip/clip_224x224/00001/*.jpg    aligned faces (clip_224x224_16f: 16 interpolated frames)
Where a clip is there several times, the first of these counts. Folders may lie at any depth.
"""

EMOTIONS = ("happy", "sad", "neutral", "angry", "surprise", "disgust", "fear")
"""Labels; the lists number them from 1."""

# Best first. The aligned copies lack the frames without a face, so time runs unevenly in them; in
# that of 16 frames it is lost.
_COPIES = ("original", "", "clip_224x224", "clip_224x224_avi", "clip_224x224_16f")


def index_dfew(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index DFEW.

    Parameters
    ----------
    root : Path
        Folder that holds the clips and the lists, see `EXPECTED_TREE`.
    repairs : bool
        Without effect: no errors of this annotation are known.

    Returns
    -------
    IndexResult
        Clips sorted by name. Those in no list of single labels have none; they are of use for
        pre-training. Clips that a list names and that are not there are problems.

    Raises
    ------
    InputError
        There is no such folder, no list or no clip in it, or a list lacks its header.
    """
    labels = ListedLabels("dfew")
    lists: list[Path] = []
    sources: dict[str, Path] = {}
    empty: dict[str, Path] = {}
    for folder, files in walk_names(root):
        tables = (folder / file for file in files if file.lower().endswith(".csv"))
        lists += filter(_is_list, tables)
        for file in filter(is_video, files):
            _offer(sources, Path(file).stem, folder / file, root)
        if any(map(is_image, files)):
            _offer(sources, folder.name, folder, root)
        elif not files and (name := _name(folder.name)) and not any(folder.iterdir()):
            empty[name] = folder
    if not lists:
        raise InputError(
            f"no set_1.csv below a folder EmoLabel_DataSplit in {root}; copy it there, or use "
            "`videos` for clips without labels"
        )
    if not sources:
        raise InputError(f"no clip like 00001.mp4 or 00001/1.jpg in {root}; extract the archives")
    for path in lists:
        _read_list(path, labels)
    result = labels.join(sources, empty)
    result.notices.extend(_uneven_time(sources.values(), root))
    return result


def _is_list(path: Path) -> bool:
    """Whether this is a list of single labels; those of several labels a clip are others."""
    parents = [parent.name.lower() for parent in path.parents]
    of_splits = "emolabel_datasplit" in parents or "single" in parents[0]
    return (
        re.fullmatch(r"set_\d+\.csv", path.name, re.IGNORECASE) is not None
        and of_splits
        and "multi" not in parents[0]
    )


def _read_list(path: Path, labels: ListedLabels) -> None:
    (_, header), *lines = read_lines(path) or [(0, "")]
    columns = [column.strip().lower() for column in header.split(",")]
    if not {"video_name", "label"} <= set(columns):
        raise InputError(f"{path} has no header video_name,label; take the list as released")
    name_at, label_at = columns.index("video_name"), columns.index("label")
    for row, line in lines:
        cells = [cell.strip() for cell in line.split(",")] + [""] * len(columns)
        name = _name(re.sub(r"(\.0+|\.mp4)$", "", cells[name_at]))
        number = re.sub(r"\.0+$", "", cells[label_at])
        if name is None:
            labels.reject(path, row, "video_name", f"'{cells[name_at]}' is no number of a clip")
        elif not number.isdecimal() or not 1 <= int(number) <= len(EMOTIONS):
            labels.add_unknown(name, cells[label_at], path, row)
        else:
            labels.add(name, EMOTIONS[int(number) - 1], path, row)


def _offer(sources: dict[str, Path], text: str, path: Path, root: Path) -> None:
    name = _name(text)
    if name is None:
        return
    if name not in sources or _rank(path, root) < _rank(sources[name], root):
        sources[name] = path


def _rank(path: Path, root: Path) -> int:
    parts = path.relative_to(root).parts
    copies = [part.lower() for part in parts if part.lower() in _COPIES]
    return _COPIES.index(copies[-1] if copies else "")


def _uneven_time(sources: Iterable[Path], root: Path) -> Iterable[str]:
    ranks = Counter(_rank(path, root) for path in sources)
    for rank in range(_COPIES.index("clip_224x224"), len(_COPIES)):
        if ranks[rank]:
            reason = "its makers dropped or interpolated frames, so gaps in seconds are not exact"
            yield f"clips read from {_COPIES[rank]} ({reason}): {ranks[rank]}"


def _name(text: str) -> str | None:
    """``1``, ``00001`` as the folders write it: ``00001``."""
    return f"{int(text):05d}" if text.isdecimal() and len(text) <= 5 else None


ADAPTER = Adapter(
    name="dfew",
    description="DFEW, clips from films (videos or frames)",
    expected_tree=EXPECTED_TREE,
    read=index_dfew,
)
