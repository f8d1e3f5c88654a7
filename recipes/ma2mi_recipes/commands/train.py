"""`keras-ma2mi train`: fine-tuning under leave-one-subject-out."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.finished_runs import told_finished
from ma2mi_recipes.commands.key_frame_options import (
    JitterFramesOption,
    JitterOption,
    JitterVariantsOption,
    KeyFramesOption,
    check_jitter,
    parse_key_frames,
)
from ma2mi_recipes.commands.train_options import (
    RECIPE,
    ActionUnitsOption,
    AllowMissingOption,
    AmplitudeOption,
    AugmentOption,
    AverageEpochsOption,
    AverageOption,
    BalanceOption,
    BaselinesOption,
    BranchesOption,
    ClassesOption,
    FlipOption,
    FocalOption,
    FoldClusterOption,
    FoldWorkersOption,
    FreezeEpochsOption,
    FreezeOption,
    InnerFoldsOption,
    LabelSmoothingOption,
    LayerDecayOption,
    ModelOption,
    MotionScalingOption,
    PretrainedOption,
    ProtocolOption,
    RecipeBatchSizeOption,
    RecipeEpochsOption,
    RecipeRateOption,
    RotationOption,
    ScaleOption,
    ScheduleOption,
    SeedsOption,
    SelectOption,
    ShiftOption,
    SplitOption,
    WarmUpOption,
    WeightDecayOption,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import (
    BackendOption,
    Branches,
    InputSizeOption,
    Model,
    Motion,
    MotionOption,
    NetworkOption,
    PresetOption,
    RunArgument,
    Select,
    StoreArgument,
)
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from ma2mi_preprocessing.motion_channels import MotionScaling as MotionScalingName
    from ma2mi_recipes.fine_tuning import Placement, TrainOptions, TrainPlan
    from ma2mi_recipes.labelled_clips import LabelledClips
    from ma2mi_recipes.run_directory import RunDirectory


@one_line_errors
def train_command(
    store: StoreArgument,
    run: RunArgument,
    model: ModelOption = Model.miacnet,
    pretrained: PretrainedOption = None,
    backend: BackendOption = None,
    classes: ClassesOption = None,
    protocol: ProtocolOption = None,
    split: SplitOption = None,
    action_units: ActionUnitsOption = None,
    allow_missing: AllowMissingOption = False,
    preset: PresetOption = None,
    branches: BranchesOption = Branches.auto,
    network: NetworkOption = None,
    input_size: InputSizeOption = None,
    motion: MotionOption = Motion.flow,
    motion_scaling: MotionScalingOption = None,
    select: SelectOption = Select.last,
    inner_folds: InnerFoldsOption = 3,
    epochs: RecipeEpochsOption = None,
    batch_size: RecipeBatchSizeOption = None,
    learning_rate: RecipeRateOption = None,
    schedule: ScheduleOption = None,
    warm_up: WarmUpOption = None,
    weight_decay: WeightDecayOption = None,
    balance: BalanceOption = None,
    focal: FocalOption = None,
    label_smoothing: LabelSmoothingOption = None,
    freeze: FreezeOption = None,
    freeze_epochs: FreezeEpochsOption = None,
    layer_decay: LayerDecayOption = None,
    average: AverageOption = None,
    average_epochs: AverageEpochsOption = None,
    augment: AugmentOption = None,
    flip: FlipOption = None,
    shift: ShiftOption = None,
    rotation: RotationOption = None,
    scale: ScaleOption = None,
    amplitude: AmplitudeOption = None,
    jitter: JitterOption = 0.0,
    jitter_frames: JitterFramesOption = 0,
    jitter_variants: JitterVariantsOption = 4,
    key_frames: KeyFramesOption = None,
    seeds: SeedsOption = "0",
    baselines: BaselinesOption = True,
    workers: FoldWorkersOption = None,
    cluster: FoldClusterOption = None,
) -> None:
    """Fine-tunes a classifier, leaving one subject out at a time.

    By default the number of epochs is fixed beforehand and the last one counts: no epoch is chosen
    on the held-out subject unless --select peek asks for it. Predictions of all folds are pooled,
    then scored once. Cut off, the same command goes on at the fold where it was. RUN/model.keras,
    for `predict`, sees all subjects.

    Example: keras-ma2mi train micro.store runs/ma2mi --pretrained runs/pretrained --seeds 0,1,2
    """
    given = {name: value for name, value in locals().items() if name in RECIPE}
    use_backend(backend, fits=True)
    from ma2mi_recipes.evaluation_stage import evaluate_runs
    from ma2mi_recipes.fine_tuning import Placement

    options = _train_options(store, given, key_frames)
    clips_of = ClipChoice(protocol, split, classes, action_units, allow_missing)
    scaling: MotionScalingName | None = plain(motion_scaling)
    where, beside = Placement(workers, cluster), baselines and options.model == "miacnet"
    run_train(store, run, options, parse_seeds(seeds), clips_of, scaling, where, beside)
    evaluate_runs([run])


def _train_options(store: Path, given: dict[str, Any], key_frames: str | None) -> "TrainOptions":
    from ma2mi_recipes.fine_tuning import TrainOptions

    check_jitter(given["jitter"], given["jitter_frames"])
    distances, found = parse_key_frames(key_frames)
    chosen = {name: plain(value) for name, value in given.items() if value is not None}
    options = TrainOptions(**chosen, key_frames=distances, found_key_frames=found)
    return options if options.model != "miacnet" else fitted_options(store, options, chosen)


def fitted_options(store: Path, options: "TrainOptions", chosen: dict[str, Any]) -> "TrainOptions":
    """Options of a network with what its start and its preset ask for.

    Args:
        store: The clips.
        options: What was chosen, and the defaults of all networks.
        chosen: Fields that a person gave: no recipe replaces them.
    """
    from ma2mi_preprocessing.store import open_store
    from ma2mi_recipes.fine_tuning import with_recipe
    from ma2mi_recipes.packaged_runs import start_run
    from ma2mi_recipes.started_network import fitted_to_start

    if options.pretrained:
        options = fitted_to_start(options, start_run(options.pretrained).info)
    return with_recipe(options, open_store(store), chosen)


def plain(value: Any) -> Any:
    """Choices and paths as the texts that run.json has, and several values as a tuple."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, StrEnum):
        return value.value
    return str(value) if isinstance(value, Path) else value


