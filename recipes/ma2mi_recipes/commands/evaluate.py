"""`keras-ma2mi evaluate`: scores, comparison and report of runs."""

from pathlib import Path
from typing import Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption
from ma2mi_recipes.progress import console


@one_line_errors
def evaluate_command(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Run directories of `train`, and CSV files of predictions."),
    ],
    classes: Annotated[
        str | None,
        typer.Option(help="Class set of CSV files: all classes of the protocol, comma-separated."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Report to write. Default: report.html in the first run, or NAME.report.html "
            "beside the first CSV."
        ),
    ] = None,
    backend: BackendOption = None,
) -> None:
    """Accuracy, UF1 and UAR of pooled predictions, with 95 percent intervals over subjects.

    Given several runs, compares them by a paired permutation test over subjects. A CSV from
    anybody's code needs the columns clip_id, subject, label and prediction; dataset, seed, select
    and one probability_CLASS a class are read where they are there.

    Example: keras-ma2mi evaluate runs/ma2mi theirs.csv
    """
    named = _named_classes(classes)
    # Importing keras_ma2mi, evaluation included, imports Keras, which needs some backend.
    use_backend(backend)
    from ma2mi_recipes.evaluation_stage import evaluate_runs

    console.print(f"report: {evaluate_runs(runs, report, classes=named)}", markup=False)


def _named_classes(classes: str | None) -> list[str] | None:
    if classes is None:
        return None
    names = [name.strip() for name in classes.split(",")]
    if "" in names or len(set(names)) != len(names):
        raise InputError(f"--classes {classes} must be different names, such as negative,positive")
    return names
