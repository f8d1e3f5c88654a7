"""FERV39k: 38,935 clips from films, seven emotions, 22 scenes."""

import re
from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .clip import IndexResult, RowProblem
from .listed_clips import ListedLabels, read_lines
from .media_files import is_image, walk_names

EXPECTED_TREE = """\
ROOT/
  4_setups/All_scenes/train_All.csv                 lines `Action/Happy/0267 Happy`, no header
  4_setups/All_scenes/test_All.csv
  2_ClipsforFaceCrop/Action/Happy/0267/*.jpg        SCENE/EMOTION/CLIP, faces cut out
Folders may lie at any depth.
"""

EMOTIONS = ("happy", "sad", "neutral", "angry", "surprise", "disgust", "fear")
"""Labels, as the lists and folders name them."""

_FACES = "2_clipsforfacecrop"


def index_ferv39k(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index FERV39k.

    Parameters
    ----------
    root : Path
        Folder that holds the clips and the lists, see `EXPECTED_TREE`.
    repairs : bool
        Without effect: no errors of this annotation are known.

    Returns
    -------
    IndexResult
        Clips sorted by name, ``ferv39k/Action/Happy/0267``. Those in no list of all scenes have no
        label. Clips that a list names and that are not there are problems.

    Raises
    ------
    InputError
        There is no such folder, or no list or no clip in it.
    """
    labels = ListedLabels("ferv39k")
    lists = []
    sources: dict[str, Path] = {}
    empty: dict[str, Path] = {}
    problems = []
    for folder, files in walk_names(root):
        lists += [folder / file for file in files if _is_list(file)]
        name = "/".join(folder.parts[-3:])
        if any(map(is_image, files)):
            if folder.parent.name.lower() not in EMOTIONS:
                reason = "a folder of images that is not SCENE/EMOTION/CLIP"
                problems.append(RowProblem(0, "filename", reason, f"ferv39k/{name}"))
            # Other releases of a clip show the whole scene.
            elif name not in sources or _shows_faces(folder) > _shows_faces(sources[name]):
                sources[name] = folder
        elif folder.parent.name.lower() in EMOTIONS:
            empty[name] = folder
    if not lists:
        raise InputError(
            f"no train_All.csv or test_All.csv in {root}; copy 4_setups/All_scenes there, or use "
            "`videos` for clips without labels"
        )
    if not sources:
        raise InputError(f"no folder of images like Action/Happy/0267 in {root}; extract them")
    for path in lists:
        _read_list(path, labels)
    folder_label = {name: name.split("/")[1].lower() for name in sources}
    result = labels.join(sources, empty, folder_label)
    result.problems.extend(problems)
    return result


def _is_list(name: str) -> bool:
    return re.fullmatch(r"(train|test|val)_all\.csv", name, re.IGNORECASE) is not None


def _read_list(path: Path, labels: ListedLabels) -> None:
    for row, line in read_lines(path):
        name, _, label = line.replace("\\", "/").rpartition(" ")
        name = name.strip().strip("/")
        if not name:
            labels.reject(path, row, "label", f"'{line}' is not a name, a space and a label")
        elif label.lower() not in EMOTIONS:
            labels.add_unknown(name, label, path, row)
        else:
            labels.add(name, label.lower(), path, row)


def _shows_faces(folder: Path) -> bool:
    return any(part.lower() == _FACES for part in folder.parts)


ADAPTER = Adapter(
    name="ferv39k",
    description="FERV39k, clips from films (frames)",
    expected_tree=EXPECTED_TREE,
    read=index_ferv39k,
)
