"""What the Markdown of every benchmark has in common: the machine, the remarks, the tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from .flow_table import ReportTable


def machine_words(machine: dict[str, Any]) -> str:
    """Processor, system and versions of a document's `machine`, without a full stop."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['cpu']}, {machine['cpus']} CPU(s), {machine['system']}; "
        f"Python {machine['python']}, {versions}"
    )


def where_measured(document: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """Machine and backends, and where and when what an archive of predictions holds was fitted.

    Args:
        document: With `machine`, `backend`, and `calls` where there is an archive.
        plan: With `pretraining_backend` where that may be another.
    """
    before = plan.get("pretraining_backend")
    of_pretraining = f", reconstructions on {before}" if before else ""
    days: dict[tuple[str, str], list[str]] = {}
    for call in document.get("calls", []):
        where = f"{call['machine']['cpu']}, {call['machine']['cpus']} CPU(s)"
        versions = ", ".join(f"{name} {number}" for name, number in call["versions"].items())
        days.setdefault((where, versions), []).append(call["date"])
    return [
        f"{machine_words(document['machine'])}; Keras on {document['backend']}{of_pretraining}.",
        *(
            f"Fitted {' and '.join(dict.fromkeys(dates))} on {where} ({versions})."
            for (where, versions), dates in days.items()
        ),
    ]


def markdown_report(
    remarks: Sequence[str], tables: Sequence[ReportTable], *, title: str = "", lead: str = ""
) -> str:
    """Remarks as a list, then each table under its title and note.

    Args:
        remarks: Where and how it was measured, one sentence each.
        tables: What came out.
        title: Heading of the page, if it has one.
        lead: What to read first, if anything.

    Returns:
        Markdown that ends with a newline.
    """
    parts = [f"# {title}"] if title else []
    if lead:
        parts.append(lead)
    parts.append("\n".join(f"- {remark}" for remark in remarks))
    for table in tables:
        heading = f"**{table.title}**" + (f". {table.note}" if table.note else "")
        parts += [heading, markdown_table(table)]
    return "\n\n".join(parts) + "\n"


def markdown_table(table: ReportTable) -> str:
    """One table as Markdown, without its title."""
    marks = ["---" if i < table.text_columns else "--:" for i in range(len(table.columns))]
    return "\n".join(_line(cells) for cells in (table.columns, marks, *table.rows))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
