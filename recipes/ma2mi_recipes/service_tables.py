"""The report of `keras-ma2mi benchmark service`, made from its JSON document alone."""

import statistics
from collections.abc import Iterator
from typing import Any

from ma2mi_recipes.benchmark_markdown import machine_words, markdown_report
from ma2mi_recipes.flow_table import ReportTable

GOAL_CLIENTS = 8
GOAL_SHARE = 0.8
"""Of the CPUs' time, at so many clients, the kernels are to have at least."""

_WORDS = {
    "service_megabytes": "memory of the service, MB",
    "worker_megabytes": "memory of its workers, MB",
    "files": "files and sockets that the service holds open",
    "threads": "threads of the service",
    "job_files": "files of jobs on the disk",
}

_Row = dict[str, Any]


def service_tables(document: dict[str, Any]) -> list[ReportTable]:
    """All tables of a document of `service_document`."""
    tables = [_load(document["load"])] if document["load"] else []
    if document["soak"] is not None:
        tables += [_growth(document["soak"]), _answers(document["soak"])]
    return tables


def service_remarks(document: dict[str, Any]) -> list[str]:
    """What came out, and where and how it was measured, one sentence each."""
    rows = document["load"]
    return [
        *_shares(rows),
        *_overload(rows),
        *_lasting(document["soak"]),
        f"{machine_words(document['machine'])}.",
        f"`{document['command']}`, {document['seconds']:.0f} s. Clients run on the same CPUs as "
        "the service.",
    ]


def service_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(
        service_remarks(document), service_tables(document), title="The service, measured"
    )


def _load(rows: list[_Row]) -> ReportTable:
    return ReportTable(
        "Flow over HTTP",
        "Two images go in; float32 comes back as `.npz`: the flow, or `all`: strain and "
        "difference, too. Medians over repeated measurements, smallest and largest in brackets. "
        "`alone`: CPU time of what comes back in one thread with nothing around it; `work`: the "
        "same with both files decoded and the result packed; `inside`: of the kernels for each "
        "answer, counted by the service while it is asked. Shares are of the time of all CPUs, "
        "clients included: what the service counts in kernels, and with its files as `work`. "
        "`refused`: answers of 503, which tell a client to come back.",
        ("asked", "clients", "flows/s", "median, ms", "99 %, ms", "alone, ms", "work, ms",
         "inside, ms", "service, CPU ms", "kernels' share", "work's share", "refused", "failed",
         "MB"),
        [
            (
                _asked(same[0]),
                f"{same[0]['clients']}",
                _spread([row["answered"] / row["seconds"] for row in same], "{:.0f}"),
                _spread([row["median_ms"] for row in same], "{:.1f}"),
                _spread([row["slow_ms"] for row in same], "{:.0f}"),
                _spread([row["kernel_ms"] for row in same], "{:.1f}"),
                _spread([row["work_ms"] for row in same], "{:.1f}"),
                _spread([row["inside_ms"] for row in same], "{:.1f}"),
                _spread([row["service_ms"] for row in same], "{:.1f}"),
                _spread([100 * row["kernel_share"] for row in same], "{:.0f} %"),
                _spread([100 * row["work_share"] for row in same], "{:.0f} %"),
                f"{sum(row['refused'] for row in same)}",
                f"{sum(row['failed'] for row in same)}",
                _largest([row["megabytes"] for row in same]),
            )
            for same in _cells(rows)
        ],
        text_columns=1,
    )  # fmt: skip


def _growth(soak: dict[str, Any]) -> ReportTable:
    samples = soak["samples"]
    return ReportTable(
        f"{soak['seconds'] / 60:.0f} minutes of mixed load",
        "`growth`: median of the last quarter minus that of the second; in the first one caches "
        "fill.",
        ("what", "at the start", "largest", "at the end", "growth"),
        [
            (
                words,
                _known(samples[0][name]),
                _largest([sample[name] for sample in samples]),
                _known(samples[-1][name]),
                _known(soak["growth"][name], "{:+.1f}"),
            )
            for name, words in _WORDS.items()
        ],
    )


def _answers(soak: dict[str, Any]) -> ReportTable:
    return ReportTable(
        "What was asked in that time",
        "With the status of the answer; a `connection` is one that broke.",
        ("what", "times"),
        [(name, f"{count:,}") for name, count in soak["answers"].items()],
    )


def _shares(rows: list[_Row]) -> Iterator[str]:
    found = {
        _asked(same[0]): statistics.median(row["kernel_share"] for row in same)
        for same in _cells(rows)
        if same[0]["clients"] == GOAL_CLIENTS
    }
    if found:
        told = ", ".join(f"{100 * share:.0f} % for {name}" for name, share in found.items())
        met = "met" if min(found.values()) >= GOAL_SHARE else "not met for all of them"
        yield (
            f"At {GOAL_CLIENTS} clients the kernels have {told} of the CPUs' time; the goal is "
            f"{100 * GOAL_SHARE:.0f} %: {met}."
        )


def _overload(rows: list[_Row]) -> Iterator[str]:
    most = max((row["clients"] for row in rows), default=0)
    same = [row for row in rows if row["clients"] == most]
    if same:
        yield (
            f"At {most} clients {sum(row['answered'] for row in same):,} requests were answered, "
            f"{sum(row['refused'] for row in same):,} told to come back (503 with Retry-After), "
            f"and {sum(row['failed'] for row in same)} failed."
        )


def _lasting(soak: dict[str, Any] | None) -> Iterator[str]:
    if soak is None:
        return
    count, growth = sum(soak["answers"].values()), soak["growth"]["service_megabytes"]
    grown = "is not known here" if growth is None else f"grew by {growth:+.1f} MB"
    yield (
        f"Over {soak['seconds'] / 60:.0f} minutes of mixed load with {count:,} answers the "
        f"memory of the service {grown} between the second quarter and the last."
    )


def _cells(rows: list[_Row]) -> list[list[_Row]]:
    cells: dict[tuple[Any, ...], list[_Row]] = {}
    for row in rows:
        cells.setdefault((_asked(row), row["clients"]), []).append(row)
    return list(cells.values())


def _asked(row: _Row) -> str:
    back = "flow" if row["arrays"] == ["flow"] else "all"
    return f"{row['size']} x {row['size']} {row['form']}, {back}"


def _spread(values: list[float | None], form: str) -> str:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return ""
    middle = form.format(statistics.median(known))
    if len(known) == 1:
        return middle
    return f"{middle} ({form.format(min(known))}-{form.format(max(known))})"


def _known(value: float | None, form: str = "{:.0f}") -> str:
    return "" if value is None else form.format(value)


def _largest(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{max(known):.0f}" if known else ""
