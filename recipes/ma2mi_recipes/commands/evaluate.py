"""`keras-ma2mi evaluate`: scores, comparison and report of runs."""

from pathlib import Path
from typing import Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.train_options import AllowMissingOption
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption
from ma2mi_recipes.progress import console


@one_line_errors
def evaluate_command(
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Run directories of `train`, and CSV files of predictions; with --zero-shot clip "
            "stores too."
        ),
    ],
    classes: Annotated[
        str | None,
        typer.Option(help="Class set of CSV files: all classes of the protocol, comma-separated."),
    ] = None,
    zero_shot: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|NAME",
            help="Run of `pretrain-units`, or miacnet_motion28_rendered of the package, that "
            "predicts the clips of the stores among RUNS, without any training on them.",
            show_default=False,
        ),
    ] = None,
    class_set: Annotated[
        str | None,
        typer.Option(help="Class set of the stores, as `train --classes`.", show_default=False),
    ] = None,
    protocol: Annotated[
        str | None,
        typer.Option(help="Protocol of the stores, as `train --protocol`.", show_default=False),
    ] = None,
    allow_missing: AllowMissingOption = False,
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

    With --zero-shot, stores are predicted by a network that was trained on drawn flow fields
    alone, into RUN/zero_shot (for weights of the package: NAME/zero_shot), and scored like any run.

    Example: keras-ma2mi evaluate runs/ma2mi theirs.csv
    """
    named = _named_classes(classes)
    # Importing keras_ma2mi, evaluation included, imports Keras, which needs some backend.
    use_backend(backend)
    from ma2mi_recipes.evaluation_stage import evaluate_runs

    if zero_shot is not None:
        runs = _predicted(runs, zero_shot, class_set, protocol, allow_missing)
    elif class_set or protocol or allow_missing:
        raise InputError("--class-set, --protocol and --allow-missing go with --zero-shot")
    console.print(f"report: {evaluate_runs(runs, report, classes=named)}", markup=False)


def _predicted(
    paths: list[Path],
    zero_shot: str,
    class_set: str | None,
    protocol: str | None,
    allow_missing: bool,
) -> list[Path]:
    """The paths, each store among them replaced by the run of its zero-shot predictions."""
    from ma2mi_preprocessing.store import is_store
    from ma2mi_recipes.packaged_runs import start_run
    from ma2mi_recipes.zero_shot_evaluation import predict_labelled_store

    run = start_run(zero_shot)
    if not any(is_store(path) for path in paths):
        raise InputError("--zero-shot predicts the clips of stores; give a store among RUNS")
    replaced = []
    for path in paths:
        if is_store(path):
            target = predict_labelled_store(
                path, run, classes=class_set, protocol_name=protocol, allow_missing=allow_missing
            )
            console.print(f"{path}: zero-shot predictions in {target.path}", markup=False)
            never = target.info["zero_shot_never"]
            if never:
                console.print(f"never predicted, for want of action units: {', '.join(never)}")
            replaced.append(target.path)
        else:
            replaced.append(path)
    return replaced


def _named_classes(classes: str | None) -> list[str] | None:
    if classes is None:
        return None
    names = [name.strip() for name in classes.split(",")]
    if "" in names or len(set(names)) != len(names):
        raise InputError(f"--classes {classes} must be different names, such as negative,positive")
    return names
