"""`keras-ma2mi store`: is a clip store whole, and what is in it."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from ma2mi_preprocessing.store_checks import StoreReport
    from ma2mi_preprocessing.store_summary import StoreSummary

store_app = typer.Typer(
    help="Checks and describes clip stores.", no_args_is_help=True, add_completion=False
)

EXIT_DAMAGED = 1
_MEGABYTE = 1e6

StoreArgument = Annotated[Path, typer.Argument(help="Clip store that preprocess has written.")]


@store_app.command("verify")
@one_line_errors
def store_verify_command(
    store: StoreArgument,
    remove_damaged: Annotated[
        bool,
        typer.Option(
            "--remove-damaged",
            help="Remove damaged clips and leftovers; the next preprocess makes the clips again.",
        ),
    ] = False,
) -> None:
    """Compares every file with its checksum, and the tables with the clips.

    Each problem is one line that says what to do. Exit code 0: all is well; 1: something is wrong.

    Example: keras-ma2mi store verify casme2.store
    """
    from ma2mi_preprocessing import store_checks

    with progress_bar("verifying", None, "clip") as advance:
        report = store_checks.verify_store(store, on_clip=lambda total: advance(total=total))
    _print_report(report, store)
    if remove_damaged and report.problems:
        removed = store_checks.remove_damaged(store, report)
        console.print(f"removed {removed}; run preprocess again to make up for what is missing")
    if report.problems:
        raise typer.Exit(EXIT_DAMAGED)


@store_app.command("info")
@one_line_errors
def store_info_command(
    store: StoreArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Clips, subjects, classes, frames, sizes, options and versions of a store.

    Example: keras-ma2mi store info casme2.store
    """
    from ma2mi_preprocessing.store_summary import summarise_store

    summary = summarise_store(store)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(summary), indent=2, ensure_ascii=False))
    else:
        _print_summary(summary)


def _print_report(report: "StoreReport", store: Path) -> None:
    for problem in report.problems:
        console.print(str(problem), markup=False)
    if report.without_checksums:
        console.print(
            f"{report.without_checksums} clips were written by an older version, without "
            "checksums: their arrays were decoded, which finds less"
        )
    found = f"{len(report.problems)} problems" if report.problems else "no problem found"
    console.print(f"{report.clips} clips looked at, {found}: {store}", markup=False)


def _print_summary(summary: "StoreSummary") -> None:
    from rich.table import Table

    table = Table(title=summary.path, show_header=False, title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _lines(summary):
        table.add_row(name, value)
    console.print(table, markup=False)


def _lines(summary: "StoreSummary") -> list[tuple[str, str]]:
    lines = [
        ("clips", str(summary.clips)),
        ("subjects", str(summary.subjects)),
        ("datasets", _listed(summary.datasets)),
        ("classes", _listed(summary.classes)),
        ("frames", f"{summary.frames} ({summary.duration_seconds:.1f} s)"),
        ("frames left out", str(summary.frames_dropped)),
        ("pairs with flow", str(summary.pairs)),
        ("frames a second", _listed(summary.fps)),
        ("rate known from", _listed(summary.fps_sources)),
        ("alignment", _listed(summary.alignment)),
        ("rejected at", _listed(summary.rejected) or "none"),
        ("clips with notes", str(summary.clips_with_notes)),
        (
            "size on disk",
            f"{summary.bytes_clips / _MEGABYTE:.1f} MB clips, "
            f"{summary.bytes_sheets / _MEGABYTE:.1f} MB contact sheets",
        ),
        ("options", ", ".join(f"{name}={value}" for name, value in summary.options.items())),
        ("versions", ", ".join(f"{name} {value}" for name, value in summary.versions.items())),
        ("store version", str(summary.store_version)),
        ("last run", _state(summary)),
    ]
    if summary.without_checksums:
        lines.append(("without checksums", f"{summary.without_checksums} clips"))
    return lines


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name or '(none)'} {count}" for name, count in counts.items())


def _state(summary: "StoreSummary") -> str:
    if summary.running:
        return summary.running
    return "finished" if summary.finished else "not finished, or of an older version"
