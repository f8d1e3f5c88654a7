"""`keras-ma2mi pretrain-labels`: what labels of plentiful clips teach, before fine-tuning."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.finished_runs import told_finished
from ma2mi_recipes.commands.train import fitted_options, plain
from ma2mi_recipes.commands.train_options import (
    RECIPE,
    ActionUnitsOption,
    BranchesOption,
    ClassesOption,
    FlipOption,
    MotionScalingOption,
    PretrainedOption,
    RecipeBatchSizeOption,
    RecipeEpochsOption,
    RecipeRateOption,
    ShiftOption,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import (
    BackendOption,
    Branches,
    InputSizeOption,
    Motion,
    MotionOption,
    NetworkOption,
    PresetOption,
    RunArgument,
    SeedOption,
    StoreArgument,
)
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from ma2mi_preprocessing.store import ClipStore
    from ma2mi_recipes.chosen_clips import ChosenClips
    from ma2mi_recipes.fine_tuning import TrainOptions
    from ma2mi_recipes.labelled_clips import LabelledClips


@one_line_errors
def pretrain_labels_command(
    store: StoreArgument,
    run: RunArgument,
    pretrained: PretrainedOption = None,
    backend: BackendOption = None,
    classes: ClassesOption = None,
    action_units: ActionUnitsOption = None,
    preset: PresetOption = None,
    branches: BranchesOption = Branches.auto,
    network: NetworkOption = None,
    input_size: InputSizeOption = None,
    motion: MotionOption = Motion.flow,
    motion_scaling: MotionScalingOption = None,
    epochs: RecipeEpochsOption = None,
    batch_size: RecipeBatchSizeOption = None,
    learning_rate: RecipeRateOption = None,
    flip: FlipOption = None,
    shift: ShiftOption = None,
    without_subjects_of: Annotated[
        Path | None,
        typer.Option(help="Manifest or store of the clips to be tested on: leave out its people."),
    ] = None,
    seed: SeedOption = 0,
) -> None:
    """Learns to classify the clips of a store, all of them, for a fine-tuning to start from.

    Alone it is naive transfer. With --pretrained it goes on from MA2MI: labels of macro-expressions
    add to what the reconstruction has taught. Nobody is held out here; `train --pretrained` refuses
    to hold out anybody who was seen. Cut off, it begins anew.

    Example: keras-ma2mi pretrain-labels macro.store runs/labels --pretrained runs/pretrained
    """
    given = {name: value for name, value in locals().items() if name in RECIPE}
    use_backend(backend, fits=True)
    from ma2mi_preprocessing.store import open_store
    from ma2mi_recipes.chosen_clips import choose_clips
    from ma2mi_recipes.fine_tuning import TrainOptions, fitted_to_clips
    from ma2mi_recipes.labelled_clips import load_labelled_clips
    from ma2mi_recipes.pretrained_check import check_motion

    chosen = {name: plain(value) for name, value in given.items() if value is not None}
    options = fitted_options(store, TrainOptions(**chosen), chosen)
    opened = open_store(store)
    some = choose_clips(opened, classes=classes, action_units=action_units)
    if without_subjects_of is not None:
        some = _without(some, opened, without_subjects_of)
    scaling = plain(motion_scaling)
    clips = load_labelled_clips(opened, options.motion, some, scaling, 1, options.input_size)
    options = fitted_to_clips(options, clips)
    if options.pretrained:
        check_motion(options.pretrained, options)
    _run(run, clips, options, seed)


def _without(some: "ChosenClips", store: "ClipStore", tested: Path) -> "ChosenClips":
    from ma2mi_recipes.pretrained_check import subjects_of

    rows = store.manifest.set_index("clip_id")["subject"]
    seen = rows[rows.isin(subjects_of(tested))].index.intersection(some.clip_ids)
    reasons = dict.fromkeys(seen, f"subject of {tested}")
    targets = {clip: target for clip, target in some.targets.items() if clip not in reasons}
    classes = some.classes
    if not some.multi_label:
        # A class that only those people show is none to be learnt.
        classes = tuple(name for name in classes if name in targets.values())
    if len(classes) < 2 and not some.multi_label:
        raise InputError(
            f"{store.path} has {len(targets)} labelled clips of {len(classes)} class(es) without "
            f"the people of {tested}; at least two classes are needed"
        )
    left_out = {**some.left_out, **reasons}
    return replace(some, classes=classes, targets=targets, left_out=left_out)


def _run(run: Path, clips: "LabelledClips", options: "TrainOptions", seed: int) -> None:
    from ma2mi_recipes.label_pretraining import describe_run, pretrain_on_labels
    from ma2mi_recipes.run_directory import RunDirectory

    directory = RunDirectory.create(run, describe_run(clips, options, seed))
    if told_finished(directory):
        return
    with progress_bar("pre-training", options.epochs, "epoch") as advance:
        history = pretrain_on_labels(
            directory,
            clips,
            options,
            seed,
            told=lambda epoch, loss: advance(note=f"loss {loss:.4f}"),
        )
    last = directory.finish_trained(history)
    figures = ", ".join(f"{name} {value:.4g}" for name, value in last.items())
    console.print(
        f"pre-trained on {len(clips)} clips, {len(clips.classes)} classes; {len(clips.left_out)} "
        f"left out, listed in run.json: {run}\nlast epoch: {figures}"
    )
