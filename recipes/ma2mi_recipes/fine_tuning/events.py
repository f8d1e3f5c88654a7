"""What is told of a run while folds are fitted."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class EpochEnd:
    """Told after each epoch.

    Attributes:
        seed: Seed of the run.
        fold: What is held out.
        epoch: From 0.
        loss: Of the training clips.
        steps: Epochs that the fold is nearer to its end.
    """

    seed: int
    fold: str
    epoch: int
    loss: float
    steps: int = 1


@dataclass(frozen=True)
class FoldEnd:
    """Told after each fold: what `fits.csv` says of it, so that over-fitting shows early."""

    seed: int
    fold: str
    train_accuracy: float
    held_out_accuracy: float
    held_out_clips: int


@dataclass(frozen=True)
class Listeners:
    """Who is told how a run goes on."""

    on_epoch: Callable[[EpochEnd], None] = lambda _: None
    on_fold: Callable[[FoldEnd], None] = lambda _: None