@dataclass(frozen=True)
class ClipChoice:
    """What a person says about which clips to evaluate; as for `choose_clips`."""

    protocol: str | None = None
    split: str | None = None
    classes: str | None = None
    action_units: str | None = None
    allow_missing: bool = False


def parse_seeds(text: str) -> list[int]:
    """`"0,1,2"` to a list of different seeds."""
    try:
        seeds = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(
            f"--seeds must be whole numbers with commas, such as 0,1,2; got {text!r}"
        ) from error
    if min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise InputError(f"--seeds must be different numbers from 0 up; got {text!r}")
    return seeds


def run_train(
    store: Path,
    run: Path,
    options: "TrainOptions",
    seeds: list[int],
    clips_of: ClipChoice | None = None,
    scaling: "MotionScalingName | None" = None,
    placement: "Placement | None" = None,
    baselines: bool = False,
) -> None:
    """Fine-tunes with a progress bar; a finished run is left as it is.

    `scaling` is what all motion is brought to; what it comes out as stands in the run's options.
    With `baselines`, those that are no network are fitted beside the run, before another command
    may write to it.
    """
    from ma2mi_preprocessing.store import open_store
    from ma2mi_preprocessing.store_lock import run_lock
    from ma2mi_recipes.chosen_clips import choose_clips
    from ma2mi_recipes.fine_tuning import fitted_to_clips, plan_run
    from ma2mi_recipes.labelled_clips import load_labelled_clips
    from ma2mi_recipes.pretrained_check import check_pretrained
    from ma2mi_recipes.run_directory import RunDirectory

    opened = open_store(store)
    chosen = choose_clips(opened, **asdict(clips_of or ClipChoice()))
    clips = load_labelled_clips(opened, options.motion, chosen, scaling, size=options.input_size)
    options = fitted_to_clips(options, clips)
    if options.pretrained:
        _tell_start(options.pretrained, check_pretrained(options.pretrained, clips, options))
    plan = plan_run(clips, options, seeds, chosen)
    how = {"clip_choice": asdict(clips_of or ClipChoice())}
    directory = RunDirectory.create(run, {**plan.describe(store), **how})
    with run_lock(run, "run directory"):
        _fit_unless_finished(directory, plan, placement)
        if baselines:
            _fit_baselines(run, plan, store)


