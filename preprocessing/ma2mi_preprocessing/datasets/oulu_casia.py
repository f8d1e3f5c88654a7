"""Oulu-CASIA NIR&VIS: 80 people, 6 expressions, 2 cameras and 3 lights, 25 frames a second."""

import re
from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .clip import Clip, IndexResult, RowProblem
from .media_files import is_image, walk_names
from .peak_sequences import largest_folder, peak_sequence, several_copies
from .rows import CellError

EXPECTED_TREE = """\
ROOT/
  B_OriginalImg/OriginalImg/VL/Strong/P012/Anger/000.jpeg      VL or NI (visible, near infrared);
  PreProcess_Img/VL_Acropped/Strong/P012/Anger/000.jpeg        Strong, Weak or Dark
A sequence starts neutral and ends at the peak; there is no offset. Where it is there several times,
the one with most frames counts, and of equal ones that which is not cropped.
"""

EMOTIONS = frozenset({"anger", "disgust", "fear", "happiness", "sadness", "surprise"})
"""Labels, as the folders name them."""

_CAMERA = re.compile(r"(VL|NI)(?:_.*)?", re.IGNORECASE)
_LIGHTS = {"strong": "Strong", "weak": "Weak", "dark": "Dark"}

_Key = tuple[str, str, str, str]
"""Subject, camera, light and expression."""


def index_oulu_casia(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index Oulu-CASIA.

    Parameters
    ----------
    root : Path
        Folder that holds the images, see `EXPECTED_TREE`.
    repairs : bool
        Without effect: there is no annotation but the names of the folders.

    Returns
    -------
    IndexResult
        Clips sorted by name, ``oulu_casia/P012/VL/Strong/anger``; onset is the first frame and
        apex the last.

    Raises
    ------
    InputError
        There is no such folder, or no sequence of images in it.
    """
    result = IndexResult([], [], [])
    sequences = _find(root, result)
    if not sequences and not result.problems:
        raise InputError(
            f"no folder of images like VL/Strong/P012/Anger in {root}; "
            "give the folder of Oulu-CASIA"
        )
    for key, folders in sorted(sequences.items()):
        clip = Clip(
            clip_id="/".join(("oulu_casia", *key)),
            source=largest_folder(folders, root),
            dataset="oulu_casia",
            subject=f"oulu_casia/{key[0]}",
            kind="frames",
            fps=25.0,
            label=key[3],
        )
        try:
            clip, lost = peak_sequence(clip, start=0)
        except CellError as error:
            result.problems.append(RowProblem(0, error.column, str(error), clip.clip_id))
            continue
        result.clips.append(clip)
        result.repairs.extend(lost)
    result.notices.extend(several_copies(sequences.values()))
    return result


def _find(root: Path, result: IndexResult) -> dict[_Key, list[Path]]:
    sequences: dict[_Key, list[Path]] = {}
    for folder, files in walk_names(root):
        subject = re.fullmatch(r"P0*(\d{1,3})", folder.parent.name, re.IGNORECASE)
        if subject is None:
            continue
        parts = folder.parent.parts
        cameras = [match[1].upper() for part in parts if (match := _CAMERA.fullmatch(part))]
        lights = [_LIGHTS[part.lower()] for part in parts if part.lower() in _LIGHTS]
        label = folder.name.lower()
        if cameras and lights and label in EMOTIONS:
            key = (f"P{int(subject[1]):03d}", cameras[-1], lights[-1], label)
            sequences.setdefault(key, []).append(folder)
        elif any(map(is_image, files)):
            reason = "its path does not tell camera (VL, NI), light (Strong, Weak, Dark) and "
            reason += f"expression ({', '.join(sorted(EMOTIONS))})"
            name = "/".join(("oulu_casia", *folder.relative_to(root).parts))
            result.problems.append(RowProblem(0, "filename", reason, name))
    return sequences


ADAPTER = Adapter(
    name="oulu_casia",
    description="Oulu-CASIA, sequences from a neutral face to the peak",
    expected_tree=EXPECTED_TREE,
    read=index_oulu_casia,
)
