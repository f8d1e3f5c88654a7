"""One row of a manifest: a clip, where it lies, and what its annotators said."""

from dataclasses import dataclass, field
from pathlib import Path

KINDS = ("frames", "video", "motion")
"""A folder of numbered images, a video file, or motion that somebody else has computed."""

COLUMNS = (
    "clip_id",
    "dataset",
    "subject",
    "source",
    "kind",
    "onset",
    "apex",
    "offset",
    "apex_source",
    "fps",
    "label",
    "action_units",
)
"""Columns of a manifest, in the order in which they are written; only `source` is required."""

MOTION_COLUMNS = ("motion_scaling", "motion_channels")
"""Columns that a manifest has besides where it holds clips of kind "motion"."""


@dataclass(frozen=True)
class Clip:
    """A clip as its dataset describes it, before anything has been computed.

    Attributes
    ----------
    clip_id : str
        Unique in a manifest, usually ``dataset/subject/name``.
    source : Path
        Video file, folder of images, or file with precomputed motion, according to `kind`.
    dataset, subject : str
        Empty where unknown. A subject carries its dataset's name (``casme2/sub01``), so that
        pooling datasets never merges two people.
    kind : {"frames", "video", "motion"}
        What `source` is.
    onset, apex, offset : int or None
        0-based index of the frame in `source` (position in the sorted list of frames, not the
        number in the file name), or None where not annotated.
    apex_source : str
        How the apex was found: ``annotated``, ``midpoint``, ``estimated``, ``repaired``, or empty.
    fps : float or None
        Frames a second; None for what the video file says.
    label : str or None
        Class name, None for unlabelled clips.
    action_units : str
        FACS codes joined by a plus sign, e.g. ``AU4+AU7``.
    motion_scaling : {"", "pixels", "minmax"}
        How precomputed motion is scaled; empty for what the type of its numbers says.
    motion_channels : str
        What the channels of precomputed motion hold, such as ``u-v-strain``; empty for the
        default of its kind of file.
    """

    clip_id: str
    source: Path
    dataset: str = ""
    subject: str = ""
    kind: str = "video"
    onset: int | None = None
    apex: int | None = None
    offset: int | None = None
    apex_source: str = ""
    fps: float | None = None
    label: str | None = None
    action_units: str = ""
    motion_scaling: str = ""
    motion_channels: str = ""


@dataclass(frozen=True)
class RowProblem:
    """A row that could not become a clip.

    Attributes
    ----------
    row : int
        Row in the table as a spreadsheet counts it (the header is row 1), 0 for a folder.
    column : str
        Column at fault.
    reason : str
        What is wrong, with the value found.
    clip_id : str
        The clip's name as far as it is known.
    """

    row: int
    column: str
    reason: str
    clip_id: str = ""

    @property
    def without_row(self) -> bool:
        """Whether it is about a folder or file that the annotation does not name."""
        return not self.row and self.column == "filename"

    def __str__(self) -> str:
        where = f"row {self.row}, column '{self.column}'" if self.row else self.clip_id
        return f"{where}: {self.reason}"


@dataclass(frozen=True)
class Repair:
    """A value of the annotation that was not taken as it stands.

    Attributes
    ----------
    row : int
        Row in the table as a spreadsheet counts it.
    clip_id : str
        The clip's name.
    column : str
        The value's name, such as ``apex``.
    old, new : str
        As the table has it, and what was taken instead.
    reason : str
        Why.
    """

    row: int
    clip_id: str
    column: str
    old: str
    new: str
    reason: str

    def __str__(self) -> str:
        old = self.old or "empty"
        return f"{self.clip_id} (row {self.row}), {self.column}: {old} -> {self.new}, {self.reason}"


@dataclass(frozen=True)
class IndexResult:
    """What indexing found: the clips, and what was left out and why. Nothing is dropped silently.

    Attributes
    ----------
    clips : list of Clip
        Usable clips, in the order of the table or of the sorted folder.
    problems : list of RowProblem
        One for each row or file that is not among the clips.
    repairs : list of Repair
        One for each value that was replaced.
    notices : list of str
        What else a reader of the result should know, one line each: how many rows were notes, which
        copy was read, how frame numbers were understood.
    """

    clips: list[Clip]
    problems: list[RowProblem]
    repairs: list[Repair] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
