"""What became of the clips of a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .run_plan import Task
from .stage_clock import StageTimes
from .store import ClipStore
from .store_tables import Rejection, write_run


@dataclass(frozen=True)
class ClipOutcome:
    """What became of one clip.

    Attributes
    ----------
    clip_id : str
    status : {"stored", "kept", "rejected"}
        Made now, there already, or not usable.
    rejection : Rejection or None
        Stage and reason of a rejected clip.
    frames, frames_dropped : int
        Frames stored now, and frames of the source left out (no face, or more than are kept).
    notes : tuple of str
        Sentences for the user about this clip.
    times : dict or None
        Seconds (wall clock, CPU) by stage, where they were asked for.
    """

    clip_id: str
    status: str
    rejection: Rejection | None = None
    frames: int = 0
    frames_dropped: int = 0
    notes: tuple[str, ...] = ()
    times: StageTimes | None = None


@dataclass
class PreprocessSummary:
    """Account of a run; ``clips_in == stored + kept + len(rejected)``.

    Attributes
    ----------
    clips_in : int
        Clips and unusable rows that went in.
    stored, kept : int
        Clips made now, and clips that were there already and are up to date.
    redone : int
        How many of the stored replace a clip whose input or options have changed.
    options_changed : bool
        Whether the store was made with other options before.
    frames_dropped : int
        Frames left out of the clips stored now (no face, or more than are kept).
    rejected : list of Rejection
        In the order of the clips.
    notes : list of tuple (clip_id, note)
        What the user should know about clips stored now.
    """

    clips_in: int = 0
    stored: int = 0
    kept: int = 0
    redone: int = 0
    options_changed: bool = False
    frames_dropped: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


class RunAccount:
    """Counts outcomes as they come in, and writes the tables at the end, whichever end it is."""

    def __init__(
        self,
        store: ClipStore,
        rejected_before: Sequence[Rejection],
        on_outcome: Callable[[ClipOutcome], None] | None,
    ) -> None:
        self.summary = PreprocessSummary(clips_in=len(rejected_before))
        self._store = store
        self._rejected_before = list(rejected_before)
        self._rejected: list[Rejection] = []
        self._on_outcome = on_outcome

    def add(self, outcome: ClipOutcome, task: Task | None = None) -> None:
        """Count one clip, and tell whoever listens."""
        summary = self.summary
        summary.clips_in += 1
        summary.stored += outcome.status == "stored"
        summary.kept += outcome.status == "kept"
        summary.redone += outcome.status == "stored" and task is not None and bool(task.replaces)
        summary.frames_dropped += outcome.frames_dropped
        summary.notes += [(outcome.clip_id, note) for note in outcome.notes]
        if outcome.rejection is not None:
            self._rejected.append(outcome.rejection)
        if self._on_outcome is not None:
            self._on_outcome(outcome)

    def close(self, order: Sequence[str], *, finished: bool) -> None:
        """Write the tables; `order` is that in which rejected clips are listed."""
        place = {clip_id: index for index, clip_id in enumerate(order)}
        self._rejected.sort(key=lambda rejection: place[rejection.clip_id])
        self.summary.rejected = self._rejected_before + self._rejected
        self._store.write_tables(self.summary.rejected)
        if finished:
            write_run(self._store.path, self.summary.clips_in, len(self.summary.rejected))