def _tell_start(start: str, unknown: list[str]) -> None:
    from ma2mi_recipes.packaged_runs import is_weights, weights_words

    if is_weights(start):
        console.print(weights_words(start), markup=False)
    if unknown:
        console.print(
            f"{len(unknown)} rendered people cannot be told from those that {start} saw, because "
            f"the folder they were rendered to is gone (the first: {unknown[0]})",
            markup=False,
        )


def _fit_unless_finished(
    directory: "RunDirectory", plan: "TrainPlan", placement: "Placement | None"
) -> None:
    from ma2mi_recipes.key_frame_preparation import prepare_key_frames

    if told_finished(directory):
        return
    _tell_clips(plan.clips)
    unknown = plan.fitted_before_on_nobody_knows_whom
    if unknown:
        console.print(
            f"pre-training used {unknown} clips without a subject: whether they show people "
            "who are held out here cannot be checked; this is marked"
        )
    _fit(directory, prepare_key_frames(directory, plan), placement)


def _fit(directory: "RunDirectory", plan: "TrainPlan", placement: "Placement | None") -> None:
    from keras_ma2mi.evaluation import SubjectLeakError
    from ma2mi_recipes.fine_tuning import Listeners, epochs_left, train_folds
    from ma2mi_recipes.training_progress import TrainingProgress

    if plan.options.select == "peek":
        console.print("--select peek: epochs are chosen on the held-out subjects; this is marked")
    with progress_bar("training", epochs_left(directory, plan), "epoch") as advance:
        told = TrainingProgress(advance)
        try:
            train_folds(directory, plan, Listeners(told.on_epoch, told.on_fold), placement)
        except SubjectLeakError as error:
            raise InputError(str(error)) from error
    directory.finish()
    _tell_fit(directory)


def _fit_baselines(run: Path, plan: "TrainPlan", store: Path) -> None:
    from ma2mi_recipes.baselines import BESIDE_RUN
    from ma2mi_recipes.baselines.stage import run_baselines

    run_baselines(run, plan, store, BESIDE_RUN)


def _tell_clips(clips: "LabelledClips") -> None:
    console.print(
        f"{len(clips)} clips of {len(set(clips.subjects))} subjects, {len(clips.classes)} classes "
        f"({', '.join(clips.classes)}); {len(clips.left_out)} clips left out, listed in run.json"
    )
    if clips.scaling == "minmax":
        console.print("motion is min-max scaled image by image: how large it was is not seen")
    if clips.without_onset:
        console.print(f"{len(clips.without_onset)} clips have no onset frame: action branch alone")


def _tell_fit(run: "RunDirectory") -> None:
    from ma2mi_recipes.overfitting import fit_gap, fit_line, overfitting_warning

    gap = fit_gap(run.read_table("fits.csv"))
    if gap is None:
        return
    console.print(fit_line(gap, run.read_table("predictions.csv")))
    warning = overfitting_warning(gap)
    if warning:
        console.print(f"warning: {warning}")
