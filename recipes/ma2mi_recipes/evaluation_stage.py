"""Scores of runs, comparison of runs, and the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.progress import console
from ma2mi_recipes.report import (
    ReportRun,
    compare_runs,
    comparison_table,
    metrics_table,
    write_report,
)
from ma2mi_recipes.run_directory import RunDirectory

RENDERED_NOTICE = (
    "The clips are rendered: drawn by a program, not filmed. The figures show that the chain "
    "works; they say nothing about people."
)


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
    from keras_ma2mi.evaluation import PredictionsError

    try:
        return _score_and_report(runs, report or runs[0].path / "report.html", extras)
    except PredictionsError as error:
        raise InputError(f"{error}; correct predictions.csv, or repeat the run") from error


def _score_and_report(
    runs: Sequence[RunDirectory], report: Path, extras: ReportExtras | None
) -> Path:
    from keras_ma2mi.evaluation import summarise

    loaded = [_report_run(run) for run in runs]
    console.print(metrics_table(loaded))
    comparisons = compare_runs(loaded)
    if comparisons:
        console.print(comparison_table(comparisons))
    for run, content in zip(runs, loaded, strict=True):
        if content.predictions is not None:
            run.write_json("metrics.json", summarise(content.predictions, content.classes))
    extras = extras or ReportExtras()
    rendered = [RENDERED_NOTICE] if any(run.info.get("rendered") for run in loaded) else []
    write_report(
        report,
        extras.title,
        loaded,
        notices=[*rendered, *extras.notices],
        pictures=extras.pictures,
        next_steps=extras.next_steps,
        comparisons=comparisons,
    )
    return report


def _report_run(run: RunDirectory) -> ReportRun:
    info = run.info
    return ReportRun(
        name=run.name,
        info=info,
        predictions=run.read_table("predictions.csv"),
        # Support vectors have no epochs to tell of.
        history=run.read_table("history.csv") if (run.path / "history.csv").is_file() else None,
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
