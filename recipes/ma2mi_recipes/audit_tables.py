"""The audit of an index on the terminal."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table

from ma2mi_preprocessing.datasets.audit import Audit, Count
from ma2mi_preprocessing.datasets.audit_files import protocol_status
from ma2mi_preprocessing.datasets.protocol_lists import Membership
from ma2mi_recipes.progress import console

_MOST_LINES = 20
# A table of a hundred subjects hides the two that differ.
_MOST_SUBJECTS = 40


def print_audit(audit: Audit, table: Path) -> None:
    """Print what was found; long lists are cut short, and say where the rest is.

    Args:
        audit: the account of an indexing.
        table: where every change is listed.
    """
    _print_lines((f"dropped: {problem}" for problem in audit.dropped), len(audit.dropped), table)
    lines = (f"without annotation: {problem}" for problem in audit.without_row)
    _print_lines(lines, len(audit.without_row), table)
    _print_lines((f"repaired: {repair}" for repair in audit.repairs), len(audit.repairs), table)
    for notice in audit.notices:
        console.print(notice, markup=False)
    _print_counts(audit)
    if audit.protocols:
        console.print(_protocols(audit.protocols))
    subjects = next(count.found for count in audit.totals if count.name == "subjects")
    console.print(
        f"{audit.clips_in} clips in, {audit.clips_out} clips of {subjects} subjects out, "
        f"{len(audit.dropped)} dropped, {len(audit.without_row)} without annotation, "
        f"{len(audit.repairs)} values repaired, of them {len(audit.missing_frames)} reports of "
        "missing frames"
    )
    if audit.differences:
        names = ", ".join(count.name for count in audit.differences[:_MOST_LINES])
        console.print(f"[yellow]not as published:[/yellow] {names}")


def _print_lines(lines: Iterable[str], total: int, table: Path) -> None:
    for _, line in zip(range(_MOST_LINES), lines, strict=False):
        console.print(line, markup=False, highlight=False)
    if total > _MOST_LINES:
        console.print(f"and {total - _MOST_LINES} more, all in {table}", markup=False)


def _print_counts(audit: Audit) -> None:
    published = audit.published
    title = f"{audit.dataset}, published: {published.source or 'nothing known'}"
    table = Table("", "found", "published", title=title + (" ?" if published.uncertain else ""))
    for counts in (audit.totals, audit.classes, _worth_showing(audit.subjects)):
        for count in counts:
            number = "" if count.published is None else str(count.published)
            style = "yellow" if count.differs else ""
            table.add_row(count.name, str(count.found), number, style=style)
        table.add_section()
    console.print(table)
    if published.note:
        console.print(published.note, markup=False)


def _worth_showing(subjects: Sequence[Count]) -> Sequence[Count]:
    if len(subjects) <= _MOST_SUBJECTS:
        return subjects
    return [count for count in subjects if count.differs]


def _protocols(protocols: Sequence[Membership]) -> Table:
    table = Table("protocol", "found", "published", "state")
    for member in protocols:
        expected = "" if member.expected is None else str(member.expected)
        style = "yellow" if member.expected not in (None, len(member.classes)) else ""
        found = str(len(member.classes))
        table.add_row(member.protocol.name, found, expected, protocol_status(member), style=style)
    return table
