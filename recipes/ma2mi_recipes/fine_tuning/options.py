"""What a fine-tuning run does."""

from dataclasses import dataclass, replace
from typing import Literal

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_recipes.clip_augmentation import Augmentation
from ma2mi_recipes.fine_tuning.encoder_stages import Freeze
from ma2mi_recipes.fine_tuning.learning_rate import Schedule
from ma2mi_recipes.fine_tuning.weight_averaging import Averaging
from ma2mi_recipes.labelled_clips import LabelledClips

ModelName = Literal[
    "miacnet", "three_stream_cnn", "linear_svm", "rbf_svm", "rbf_svm_residual", "majority"
]
Select = Literal["last", "nested", "peek"]
Balance = Literal["none", "weights", "sampling"]


@dataclass(frozen=True)
class TrainOptions:
    """What a fine-tuning run does; two runs with equal options and clips are the same run.

    `input_size` is the side that frames and motion are averaged down to; None leaves them.
    """

    model: ModelName = "miacnet"
    motion: MotionKind = "flow"
    motion_scaling: MotionScaling = "pixels"
    preset: str | None = None
    branches: str = "auto"
    network: tuple[str, ...] = ()
    input_size: int | None = None
    pretrained: str | None = None
    select: Select = "last"
    inner_folds: int = 3
    epochs: int = 30
    batch_size: int = 16
    learning_rate: float = 2e-3
    schedule: Schedule = "cosine"
    warm_up: int | None = None
    weight_decay: float = 1e-3
    balance: Balance = "weights"
    focal: float = 0.0
    label_smoothing: float = 0.1
    freeze: Freeze = "none"
    freeze_epochs: int | None = None
    layer_decay: float = 1.0
    average: Averaging = "none"
    average_epochs: int = 5
    augment: bool = True
    flip: float = 0.5
    shift: float = 1 / 16
    rotation: float = 0.0
    scale: float = 0.0
    amplitude: float = 0.0
    jitter: float = 0.0
    jitter_frames: int = 0
    jitter_variants: int = 4
    key_frames: tuple[int, ...] = ()
    found_key_frames: bool = False

    @property
    def asks_key_frames(self) -> bool:
        """Whether held-out clips are also predicted at other key frames than the annotated."""
        return bool(self.key_frames) or self.found_key_frames

    @property
    def is_network(self) -> bool:
        """Whether the model is trained epoch by epoch, and can be saved as a Keras model."""
        return self.model in ("miacnet", "three_stream_cnn")

    @property
    def augmentation(self) -> Augmentation | None:
        """How far training clips are changed; None for not at all."""
        if not self.augment:
            return None
        return Augmentation(self.flip, self.shift, self.rotation, self.scale, self.amplitude)


_CHANGED_WITHOUT_COMPILING = ("pretrained", "epochs", "learning_rate", "schedule", "warm_up")


def compiled_alike(options: TrainOptions) -> TrainOptions:
    """The options without what a compiled network can change; it serves all that are equal so."""
    usual = TrainOptions()
    return replace(options, **{name: getattr(usual, name) for name in _CHANGED_WITHOUT_COMPILING})


def fitted_to_clips(options: TrainOptions, clips: LabelledClips) -> TrainOptions:
    """The options with what only the clips can tell: scaling, and branches that can be used.

    What has no epochs has none to select either: its `select` becomes `"last"`.

    Raises:
        InputError: Where a position branch is asked for and clips have no onset frame, what only
            MIACNet has is asked of another model, or what only classes have of action units.
    """
    options = replace(options, motion_scaling=clips.scaling)
    if clips.multi_label:
        _check_not_of_classes(options)
    if options.model == "rbf_svm_residual" and options.motion == "difference":
        raise InputError(
            "--model rbf_svm_residual takes the motion of the head off flow; use --motion flow or "
            "both, or --model rbf_svm"
        )
    if options.model != "miacnet":
        _check_not_of_miacnet(options)
        return options if options.is_network else replace(options, select="last")
    missing = clips.without_onset
    if not missing or options.branches == "action":
        return options
    if options.branches != "auto":
        raise InputError(
            f"{len(missing)} of {len(clips)} clips have no onset frame (such as {missing[0]}), so "
            "the position branch has nothing to see; use --branches action"
        )
    return replace(options, branches="action")


def _check_not_of_miacnet(options: TrainOptions) -> None:
    usual = TrainOptions()
    asked = [
        f"--{name.replace('_', '-')}"
        for name in ("pretrained", "preset", "network", "freeze", "layer_decay")
        if getattr(options, name) != getattr(usual, name)
    ]
    if asked:
        raise InputError(
            f"{', '.join(asked)} is for --model miacnet; leave it out, or leave out --model "
            f"{options.model}"
        )


def _check_not_of_classes(options: TrainOptions) -> None:
    if options.balance == "sampling" or options.focal > 0:
        raise InputError(
            "--balance sampling and --focal are for classes, of which a clip has one; a clip shows "
            "any number of action units: use --balance weights"
        )
