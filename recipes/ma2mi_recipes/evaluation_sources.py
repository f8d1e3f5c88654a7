"""What `evaluate` reads: run directories, and CSV files of predictions from anybody's code."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.explained_answers import explained_answers
from ma2mi_recipes.packaged_runs import is_weights, weights_words
from ma2mi_recipes.progress import console
from ma2mi_recipes.report import HeatMap, ReportRun
from ma2mi_recipes.report.gallery import evenly, most_shown
from ma2mi_recipes.run_directory import RunDirectory

if TYPE_CHECKING:
    import pandas as pd

_SELECTIONS = ("last", "nested", "peek")


@dataclass(frozen=True)
class Source:
    """One thing to score.

    Attributes:
        run: What the report is told.
        directory: The run directory; None for a CSV.
        metrics: Where its figures are written.
        report: Where the report goes if this source comes first.
        notices: What a reader has to know about how it was read.
    """

    run: ReportRun
    directory: RunDirectory | None
    metrics: Path
    report: Path
    notices: Sequence[str] = ()


def read_sources(paths: Sequence[Path], classes: Sequence[str] | None = None) -> list[Source]:
    """Reads run directories and CSV files, in the order given.

    Args:
        paths: Run directories of `train`, and CSV files with `clip_id`, `subject`, `label` and
            `prediction`.
        classes: The explicit class set. Run directories state theirs; a CSV takes that of the run
            directories beside it, then that of its probability columns, then what it holds.

    Raises:
        InputError: Where something cannot be read, or the class sets differ.
    """
    directories = {path: _finished_run(path) for path in paths if not _is_table(path)}
    tables = {path: _raw_table(path) for path in paths if _is_table(path)}
    if _of_units(directories, tables):
        return [
            _run_source(directories[path]) if path in directories else _unit_source(path)
            for path in paths
        ]
    stated = _stated_classes(directories, classes)
    notices: list[str] = []
    if tables and stated is None:
        stated, notices = _classes_of(tables)
    return [
        _run_source(directories[path])
        if path in directories
        else _table_source(path, stated or [], notices)
        for path in paths
    ]


def _is_table(path: Path) -> bool:
    if not path.exists():
        raise InputError(
            f"{path} does not exist; give a folder made by `train`, or a CSV of predictions"
        )
    return path.is_file()


def _finished_run(path: Path) -> RunDirectory:
    run = RunDirectory.open(path, "train")
    run.require_finished()
    return run


def _of_units(directories: dict[Path, RunDirectory], tables: "dict[Path, pd.DataFrame]") -> bool:
    """Whether action units are predicted; InputError where some predict them and some classes."""
    units = {path: bool(run.info.get("action_units")) for path, run in directories.items()}
    for path, table in tables.items():
        units[path] = any(str(name).startswith("label_AU") for name in table)
    if len(set(units.values())) > 1:
        first, other = (
            next(p for p, one in units.items() if one is kind) for kind in (True, False)
        )
        raise InputError(f"{first} predicts action units, {other} classes; evaluate them apart")
    return any(units.values())


def _unit_source(path: Path) -> Source:
    from keras_ma2mi.evaluation import PredictionsError, read_action_unit_predictions

    try:
        table = read_action_unit_predictions(path)
    except PredictionsError as error:
        raise InputError(str(error)) from None
    return _source_of_table(path, table, [], [])


def _stated_classes(
    directories: dict[Path, RunDirectory], classes: Sequence[str] | None
) -> list[str] | None:
    stated = list(classes) if classes else None
    of = "--classes names"
    for path, run in directories.items():
        found = list(run.info["classes"])
        if stated is not None and sorted(found) != sorted(stated):
            raise InputError(
                f"{path} has the classes {', '.join(found)}, {of} "
                f"{', '.join(stated)}; only runs of one class set can be compared"
            )
        if stated is None:
            stated, of = found, f"{path} has"
    return stated


def _raw_table(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        # As text: a class called "None" or a subject called "007" is a name, not a value.
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} is no readable CSV ({reason})") from None
    if table.empty:
        raise InputError(f"{path} has no rows; give one row a clip")
    return table


def _classes_of(tables: "dict[Path, pd.DataFrame]") -> tuple[list[str], list[str]]:
    from keras_ma2mi.evaluation import probability_classes

    named = [name for table in tables.values() for name in probability_classes(table)]
    seen = {
        str(value)
        for table in tables.values()
        for column in ("label", "prediction")
        if column in table
        for value in table[column]
    }
    if named and seen <= set(named):
        return list(dict.fromkeys(named)), []
    classes = sorted(seen - {""})
    files = ", ".join(path.name for path in tables)
    return classes, [
        f"The class set of {files} was taken from the labels and predictions seen: "
        f"{', '.join(classes)}. A class of the protocol that is neither labelled nor predicted "
        "would be missing, and UF1 and UAR too high: state the set with --classes."
    ]


def _table_source(path: Path, classes: list[str], notices: list[str]) -> Source:
    from keras_ma2mi.evaluation import PredictionsError, read_predictions

    try:
        table = read_predictions(path, classes)
    except PredictionsError as error:
        raise InputError(str(error)) from None
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None
    return _source_of_table(path, table, classes, notices)


def _source_of_table(
    path: Path, table: "pd.DataFrame", classes: list[str], notices: list[str]
) -> Source:
    raw = _raw_table(path)
    if "select" in raw:
        _check_selections(path, raw)
        table["select"] = raw["select"].to_numpy()
    run = ReportRun(path.stem, {"predictions": str(path)}, table, None, classes)
    return Source(
        run,
        None,
        path.with_name(f"{path.stem}.metrics.json"),
        path.with_name(f"{path.stem}.report.html"),
        notices,
    )


def _check_selections(path: Path, raw: "pd.DataFrame") -> None:
    for number, value in enumerate(raw["select"], start=1):
        if value not in (*_SELECTIONS, ""):
            raise InputError(
                f"{path}: row {number}: `select` is '{value}', which is none of "
                f"{', '.join(_SELECTIONS)}"
            )


def _run_source(directory: RunDirectory) -> Source:
    path = directory.path
    run = _report_run(directory)
    return Source(
        run,
        directory,
        path / "metrics.json",
        path / "report.html",
        [*_zero_shot_notice(run), *_weights_notice(run)],
    )


def _zero_shot_notice(run: ReportRun) -> list[str]:
    if not run.info.get("zero_shot"):
        return []
    return [
        f"{run.name} is zero-shot: its network was trained on drawn flow fields alone, and a table "
        "gives emotions for action units. No clip of it was used for training."
    ]


def _weights_notice(run: ReportRun) -> list[str]:
    start = (run.info.get("options") or {}).get("pretrained") or run.info.get("zero_shot")
    if not isinstance(start, str) or not is_weights(start):
        return []
    return [f"{run.name} starts from weights of the package. {weights_words(start)}"]


def _report_run(directory: RunDirectory) -> ReportRun:
    info, predictions = directory.info, directory.read_table("predictions.csv")
    return ReportRun(
        name=directory.name,
        info=info,
        predictions=predictions,
        history=_table_if_there(directory, "history.csv"),
        classes=info["classes"],
        heat_maps=_heat_maps(directory, predictions),
        last_predictions=_table_if_there(directory, "predictions_last.csv"),
        fits=_table_if_there(directory, "fits.csv"),
        key_frames=_table_if_there(directory, "key_frames.csv"),
        baselines=_baselines(directory),
    )


def _table_if_there(directory: RunDirectory, name: str) -> "pd.DataFrame | None":
    return directory.read_table(name) if (directory.path / name).is_file() else None


def _baselines(directory: RunDirectory) -> list[ReportRun]:
    found = []
    for stated in sorted((directory.path / "baselines").glob("*/run.json")):
        baseline = RunDirectory.open(stated.parent, "train")
        if not baseline.finished:
            console.print(f"{baseline.path} is not finished, and left out", markup=False)
            continue
        found.append(
            ReportRun(
                baseline.name,
                baseline.info,
                baseline.read_table("predictions.csv"),
                None,
                baseline.info["classes"],
                is_baseline=True,
            )
        )
    return found


def _heat_maps(directory: RunDirectory, predictions: "pd.DataFrame") -> list[HeatMap]:
    answers = explained_answers(predictions)
    drawn = [(path, one) for one in answers if (path := one.drawn_in(directory.path))]
    units = {one.unit for one in answers if one.unit}
    chosen = evenly(drawn, lambda one: one[1].hit, lambda one: one[1].label, most_shown(len(units)))
    return [
        HeatMap(one.clip_id, one.label, one.prediction, one.probability, _for_a_page(path))
        for path, one in chosen
    ]


def _for_a_page(picture: Path) -> bytes:
    """A tenth of the bytes: a report of a dozen pictures can still be mailed."""
    import cv2

    image = cv2.imread(str(picture), cv2.IMREAD_COLOR)
    if image is None:
        raise InputError(f"{picture} is no readable picture; repeat `explain`")
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 88])[1])
