"""Options of `keras-ma2mi train`, one name each, so that its signature can be read."""

from typing import Annotated

import typer

from ma2mi_recipes.options import (
    Average,
    Balance,
    Branches,
    Freeze,
    Model,
    MotionScaling,
    Schedule,
    Select,
)

PretrainedOption = Annotated[
    str | None,
    typer.Option(
        metavar="RUN|NAME",
        help="Run of `pretrain` whose encoders to start from, or weights of the package: "
        "miacnet_tiny_rendered, miacnet_motion28_rendered.",
    ),
]
ClassesOption = Annotated[
    str | None,
    typer.Option(
        help="Class set: native (every label), 3, 4, that of a protocol such as casme2-5, or a "
        "mapping such as negative=disgust+repression,positive=happiness. Default: native.",
        show_default=False,
    ),
]
ProtocolOption = Annotated[
    str | None,
    typer.Option(
        help="Published protocol: its clips, classes or action units, and split. See `keras-ma2mi "
        "protocols`.",
        show_default=False,
    ),
]
SplitOption = Annotated[
    str | None,
    typer.Option(
        help="Who is held out: loso | lodo | holdout:DATASET[,DATASET] | k-fold:K[:SEED] | "
        "fixed:FILE.csv. Default: the protocol's, else loso.",
        show_default=False,
    ),
]
ActionUnitsOption = Annotated[
    str | None,
    typer.Option(
        help="Predict these action units instead of classes: FACS numbers, such as 1,2,4,12. Clips "
        "without annotated units are left out.",
        show_default=False,
    ),
]
AllowMissingOption = Annotated[
    bool,
    typer.Option(
        help="Go on where the store does not hold the whole protocol; every table says so."
    ),
]
BranchesOption = Annotated[
    Branches,
    typer.Option(
        help="Branches of the network; auto: those of the preset, or action alone where clips "
        "have no onset frame."
    ),
]
MotionScalingOption = Annotated[
    MotionScaling | None,
    typer.Option(
        help="minmax stretches each image and channel to 0..1 as published releases do, and "
        "loses its size. Default: what the store has.",
        show_default=False,
    ),
]
SelectOption = Annotated[
    Select,
    typer.Option(
        help="Which epoch counts. last: their number is fixed beforehand. nested: the best "
        "number on inner folds of the training subjects. peek: the best on the held-out "
        "subject itself, as in much of the literature; marked wherever it shows."
    ),
]
ModelOption = Annotated[
    Model, typer.Option(help="What is fitted in each fold; all but miacnet are baselines.")
]
BaselinesOption = Annotated[
    bool,
    typer.Option(
        help="Fit the majority of training clips and support vectors in the same folds too, in "
        "RUN/baselines."
    ),
]
InnerFoldsOption = Annotated[
    int, typer.Option(help="Inner folds of --select nested.", min=2, show_default=True)
]
SeedsOption = Annotated[str, typer.Option(help="Seeds, comma separated; one set of folds each.")]
FoldWorkersOption = Annotated[
    int | None,
    typer.Option(
        help="Processes that fit folds side by side, each with its share of the cores; each "
        "compiles once. Default: 1, or what a cluster has.",
        min=1,
        show_default=False,
    ),
]
FoldClusterOption = Annotated[
    str | None,
    typer.Option(
        help="Dask cluster to fit folds on: tcp://host:port, a scheduler file, or `local`. Its "
        "machines must see the run directory."
    ),
]

