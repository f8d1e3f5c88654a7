"""Text cells of one table row to a `Clip`, with errors that name the column."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path, PurePosixPath

from ..motion_channels import SCALINGS, check_channels
from .clip import KINDS, Clip

_NO_NUMBER = frozenset({"", "/", "nan", "none", "null", "na", "n/a", "<na>"})


class CellError(ValueError):
    """A cell that cannot be used; `column` names it."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def clip_from_row(row: Mapping[str, str], folder: Path) -> Clip:
    """Build a clip from the cells of one row.

    Parameters
    ----------
    row : mapping of str to str
        Column name to text. Missing columns and empty cells take the defaults of `Clip`.
    folder : Path
        Folder that a relative `source` starts from.

    Raises
    ------
    CellError
        A cell is empty that must not be, or does not hold what its column promises.
    """
    cells = {column: text.strip() for column, text in row.items()}
    source_text = cells.get("source", "")
    if not source_text:
        raise CellError("source", "is empty; give a video file, a folder of images or an .npz")
    source = folder / source_text
    kind = cells.get("kind", "") or infer_kind(source)
    if kind not in KINDS:
        raise CellError("kind", f"must be one of {', '.join(KINDS)}, not '{kind}'")
    dataset = cells.get("dataset", "")
    subject = subject_with_dataset(dataset, cells.get("subject", ""))
    onset, apex, offset = (frame_index(cells, column) for column in ("onset", "apex", "offset"))
    _check_order(onset, apex, offset)
    scaling, channels = motion_cells(cells)
    return Clip(
        clip_id=cells.get("clip_id", "") or default_clip_id(dataset, subject, source_text),
        source=source,
        dataset=dataset,
        subject=subject,
        kind=kind,
        onset=onset,
        apex=apex,
        offset=offset,
        apex_source=cells.get("apex_source", "") or ("annotated" if apex is not None else ""),
        fps=frame_rate(cells),
        label=cells.get("label", "") or None,
        action_units=cells.get("action_units", ""),
        motion_scaling=scaling,
        motion_channels=channels,
    )


def motion_cells(cells: Mapping[str, str]) -> tuple[str, str]:
    """Read how precomputed motion is scaled and what its channels hold; empty cells stay empty."""
    scaling = cells.get("motion_scaling", "").lower()
    if scaling and scaling not in SCALINGS:
        raise CellError("motion_scaling", f"must be {' or '.join(SCALINGS)}, not '{scaling}'")
    channels = cells.get("motion_channels", "")
    if channels:
        try:
            channels = "-".join(check_channels(channels))
        except ValueError as error:
            raise CellError("motion_channels", str(error)) from error
    return scaling, channels


def infer_kind(source: Path) -> str:
    """Tell the kind of a source from its suffix, and from the disk only where that says nothing."""
    if source.suffix.lower() in (".npz", ".npy"):
        return "motion"
    return "frames" if not source.suffix or source.is_dir() else "video"


def subject_with_dataset(dataset: str, subject: str) -> str:
    """Prefix a subject with its dataset, so that pooled datasets never merge two people."""
    if not dataset or not subject or subject.startswith(f"{dataset}/"):
        return subject
    return f"{dataset}/{subject}"


def default_clip_id(dataset: str, subject: str, source_text: str) -> str:
    """Name a clip after its dataset, subject and file."""
    path = PurePosixPath(source_text.replace("\\", "/"))
    return "/".join(part for part in (subject or dataset, path.stem) if part)


def frame_index(cells: Mapping[str, str], column: str) -> int | None:
    """Read a 0-based frame index; tables written from floats say '12.0'."""
    text = cells.get(column, "")
    if text.lower() in _NO_NUMBER:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not number.is_integer():
        raise CellError(column, f"must be a whole frame number or empty, not '{text}'")
    if number < 0:
        raise CellError(column, f"must not be negative, but is {text}")
    return int(number)


def frame_rate(cells: Mapping[str, str]) -> float | None:
    """Read frames a second, None for an empty cell."""
    text = cells.get("fps", "")
    if text.lower() in _NO_NUMBER:
        return None
    try:
        fps = float(text)
    except ValueError:
        fps = float("nan")
    if not 0.0 < fps < float("inf"):
        raise CellError("fps", f"must be a positive number or empty, not '{text}'")
    return fps


def _check_order(onset: int | None, apex: int | None, offset: int | None) -> None:
    named = [("onset", onset), ("apex", apex), ("offset", offset)]
    known = [(name, index) for name, index in named if index is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if first > second:
            raise CellError(earlier, f"{earlier} {first} is after {later} {second}")
