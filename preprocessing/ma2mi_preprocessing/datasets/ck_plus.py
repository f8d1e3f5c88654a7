"""CK+: 593 posed sequences of 123 people, from a neutral face to the peak."""

import re
from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .clip import Clip, IndexResult, Repair, RowProblem
from .media_files import is_image, walk_names
from .peak_sequences import largest_folder, peak_sequence, several_copies
from .rows import CellError

EXPECTED_TREE = """\
ROOT/
  cohn-kanade-images/S005/001/S005_001_00000001.png     or extended-cohn-kanade-images/
  Emotion/S005/001/S005_001_00000011_emotion.txt        327 of the 593 sequences have a label
  FACS/S005/001/S005_001_00000011_facs.txt              action units, if there
A sequence starts neutral and ends at the peak; there is no offset.
"""

EMOTIONS = ("neutral", "anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")
"""Labels by the number in the file."""

_Key = tuple[str, str]
_INTENSITIES = ("", "A", "B", "C", "D", "E")


def index_ck_plus(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index CK+.

    Parameters
    ----------
    root : Path
        Folder that holds the images and labels, see `EXPECTED_TREE`.
    repairs : bool
        Without effect: no errors of this annotation are known.

    Returns
    -------
    IndexResult
        Clips sorted by subject and sequence; onset is the first frame and apex the last. Those
        without an emotion file have no label. Labels as in `EMOTIONS`.

    Raises
    ------
    InputError
        There is no such folder, or no sequence of images in it.
    """
    images, texts = _find(root)
    if not images:
        raise InputError(f"no folder of images like S005/001 in {root}; give the folder of CK+")
    result = IndexResult([], [], [])
    for key, folders in sorted(images.items()):
        clip_id = f"ck_plus/{key[0]}/{key[1]}"
        found: list[Repair] = []
        label, peak = _label(texts.get((*key, "emotion"), []), clip_id, found)
        clip = Clip(
            clip_id=clip_id,
            source=largest_folder(folders, root),
            dataset="ck_plus",
            subject=f"ck_plus/{key[0]}",
            kind="frames",
            fps=30.0,
            label=label,
            action_units=_action_units(texts.get((*key, "facs"), []), clip_id, found),
        )
        try:
            clip, lost = peak_sequence(clip, start=1, peak=peak)
        except CellError as error:
            result.problems.append(RowProblem(0, error.column, str(error), clip_id))
            continue
        result.clips.append(clip)
        result.repairs.extend([*found, *lost])
    _report_texts_without_images(images, texts, result)
    result.notices.extend(several_copies(images.values()))
    without = sum(clip.label is None for clip in result.clips)
    if without:
        result.notices.append(f"sequences without an emotion (of use for pre-training): {without}")
    return result


def _find(root: Path) -> tuple[dict[_Key, list[Path]], dict[tuple[str, str, str], list[Path]]]:
    """Folders of images by subject and sequence, and files of emotions and action units."""
    images: dict[_Key, list[Path]] = {}
    texts: dict[tuple[str, str, str], list[Path]] = {}
    for folder, files in walk_names(root):
        if not re.fullmatch(r"S\d{3}", folder.parent.name, re.IGNORECASE):
            continue
        key = (folder.parent.name.upper(), folder.name)
        # An empty folder among the images is a loss that must show; one among the labels is not.
        if any(map(is_image, files)) or _lies_among_images(folder):
            images.setdefault(key, []).append(folder)
        for file in files:
            kind = re.fullmatch(r"[^.].*_(emotion|facs)\.txt", file, re.IGNORECASE)
            if kind:
                texts.setdefault((*key, kind[1].lower()), []).append(folder / file)
    return images, texts


def _lies_among_images(folder: Path) -> bool:
    return folder.parent.parent.name.lower().endswith("images")


def _label(paths: list[Path], clip_id: str, repairs: list[Repair]) -> tuple[str | None, int | None]:
    """Label and number of the peak frame of a sequence; none without a file."""
    labels = {}
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        number = _whole(text)
        if number is None or not 0 <= number < len(EMOTIONS):
            reason = f"{path.name} holds no number from 0 to {len(EMOTIONS) - 1}: no label"
            repairs.append(Repair(0, clip_id, "label", text, "none", reason))
        else:
            labels[EMOTIONS[number]] = _frame(path)
    if len(labels) > 1:
        found = " and ".join(sorted(labels))
        repairs.append(Repair(0, clip_id, "label", found, "none", "its files disagree: no label"))
    return next(iter(labels.items())) if len(labels) == 1 else (None, None)


def _action_units(paths: list[Path], clip_id: str, repairs: list[Repair]) -> str:
    """Lines of a code and an intensity, 0 where none was scored: ``AU1B+AU25``."""
    if not paths:
        return ""
    codes = []
    for line in paths[0].read_text(encoding="utf-8", errors="replace").splitlines():
        numbers = [_whole(text) for text in line.split()]
        code, intensity, *_ = [*numbers, 0, 0]
        if not code or intensity is None or not 0 <= intensity < len(_INTENSITIES):
            if line.strip():
                reason = f"{paths[0].name} has a line that is no code and intensity"
                repairs.append(Repair(0, clip_id, "action_units", line.strip(), "none", reason))
        else:
            codes.append(f"AU{code}{_INTENSITIES[intensity]}")
    return "+".join(codes)


def _whole(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _frame(path: Path) -> int | None:
    match = re.search(r"_(\d+)_emotion", path.name, re.IGNORECASE)
    return int(match[1]) if match else None


def _report_texts_without_images(
    images: dict[_Key, list[Path]],
    texts: dict[tuple[str, str, str], list[Path]],
    result: IndexResult,
) -> None:
    for subject, sequence in sorted({key[:2] for key in texts} - set(images)):
        clip_id = f"ck_plus/{subject}/{sequence}"
        result.problems.append(RowProblem(0, "source", "a label, but no images", clip_id))


ADAPTER = Adapter(
    name="ck_plus",
    description="CK+, sequences from a neutral face to the peak",
    expected_tree=EXPECTED_TREE,
    read=index_ck_plus,
)
