"""Options of `keras-ma2mi train`, one name each, so that its signature can be read."""

from pathlib import Path
from typing import Annotated

import typer

from ma2mi_recipes.options import Branches, Model, MotionScaling, Select

PretrainedOption = Annotated[
    Path | None, typer.Option(help="Run of `pretrain` whose encoders to start from.")
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
        help="Fit majority class and support vectors in the same folds too, in RUN/baselines."
    ),
]
InnerFoldsOption = Annotated[
    int, typer.Option(help="Inner folds of --select nested.", min=2, show_default=True)
]
FreezeOption = Annotated[bool, typer.Option(help="Train the head only.")]
AugmentOption = Annotated[bool, typer.Option(help="Random mirror and shift, jointly.")]
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
