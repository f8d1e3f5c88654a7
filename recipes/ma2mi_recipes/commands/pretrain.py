"""`keras-ma2mi pretrain`: MA2MI pre-training on unlabelled face videos."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.finished_runs import told_finished
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import (
    BackendOption,
    BatchSizeOption,
    EpochsOption,
    InputSizeOption,
    Motion,
    MotionOption,
    MotionScaling,
    NetworkOption,
    Objective,
    PresetOption,
    PretrainingRecipe,
    PretrainingSchedule,
    RunArgument,
    SeedOption,
    StoreArgument,
)
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from ma2mi_recipes.pretraining import PretrainOptions

_RECIPE = "Recipe"

PretrainingRecipeOption = Annotated[
    PretrainingRecipe,
    typer.Option(
        help="code: all the face in a few numbers, the pixels of a frame beyond the motion. plain: "
        "a narrow code at each place, the latent map of the frame where the motion ends. Settings "
        "below that are given replace its own."
    ),
]
ScheduleOption = Annotated[
    PretrainingSchedule | None,
    typer.Option(
        help="How the learning rate goes: cosine falls to zero.",
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
_RateOption = Annotated[
    float | None,
    typer.Option(
        help="Peak learning rate of AdamW.", min=0.0, rich_help_panel=_RECIPE, show_default=False
    ),
]
_CodeChannelsOption = Annotated[
    int | None,
    typer.Option(
        help="Width of the action code at a place; narrow, or it copies the frame.",
        min=1,
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
ObjectiveOption = Annotated[
    Objective,
    typer.Option(
        help="What is reconstructed: the future frame, or the current one, as an autoencoder does."
    ),
]
HorizonOption = Annotated[
    float | None,
    typer.Option(
        help="How far ahead the future frame lies: 1 where the motion ends, 2 as far again.",
        min=0.0,
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
FlipOption = Annotated[
    float | None,
    typer.Option(
        help="Share of pairs mirrored.",
        min=0.0,
        max=1.0,
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
ShiftOption = Annotated[
    float | None,
    typer.Option(
        help="Largest shift, as a fraction of the side.",
        min=0.0,
        max=0.5,
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]


@one_line_errors
def pretrain_command(
    store: StoreArgument,
    run: RunArgument,
    backend: BackendOption = None,
    preset: PresetOption = None,
    motion: MotionOption = Motion.flow,
    motion_scaling: Annotated[
        MotionScaling,
        typer.Option(help="minmax stretches each image and channel to 0..1, and loses its size."),
    ] = MotionScaling.pixels,
    epochs: EpochsOption = 20,
    batch_size: BatchSizeOption = 32,
    objective: ObjectiveOption = Objective.future,
    recipe: PretrainingRecipeOption = PretrainingRecipe.code,
    learning_rate: _RateOption = None,
    schedule: ScheduleOption = None,
    code_channels: _CodeChannelsOption = None,
    horizon: HorizonOption = None,
    flip: FlipOption = None,
    shift: ShiftOption = None,
    without_subjects_of: Annotated[
        Path | None,
        typer.Option(help="Manifest or store of the clips to be tested on: leave out its people."),
    ] = None,
    network: NetworkOption = None,
    input_size: InputSizeOption = None,
    seed: SeedOption = 0,
) -> None:
    """Learns to encode small facial movement by reconstructing near-future frames.

    The default recipe tells pixels; the paper's latent space is that of --recipe plain.
    Needs no labels. The store must hold frame pairs a short time apart (`preprocess --pairs gap`).
    Cut off, the same command goes on at the epoch where it was.

    Example: keras-ma2mi pretrain macro.store runs/pretrained --epochs 40
    """
    use_backend(backend, fits=True)
    from ma2mi_recipes.pretrained_check import subjects_of
    from ma2mi_recipes.pretraining import PretrainOptions
    from ma2mi_recipes.pretraining_recipes import with_recipe

    options = PretrainOptions(
        motion=motion.value,
        motion_scaling=motion_scaling.value,
        preset=preset,
        epochs=epochs,
        batch_size=batch_size,
        objective=objective.value,
        input_size=input_size,
        without_subjects=subjects_of(without_subjects_of) if without_subjects_of else (),
    )
    given = {
        "learning_rate": learning_rate,
        "schedule": None if schedule is None else schedule.value,
        "code_channels": code_channels,
        "horizon": horizon,
        "flip": flip,
        "shift": shift,
        "network": tuple(network or ()),
    }
    run_pretrain(store, run, with_recipe(options, recipe.value, given), seed)


def run_pretrain(store: Path, run: Path, options: "PretrainOptions", seed: int) -> None:
    """Pre-trains with a progress bar; a finished run is left as it is."""
    from ma2mi_preprocessing.store import open_store
    from ma2mi_recipes.pretraining import describe_run, pretrain
    from ma2mi_recipes.run_directory import RunDirectory

    opened = open_store(store)
    directory = RunDirectory.create(run, describe_run(opened, options, seed))
    if told_finished(directory):
        return
    if options.without_subjects:
        kept = directory.info["clips"]
        console.print(f"{len(opened) - kept} clips left out, of subjects that are tested on")
    with progress_bar("pre-training", options.epochs, "epoch") as advance:
        history = pretrain(
            directory,
            opened,
            options,
            seed,
            on_epoch=lambda epoch, logs: advance(note=f"loss {logs['loss']:.4f}"),
        )
    last = directory.finish_trained(history)
    figures = ", ".join(f"{name} {value:.4g}" for name, value in last.items())
    console.print(f"pre-trained on {directory.info['clips']} clips: {run}\nlast epoch: {figures}")