# The training recipe. None stands for the default of the preset, see docs/training_recipe.md.
_RECIPE = "Training recipe (defaults depend on the preset)"
RecipeEpochsOption = Annotated[
    int | None,
    typer.Option(
        help="Epochs, fixed beforehand. More than needed only costs time with the cosine "
        "schedule; a warning says when training clips are known by heart. Default: 30, "
        "and 60 for miacnet_motion28.",
        rich_help_panel=_RECIPE,
        min=1,
        show_default=False,
    ),
]
RecipeBatchSizeOption = Annotated[
    int | None,
    typer.Option(
        help="Clips a step. Default: 16.",
        rich_help_panel=_RECIPE,
        min=1,
        show_default=False,
    ),
]
RecipeRateOption = Annotated[
    float | None,
    typer.Option(
        help="Peak learning rate of AdamW. Default: 0.002.",
        rich_help_panel=_RECIPE,
        min=0.0,
        show_default=False,
    ),
]
ScheduleOption = Annotated[
    Schedule | None,
    typer.Option(
        help="How the rate goes on after the warm-up: cosine to zero, constant, or exponential"
        " with 0.987 an epoch. Default: cosine.",
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
WarmUpOption = Annotated[
    int | None,
    typer.Option(
        help="Epochs in which the rate rises. Default: a tenth of --epochs, one at least.",
        rich_help_panel=_RECIPE,
        min=0,
        show_default=False,
    ),
]
WeightDecayOption = Annotated[
    float | None,
    typer.Option(
        help="Decay of kernels; biases, normalisation and position embeddings have none. "
        "Default: 0.001.",
        rich_help_panel=_RECIPE,
        min=0.0,
        show_default=False,
    ),
]
BalanceOption = Annotated[
    Balance | None,
    typer.Option(
        help="Unequal classes: weights in the loss, or sampling that shows every class equally"
        " often. Default: weights.",
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
FocalOption = Annotated[
    float | None,
    typer.Option(
        help="Focal loss: exponent by which clips that are right already weigh less. Default: 0.",
        rich_help_panel=_RECIPE,
        min=0.0,
        show_default=False,
    ),
]
LabelSmoothingOption = Annotated[
    float | None,
    typer.Option(
        help="Share of the target spread over all classes. Default: 0.1.",
        rich_help_panel=_RECIPE,
        min=0.0,
        max=0.99,
        show_default=False,
    ),
]
FreezeOption = Annotated[
    Freeze | None,
    typer.Option(
        help="What is not trained. first: the first half of each encoder; encoders: all but "
        "fusion and head; body: all but the last linear step. Default: none.",
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
FreezeEpochsOption = Annotated[
    int | None,
    typer.Option(
        help="Train what is frozen after so many epochs. Default: never.",
        rich_help_panel=_RECIPE,
        min=0,
        show_default=False,
    ),
]
LayerDecayOption = Annotated[
    float | None,
    typer.Option(
        help="Factor of the learning rate from stage to stage, from the head towards the "
        "input. Default: 1.",
        rich_help_panel=_RECIPE,
        min=0.01,
        max=1.0,
        show_default=False,
    ),
]
AverageOption = Annotated[
    Average | None,
    typer.Option(
        help="Weights that predictions are made with. last: mean over the last epochs; ema: "
        "moving average. Default: none.",
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
AverageEpochsOption = Annotated[
    int | None,
    typer.Option(
        help="How many epochs --average reaches back. Default: 5.",
        rich_help_panel=_RECIPE,
        min=1,
        show_default=False,
    ),
]
AugmentOption = Annotated[
    bool | None,
    typer.Option(
        help="Change training clips at random, onset and motion alike; --no-augment turns all "
        "of it off. Default: on.",
        rich_help_panel=_RECIPE,
        show_default=False,
    ),
]
FlipOption = Annotated[
    float | None,
    typer.Option(
        help="Probability of a mirror. Default: 0.5.",
        rich_help_panel=_RECIPE,
        min=0.0,
        max=1.0,
        show_default=False,
    ),
]
ShiftOption = Annotated[
    float | None,
    typer.Option(
        help="Largest shift, a fraction of the side. Default: 0.0625.",
        rich_help_panel=_RECIPE,
        min=0.0,
        max=0.5,
        show_default=False,
    ),
]
RotationOption = Annotated[
    float | None,
    typer.Option(
        help="Largest rotation, degrees; none of min-max scaled motion. Default: 0.",
        rich_help_panel=_RECIPE,
        min=0.0,
        max=180.0,
        show_default=False,
    ),
]
ScaleOption = Annotated[
    float | None,
    typer.Option(
        help="Largest enlargement: 0.1 stands for factors from 1/1.1 to 1.1. Default: 0.",
        rich_help_panel=_RECIPE,
        min=0.0,
        show_default=False,
    ),
]
AmplitudeOption = Annotated[
    float | None,
    typer.Option(
        help="The same for the size of the movement. Default: 0.",
        rich_help_panel=_RECIPE,
        min=0.0,
        show_default=False,
    ),
]

RECIPE = (
    "model",
    "pretrained",
    "preset",
    "branches",
    "network",
    "input_size",
    "motion",
    "select",
    "inner_folds",
    "epochs",
    "batch_size",
    "learning_rate",
    "schedule",
    "warm_up",
    "weight_decay",
    "balance",
    "focal",
    "label_smoothing",
    "freeze",
    "freeze_epochs",
    "layer_decay",
    "average",
    "average_epochs",
    "augment",
    "flip",
    "shift",
    "rotation",
    "scale",
    "amplitude",
    "jitter",
    "jitter_frames",
    "jitter_variants",
)
"""Options that are named as their field of `TrainOptions`."""
