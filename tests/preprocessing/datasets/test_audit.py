"""The account of an indexing: counts beside the published ones, every change with its reason."""

import csv
from pathlib import Path

import pytest

from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.datasets.audit import UNLABELLED, Audit, Count, PublishedCounts, audit
from ma2mi_preprocessing.datasets.audit_files import (
    COLUMNS,
    audit_text,
    protocol_status,
    write_audit,
)
from ma2mi_preprocessing.datasets.clip import Clip, IndexResult, Repair, RowProblem
from ma2mi_preprocessing.datasets.protocol_lists import protocol_lists
from ma2mi_preprocessing.errors import InputError

PUBLISHED = PublishedCounts(
    clips=3, subjects=2, classes={"fear": 2, "anger": 1}, per_subject={"s1": 2, "s2": 1}, source="P"
)


def clip(name: str, label: str | None, subject: str = "d/s1") -> Clip:
    return Clip(clip_id=name, source=Path(name), dataset="d", subject=subject, label=label)


RESULT = IndexResult(
    clips=[clip("d/s1/a", "fear"), clip("d/s1/b", "joy"), clip("d/s3/c", None, "d/s3")],
    problems=[
        RowProblem(4, "onset", "is missing", "d/s1/x"),
        RowProblem(0, "filename", "the table has no row for this folder", "d/s1/y"),
    ],
    repairs=[
        Repair(2, "d/s1/a", "apex", "/", "7", "the middle"),
        Repair(3, "d/s1/b", "frames", "9", "8", "frames are missing, the first is 4 | 5"),
    ],
    notices=["numbers count from 1"],
)


def found() -> Audit:
    return audit("d", RESULT, PUBLISHED)


def test_clips_in_are_clips_out_and_dropped_rows() -> None:
    account = found()
    assert (account.clips_in, account.clips_out) == (4, 3)
    assert [problem.clip_id for problem in account.dropped] == ["d/s1/x"]
    assert [problem.clip_id for problem in account.without_row] == ["d/s1/y"]
    assert [repair.clip_id for repair in account.missing_frames] == ["d/s1/b"]


def test_counts_stand_beside_the_published_ones_and_differences_are_marked() -> None:
    account = found()
    assert account.totals == (Count("clips", 3, 3), Count("subjects", 2, 2))
    assert account.classes == (
        Count(UNLABELLED, 1, None),
        Count("anger", 0, 1),
        Count("fear", 1, 2),
        Count("joy", 1, 0),
    )
    assert [count.name for count in account.differences] == ["anger", "fear", "joy", "s2", "s3"]


def test_nothing_differs_where_nothing_is_published() -> None:
    account = audit("d", RESULT, PublishedCounts())
    assert account.differences == ()
    assert "No published counts are known" in audit_text(account)


def test_files_hold_every_change_with_key_old_new_and_reason(tmp_path: Path) -> None:
    text, table = write_audit(found(), tmp_path / "m.parquet")
    assert (text.name, table.name) == ("m.audit.md", "m.audit.csv")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        list(COLUMNS),
        ["dropped", "d/s1/x", "4", "onset", "", "", "is missing"],
        ["without_row", "d/s1/y", "", "filename", "", "", RESULT.problems[1].reason],
        ["repaired", "d/s1/a", "2", "apex", "/", "7", "the middle"],
        ["missing_frames", "d/s1/b", "3", "frames", "9", "8", RESULT.repairs[1].reason],
    ]
    page = text.read_text(encoding="utf-8")
    assert "4 clips in, 3 out, 1 dropped, 1 folders or files without annotation" in page
    assert "| fear | 1 | 2 | -1 |" in page
    assert "numbers count from 1" in page
    # A bar within a cell would end it.
    assert "4 \\| 5" in page


def test_audit_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        write_audit(found(), tmp_path / "file" / "m.csv")


def test_protocols_of_a_dataset_say_how_they_are_met() -> None:
    (samm,) = [protocol for protocol in protocol_lists() if protocol.name == "samm-3"]
    clips = [Clip(clip_id=name, source=Path("x"), label="anger") for name in samm.members()]
    states = {
        member.protocol.name: protocol_status(member)
        for member in audit("samm", IndexResult(clips, [])).protocols
    }
    assert list(states) == ["samm-5", "samm-3", "megc2019", "samm-au", "cross-dataset-au"]
    assert states["samm-3"].startswith("all clips of the list, sha256 5bde79c1b6b6")
    assert states["megc2019"].startswith("all clips of the list (this dataset's part of 442)")
    assert "clips of the list are missing" in states["samm-5"]
    assert states["samm-au"].startswith("not the published number; by rule only")
    assert states["cross-dataset-au"].startswith("other datasets are needed too (casme, ")


def test_absent_clips_of_a_protocol_are_counted_in_the_text_and_listed_in_the_table(
    tmp_path: Path,
) -> None:
    (samm,) = [protocol for protocol in protocol_lists() if protocol.name == "samm-3"]
    clips = [Clip(clip_id=name, source=Path("x")) for name in samm.members()]
    text, table = write_audit(audit("samm", IndexResult(clips[12:], [])), tmp_path / "m.csv")
    assert ", and 2 more, all in the table" in text.read_text(encoding="utf-8")
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["column"] == "samm-3"]
    assert [row["clip_id"] for row in rows] == [clip.clip_id for clip in clips[:12]]
    assert {row["kind"] for row in rows} == {"absent"}


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_published_counts_add_up(name: str) -> None:
    published = PublishedCounts.of(name)
    assert bool(published.source) == (published != PublishedCounts())
    for parts in (published.classes, published.per_subject):
        if parts and published.clips is not None and UNLABELLED not in parts:
            assert sum(parts.values()) <= published.clips
    if published.per_subject and published.subjects is not None:
        assert len(published.per_subject) == published.subjects
