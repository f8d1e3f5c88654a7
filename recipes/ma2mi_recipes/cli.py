"""The command line. Commands import what they need when they run: `--help` stays quick."""

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from ma2mi_recipes.commands.baselines import baselines_command
from ma2mi_recipes.commands.benchmark import benchmark_app
from ma2mi_recipes.commands.demo import demo_command
from ma2mi_recipes.commands.doctor import doctor_command
from ma2mi_recipes.commands.evaluate import evaluate_command
from ma2mi_recipes.commands.explain import explain_command
from ma2mi_recipes.commands.index import datasets_command, index_command, protocols_command
from ma2mi_recipes.commands.predict import predict_command
from ma2mi_recipes.commands.preprocess import preprocess_command
from ma2mi_recipes.commands.pretrain import pretrain_command
from ma2mi_recipes.commands.pretrain_labels import pretrain_labels_command
from ma2mi_recipes.commands.pretrain_units import pretrain_units_command
from ma2mi_recipes.commands.responses import responses_command
from ma2mi_recipes.commands.serve import serve_command
from ma2mi_recipes.commands.store import store_app
from ma2mi_recipes.commands.synthesize import synthesize_command
from ma2mi_recipes.commands.train import train_command
from ma2mi_recipes.commands.weights import weights_app
from ma2mi_recipes.errors import EXIT_INTERRUPTED

app = typer.Typer(
    name="keras-ma2mi",
    help="Micro-expression recognition: preprocessing, MA2MI pre-training, honest evaluation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

_COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo_command,
    "datasets": datasets_command,
    "index": index_command,
    "protocols": protocols_command,
    "synthesize": synthesize_command,
    "preprocess": preprocess_command,
    "pretrain": pretrain_command,
    "pretrain-labels": pretrain_labels_command,
    "pretrain-units": pretrain_units_command,
    "train": train_command,
    "baselines": baselines_command,
    "evaluate": evaluate_command,
    "predict": predict_command,
    "explain": explain_command,
    "responses": responses_command,
    "serve": serve_command,
    "doctor": doctor_command,
}
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(benchmark_app, name="benchmark")
app.add_typer(store_app, name="store")
app.add_typer(weights_app, name="weights")


def _show_version(wanted: bool) -> None:
    if wanted:
        from ma2mi_preprocessing.versions import ABSENT, installed_version

        typer.echo(installed_version() or ABSENT)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Micro-expression recognition: preprocessing, MA2MI pre-training, honest evaluation."""


def main() -> None:
    """Entry point of `keras-ma2mi`."""
    try:
        app()
    except SystemExit as leaving:
        if leaving.code != EXIT_INTERRUPTED:
            raise
        # An interrupted compilation leaves threads of the backend behind that crash the
        # interpreter's own way out; everything of ours is on disk already.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
