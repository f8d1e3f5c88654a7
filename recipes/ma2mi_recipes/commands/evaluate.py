"""`keras-ma2mi evaluate`: scores, comparison and report of runs."""

from pathlib import Path
from typing import Annotated

import typer

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption
from ma2mi_recipes.progress import console


@one_line_errors
def evaluate_command(
    runs: Annotated[list[Path], typer.Argument(help="Run directories of `train`.")],
    report: Annotated[
        Path | None, typer.Option(help="Report to write. Default: report.html in the first run.")
    ] = None,
    backend: BackendOption = None,
) -> None:
    """Accuracy, UF1 and UAR of pooled predictions, with 95 percent intervals over subjects.

    Given several runs, compares them by a paired permutation test over subjects.

    Example: keras-ma2mi evaluate runs/ma2mi runs/scratch
    """
    # Importing keras_ma2mi, evaluation included, imports Keras, which needs some backend.
    use_backend(backend)
    from ma2mi_recipes.evaluation_stage import evaluate_runs

    console.print(f"report: {evaluate_runs(runs, report)}")
