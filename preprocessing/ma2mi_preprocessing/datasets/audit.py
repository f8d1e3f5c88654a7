"""What indexing a dataset found, set against what was published about it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from .clip import Clip, IndexResult, Repair, RowProblem
from .protocol_lists import Membership, membership, protocol_lists

UNLABELLED = "(no label)"


@dataclass(frozen=True)
class Count:
    """A number of clips, found and published.

    Attributes
    ----------
    name : str
        What was counted: a class, a subject, or ``clips`` and ``subjects``.
    found : int
    published : int or None
        None where no figure is known.
    """

    name: str
    found: int
    published: int | None

    @property
    def differs(self) -> bool:
        """Whether a published figure is known and is another one."""
        return self.published is not None and self.published != self.found


@dataclass(frozen=True)
class PublishedCounts:
    """Counts of a dataset as its authors or users published them.

    Attributes
    ----------
    clips, subjects : int or None
    classes, per_subject : mapping of str to int
        Empty where nothing is known. Subjects go without the dataset's name.
    source : str
        Where the figures come from.
    uncertain : bool
        Whether they are hearsay.
    note : str
        What to know about them.
    """

    clips: int | None = None
    subjects: int | None = None
    classes: Mapping[str, int] = field(default_factory=dict)
    per_subject: Mapping[str, int] = field(default_factory=dict)
    source: str = ""
    uncertain: bool = False
    note: str = ""

    @classmethod
    def of(cls, dataset: str) -> "PublishedCounts":
        """The figures that ship with the package; an empty object where there are none."""
        file = files(__package__) / "published_counts" / f"{dataset}.json"
        if not file.is_file():
            return cls()
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return cls(**content)


@dataclass(frozen=True)
class Audit:
    """Account of one indexing.

    Attributes
    ----------
    dataset : str
        Name of the adapter.
    clips_in : int
        Rows that should be clips; ``clips_in == clips_out + len(dropped)``.
    clips_out : int
    dropped : tuple of RowProblem
        Rows that are no clips, with the reason.
    without_row : tuple of RowProblem
        Folders and files that the annotation does not name.
    repairs : tuple of Repair
        Values that were not taken as they stand, missing frames among them.
    totals, classes, subjects : tuple of Count
    protocols : tuple of Membership
        How the clips meet the published protocols of this dataset.
    published : PublishedCounts
    notices : tuple of str
        What else the adapter met.
    """

    dataset: str
    clips_in: int
    clips_out: int
    dropped: tuple[RowProblem, ...]
    without_row: tuple[RowProblem, ...]
    repairs: tuple[Repair, ...]
    totals: tuple[Count, ...]
    classes: tuple[Count, ...]
    subjects: tuple[Count, ...]
    protocols: tuple[Membership, ...]
    published: PublishedCounts
    notices: tuple[str, ...]

    @property
    def missing_frames(self) -> tuple[Repair, ...]:
        """One entry a clip that lacks frames between onset and offset."""
        return tuple(repair for repair in self.repairs if repair.column == "frames")

    @property
    def differences(self) -> tuple[Count, ...]:
        """Counts that are not the published ones."""
        counts = (*self.totals, *self.classes, *self.subjects)
        return tuple(count for count in counts if count.differs)


def audit(dataset: str, result: IndexResult, published: PublishedCounts | None = None) -> Audit:
    """Set what was found against what was published.

    Parameters
    ----------
    dataset : str
        Name of the adapter.
    result : IndexResult
    published : PublishedCounts, optional
        Default: the figures that ship with the package.

    Returns
    -------
    Audit
    """
    published = PublishedCounts.of(dataset) if published is None else published
    clips = result.clips
    dropped = tuple(problem for problem in result.problems if not problem.without_row)
    subjects = Counter(_own_name(clip.subject) for clip in clips if clip.subject)
    return Audit(
        dataset=dataset,
        clips_in=len(clips) + len(dropped),
        clips_out=len(clips),
        dropped=dropped,
        without_row=tuple(problem for problem in result.problems if problem.without_row),
        repairs=tuple(result.repairs),
        totals=(
            Count("clips", len(clips), published.clips),
            Count("subjects", len(subjects), published.subjects),
        ),
        classes=_counts(Counter(clip.label or UNLABELLED for clip in clips), published.classes),
        subjects=_counts(subjects, published.per_subject),
        protocols=tuple(_protocols(clips)),
        published=published,
        notices=tuple(result.notices),
    )


def _own_name(subject: str) -> str:
    return subject.partition("/")[2] or subject


def _counts(found: Mapping[str, int], published: Mapping[str, int]) -> tuple[Count, ...]:
    # A class or subject that should be there and is not is the difference that matters most.
    names = sorted({*found, *published})
    absent = 0 if published else None
    return tuple(
        Count(name, found.get(name, 0), published.get(name, None if name == UNLABELLED else absent))
        for name in names
    )


def _protocols(clips: list[Clip]) -> Iterable[Membership]:
    datasets = {clip.clip_id.partition("/")[0] for clip in clips}
    for protocol in protocol_lists():
        if datasets & set(protocol.datasets):
            member = membership(protocol, clips)
            # The long release of a dataset shares its name, not its clips.
            if member.classes:
                yield member
