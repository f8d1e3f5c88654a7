"""Scores of runs, comparison of runs, and the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.progress import console
from ma2mi_recipes.report import ReportRun, metrics_table, write_report
from ma2mi_recipes.run_directory import RunDirectory

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class ReportExtras:
    """What a report shows beside the figures."""

    notices: Sequence[str] = ()
    pictures: Sequence[tuple[str, bytes]] = ()
    next_steps: Sequence[str] = ()
    title: str = "Micro-expression recognition"


def evaluate_runs(
    paths: Sequence[Path], report: Path | None = None, extras: ReportExtras | None = None
) -> Path:
    """Scores finished runs, prints the table, and writes `metrics.json` and the report.

    Returns:
        The report's path.
    """
    runs = [RunDirectory.open(path, "train") for path in paths]
    for run in runs:
        run.require_finished()
    _check_comparable(runs)
    loaded = [_report_run(run) for run in runs]
    console.print(metrics_table(loaded))
    for run, content in zip(runs, loaded, strict=True):
        run.write_json("metrics.json", metrics_of(content))
    target = report or runs[0].path / "report.html"
    extras = extras or ReportExtras()
    write_report(
        target,
        extras.title,
        loaded,
        notices=extras.notices,
        pictures=extras.pictures,
        next_steps=extras.next_steps,
    )
    return target


def metrics_of(run: ReportRun) -> dict[str, Any]:
    """Scores with intervals, per dataset and pooled, as plain numbers."""
    from keras_ma2mi.evaluation.summary import summarise

    return summarise(run.predictions, run.classes)


def _report_run(run: RunDirectory) -> ReportRun:
    info = run.info
    return ReportRun(
        name=run.name,
        info=info,
        predictions=run.read_table("predictions.csv"),
        history=run.read_table("history.csv"),
        classes=info["classes"],
        heat_maps=_heat_maps(run),
    )


def _heat_maps(run: RunDirectory, most: int = 8) -> list[tuple[str, bytes]]:
    pictures = sorted((run.path / "heat_maps").glob("*.png"))[:most]
    return [(picture.stem.replace("__", "/"), picture.read_bytes()) for picture in pictures]


def _check_comparable(runs: Sequence[RunDirectory]) -> None:
    first = runs[0].info["classes"]
    for run in runs[1:]:
        if sorted(run.info["classes"]) != sorted(first):
            raise InputError(
                f"{run.path} has the classes {', '.join(run.info['classes'])}, {runs[0].path} has "
                f"{', '.join(first)}; only runs of one class set can be compared"
            )
