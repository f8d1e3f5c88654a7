"""`keras-ma2mi pretrain-units`: action units from flow fields that are drawn without end."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.finished_runs import told_finished
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, LearningRateOption, MotionScaling, SeedOption
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from ma2mi_recipes.unit_pretraining import UnitPretrainOptions


class Crop(StrEnum):
    """How faces lie in the motion that the network will meet."""

    any = "any"
    aligned = "aligned"
    tight = "tight"
    loose = "loose"


CropOption = Annotated[
    Crop,
    typer.Option(
        help="How faces lie in their crops. aligned: as `preprocess` cuts them; tight: from brows "
        "to chin; loose: the whole head; any: all of these."
    ),
]


@one_line_errors
def pretrain_units_command(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    crop: CropOption = Crop.any,
    scaling: Annotated[
        MotionScaling,
        typer.Option(help="minmax stretches each image and channel to 0..1, and loses its size."),
    ] = MotionScaling.minmax,
    samples: Annotated[int, typer.Option(help="Flow fields; none comes twice.", min=1)] = 200_000,
    epochs: Annotated[int, typer.Option(help="Parts that they are divided into.", min=1)] = 20,
    batch_size: Annotated[int, typer.Option(help="Flow fields a step.", min=1)] = 128,
    learning_rate: LearningRateOption = 3e-3,
    errors: Annotated[
        float, typer.Option(help="Size of the errors of estimation; 0 for exact flow.", min=0.0)
    ] = 1.0,
    seed: SeedOption = 0,
    backend: BackendOption = None,
) -> None:
    """Learns to tell action units from 28x28 flow fields of faces that nobody ever saw.

    Needs no data. The encoder can be fine-tuned (`train --pretrained`), and the units it tells
    give emotions without training (`evaluate --zero-shot`). Cut off, the same command goes on at
    the epoch where it was.

    Example: keras-ma2mi pretrain-units runs/units --scaling minmax
    """
    use_backend(backend, fits=True)
    from ma2mi_preprocessing.synthesis.face_draws import FlowFieldOptions
    from ma2mi_recipes.unit_pretraining import UnitPretrainOptions

    fields = FlowFieldOptions(crop=crop.value, scaling=scaling.value, errors=errors)
    options = UnitPretrainOptions(
        fields=fields,
        samples=samples,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
    )
    run_pretrain_units(run, options, seed)


def run_pretrain_units(run: Path, options: "UnitPretrainOptions", seed: int) -> None:
    """Pre-trains with a progress bar; a finished run is left as it is."""
    from ma2mi_recipes.run_directory import RunDirectory
    from ma2mi_recipes.unit_pretraining import describe_run, pretrain_units

    directory = RunDirectory.create(run, describe_run(options, seed))
    if told_finished(directory):
        return
    with progress_bar("pre-training", options.epochs, "epoch") as advance:
        history = pretrain_units(
            directory,
            options,
            seed,
            on_epoch=lambda epoch, logs: advance(note=f"loss {logs['loss']:.4f}"),
        )
    units = directory.read_table("units.csv")
    figures = {
        "loss": float(history["loss"].iloc[-1]),
        "accuracy": float(history["accuracy"].iloc[-1]),
        "mean_auc": float(units["auc"].mean()),
        "mean_f1": float(units["f1"].mean()),
    }
    directory.write_json("metrics.json", figures)
    directory.finish()
    said = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
    console.print(f"pre-trained on {options.samples} flow fields: {run}\n{said}")
