"""The audit of an index as files beside the manifest: one to read, one to filter."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..atomic_files import atomic_path
from .audit import Audit, Count
from .errata import errata_without_key
from .protocol_lists import Membership

COLUMNS = ("kind", "clip_id", "row", "column", "old", "new", "reason")
"""Columns of the table. `kind` is dropped, without_row, missing_frames, repaired, or absent for a
clip of a protocol, named in `column`, that is not there."""

_MOST_NAMES = 10


def audit_paths(manifest: Path) -> tuple[Path, Path]:
    """Where the audit of a manifest lies: text to read, and table of every change."""
    return manifest.with_suffix(".audit.md"), manifest.with_suffix(".audit.csv")


def write_audit(audit: Audit, manifest: Path) -> tuple[Path, Path]:
    """Write the audit beside a manifest, each file whole or not at all.

    Parameters
    ----------
    audit : Audit
    manifest : Path
        ``x.parquet`` gets ``x.audit.md`` and ``x.audit.csv``.

    Returns
    -------
    tuple of Path
        As `audit_paths`.

    Raises
    ------
    InputError
        The folder cannot be written to.
    """
    text, table = audit_paths(manifest)
    with atomic_path(text) as temporary:
        temporary.write_text(audit_text(audit), encoding="utf-8")
    with (
        atomic_path(table) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_changes(audit))
        writer.writerows(_absent(audit))
    return text, table


def audit_text(audit: Audit) -> str:
    """The audit in Markdown."""
    parts = [
        f"# Audit of {audit.dataset}",
        f"{audit.clips_in} clips in, {audit.clips_out} out, {len(audit.dropped)} dropped, "
        f"{len(audit.without_row)} folders or files without annotation, "
        f"{len(audit.repairs)} values repaired or reported, "
        f"{len(audit.missing_frames)} clips with missing frames.",
        *audit.notices,
        "## Counts",
        _published_note(audit),
        _count_table(audit.totals),
        "### Clips a class",
        _count_table(audit.classes),
        "### Clips a subject",
        _count_table(audit.subjects),
        "## Protocols",
        _protocol_table(audit.protocols),
        *(_missing_of(member) for member in audit.protocols if member.missing),
        "## Every change",
        _table(COLUMNS, changes) if (changes := list(_changes(audit))) else "None.",
        *_unplaced(audit.dataset),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def protocol_status(member: Membership) -> str:
    """How a set of clips meets a protocol, in words."""
    protocol = member.protocol
    if member.expected is None:
        return f"other datasets are needed too ({', '.join(protocol.datasets)})"
    whole = member.expected == protocol.clips
    part = "" if whole else f" (this dataset's part of {protocol.clips})"
    if protocol.sha256 is None:
        agrees = len(member.classes) == member.expected
        number = "the published number" if agrees else "not the published number"
        return f"{number}{part}; by rule only: {protocol.why_no_list}"
    if member.complete:
        return f"all clips of the list{part}, sha256 {protocol.sha256[:12]}"
    return f"{len(member.missing)} clips of the list are missing{part}"


def _unplaced(dataset: str) -> Iterable[str]:
    lines = [line for line in errata_without_key() if line.dataset == dataset]
    if lines:
        yield "## Known errors that are not mended"
        yield (
            "They are published by the number of a row, which differs between releases, so it is "
            "not known which clips they are about."
        )
        header = ("row, from 0", "column", "new", "why it has no clip", "source")
        rows = ((line.row, line.field, line.new, line.reason, line.source) for line in lines)
        yield _table(header, rows)


def _published_note(audit: Audit) -> str:
    published = audit.published
    if not published.source:
        return "No published counts are known for this dataset."
    doubt = " These figures are uncertain." if published.uncertain else ""
    note = f" {published.note}" if published.note else ""
    return f"Published: {published.source}.{doubt}{note}"


def _count_table(counts: Sequence[Count]) -> str:
    rows = (
        (
            count.name,
            str(count.found),
            "" if count.published is None else str(count.published),
            _difference(count),
        )
        for count in counts
    )
    return _table(("", "found", "published", "difference"), rows)


def _difference(count: Count) -> str:
    if count.published is None or not count.differs:
        return ""
    return f"{count.found - count.published:+d}"


def _protocol_table(protocols: Sequence[Membership]) -> str:
    if not protocols:
        return "None is known for this dataset."
    rows = (
        (
            member.protocol.name,
            str(len(member.classes)),
            "" if member.expected is None else str(member.expected),
            protocol_status(member),
        )
        for member in protocols
    )
    return _table(("protocol", "found", "published", "state"), rows)


def _missing_of(member: Membership) -> str:
    names = ", ".join(member.missing[:_MOST_NAMES])
    others = len(member.missing) - _MOST_NAMES
    more = f", and {others} more, all in the table beside this file" if others > 0 else ""
    return f"Missing of {member.protocol.name}: {names}{more}."


def _changes(audit: Audit) -> Iterable[tuple[str, ...]]:
    for kind, problems in (("dropped", audit.dropped), ("without_row", audit.without_row)):
        for problem in problems:
            row = str(problem.row or "")
            yield kind, problem.clip_id, row, problem.column, "", "", problem.reason
    for repair in audit.repairs:
        kind = "missing_frames" if repair.column == "frames" else "repaired"
        values = (repair.column, repair.old, repair.new, repair.reason)
        yield kind, repair.clip_id, str(repair.row), *values


def _absent(audit: Audit) -> Iterable[tuple[str, ...]]:
    for member in audit.protocols:
        for name in member.missing:
            reason = "a clip of this protocol is not there"
            yield "absent", name, "", member.protocol.name, "", "", reason


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_line(header), _line(["---"] * len(header)), *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
