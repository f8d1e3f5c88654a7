"""Options that several commands share, so that they mean the same everywhere."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ma2mi_recipes.backend import Backend

BackendOption = Annotated[
    Backend | None,
    typer.Option(help="Keras backend. Default: KERAS_BACKEND, else the first that is installed."),
]
SeedOption = Annotated[int, typer.Option(help="Fixes everything that is random.", min=0)]
StoreArgument = Annotated[Path, typer.Argument(help="Clip store made by `preprocess`.")]
RunArgument = Annotated[Path, typer.Argument(help="Run directory.")]
EpochsOption = Annotated[int, typer.Option(help="Epochs, fixed beforehand.", min=1)]
BatchSizeOption = Annotated[int, typer.Option(help="Samples a step.", min=1)]
LearningRateOption = Annotated[float, typer.Option(help="Peak learning rate of AdamW.", min=0.0)]
WorkersOption = Annotated[
    int | None, typer.Option(help="Processes. Default: one a core.", min=1, show_default=False)
]
DetectorModelOption = Annotated[
    Path | None,
    typer.Option(help="Model file of the detector. Default: YuNet's is fetched once, and kept."),
]


class Motion(StrEnum):
    """Motion channels fed to a model."""

    flow = "flow"
    difference = "difference"
    both = "both"


MotionOption = Annotated[
    Motion,
    typer.Option(help="Motion channels: u, v, strain | RGB difference | both (six channels)."),
]
DetectorOption = Annotated[
    str,
    typer.Option(
        metavar="cascade|yunet|none",
        help="Face detector: `cascade` works offline, `yunet` finds more, `none` is for cropped "
        "faces. Other packages can bring more.",
    ),
]
PresetOption = Annotated[
    str | None,
    typer.Option(help="MIACNet preset. Default: the one nearest to the store's frame size."),
]
InputSizeOption = Annotated[
    int | None,
    typer.Option(
        help="Average frames and motion down to this side before the network sees them; small "
        "movements are measured in large frames. Default: as stored.",
        min=8,
        show_default=False,
    ),
]
NetworkOption = Annotated[
    list[str] | None,
    typer.Option(
        help="An argument of the network in place of the preset's, such as head=code or "
        "filters=[24,48,64]. Can be given several times.",
        show_default=False,
    ),
]


class MotionScaling(StrEnum):
    """How motion is scaled before a model sees it."""

    pixels = "pixels"
    minmax = "minmax"


class Branches(StrEnum):
    """Branches of MIACNet, for ablation."""

    auto = "auto"
    both = "both"
    action = "action"
    position = "position"


class Model(StrEnum):
    """What is fitted in each fold."""

    miacnet = "miacnet"
    three_stream_cnn = "three_stream_cnn"
    linear_svm = "linear_svm"
    rbf_svm = "rbf_svm"
    rbf_svm_residual = "rbf_svm_residual"
    majority = "majority"


class Select(StrEnum):
    """How the epoch of a fold is chosen."""

    last = "last"
    nested = "nested"
    peek = "peek"


class Objective(StrEnum):
    """What pre-training reconstructs."""

    future = "future"
    current = "current"


class PretrainingRecipe(StrEnum):
    """Named settings of a pre-training."""

    code = "code"
    plain = "plain"


class PretrainingSchedule(StrEnum):
    """How the learning rate of a pre-training goes on."""

    constant = "constant"
    cosine = "cosine"


class Freeze(StrEnum):
    """What of a network is not trained."""

    none = "none"
    first = "first"
    encoders = "encoders"
    body = "body"


class Balance(StrEnum):
    """What is done about classes of different size."""

    none = "none"
    weights = "weights"
    sampling = "sampling"


class Schedule(StrEnum):
    """How the learning rate goes on after its warm-up."""

    cosine = "cosine"
    constant = "constant"
    exponential = "exponential"


class Average(StrEnum):
    """Average of weights that predictions are made with."""

    none = "none"
    last = "last"
    ema = "ema"
