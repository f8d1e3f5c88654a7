"""What the benchmark renders, trains and compares."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.synthesis.style import STYLES
from ma2mi_recipes.ma2mi_benchmark.settled import CLASSIFIER

METHODS = ("scratch", "naive_transfer", "autoencoder", "ma2mi", "ma2mi_then_labels")
"""How the encoders start; see `conditions.standard_conditions`."""
BRANCHES = ("both", "action", "position")
DEFAULT_STYLE = "natural" if "natural" in STYLES else "plain"


@dataclass(frozen=True)
class RenderedSet:
    """Clips of people who do not exist.

    Attributes:
        kind: Large expressions or small ones.
        subjects: People.
        clips_per_subject: Clips of each; a multiple of the five classes is balanced.
        seed: Fixes the people and all they do; no person of one kind and seed is among those of
            another.
        style: A key of `STYLES`.
        fps: Frames a second; None for those of the kind.
    """

    kind: Literal["macro", "micro"]
    subjects: int
    clips_per_subject: int
    seed: int
    style: str = DEFAULT_STYLE
    fps: float | None = None

    @property
    def people(self) -> frozenset[tuple[str, int, int]]:
        """Who is shown, as what fixes their looks: kind, rendering seed, and number.

        The style is no part of it: the same people in another style are still the same people.
        """
        return frozenset((self.kind, self.seed, number) for number in range(self.subjects))


@dataclass(frozen=True)
class Plan:
    """A benchmark, before anything is done.

    Attributes:
        name: What it is for, in a word.
        macro: Pre-trained on.
        micro: Fine-tuned on, each person held out once.
        methods: Of `METHODS`.
        branches: Of `BRANCHES`.
        fractions: Shares of the training labels that are known, each above 0 and at most 1.
        seeds: Each fixes a pre-training, the initial weights, and whose labels are known.
        size: Side of the frames in pixels; they are rendered at twice that.
        preset: MIACNet preset.
        motion: Motion channels.
        epochs: Epochs of fine-tuning with all labels.
        pretraining_epochs: Epochs of a reconstruction.
        pairs_per_clip: Frame pairs of each macro clip that are reconstructed.
        transfer_epochs: Epochs of the supervised training of naive transfer.
        baselines: Whether simple baselines are fitted beside the methods.
        training: What all trainings of networks with labels do otherwise, that of naive transfer
            among them: fields of `TrainOptions`.
        pretraining: What all reconstructions do otherwise: fields of `PretrainOptions`.
        preprocessing: What both stores have otherwise: fields of `PreprocessOptions`.
        pretraining_backend: Keras backend of the reconstructions, where it is another than that of
            all else: on a CPU one may be quicker at these, another at small folds.
    """

    name: str
    macro: RenderedSet
    micro: RenderedSet
    methods: tuple[str, ...] = METHODS
    branches: tuple[str, ...] = BRANCHES
    fractions: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    size: int = 64
    preset: str = "miacnet_tiny"
    motion: MotionKind = "flow"
    epochs: int = 30
    pretraining_epochs: int = 20
    pairs_per_clip: int = 12
    transfer_epochs: int = 30
    baselines: bool = True
    training: Mapping[str, Any] = field(default_factory=lambda: CLASSIFIER)
    pretraining: Mapping[str, Any] = field(default_factory=dict)
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    pretraining_backend: str | None = None

    def __post_init__(self) -> None:
        """Refuses what cannot be measured, before anything is rendered."""
        check_known("method", self.methods, METHODS)
        check_known("branches", self.branches, BRANCHES)
        if not self.fractions or not all(0 < share <= 1 for share in self.fractions):
            raise InputError(
                f"shares of labels must be above 0 and at most 1, such as 0.25,1; got "
                f"{','.join(map(str, self.fractions))}"
            )
        if self.macro.kind != "macro" or self.micro.kind != "micro":
            raise ValueError(
                "`macro` and `micro` must be sets of these kinds. Received: "
                f"{self.macro.kind} and {self.micro.kind}"
            )

    def epochs_at(self, fraction: float) -> int:
        """Epochs of fine-tuning with a share of the labels.

        An epoch of few clips has few steps. With the same number of epochs a network with a tenth
        of the labels would make a tenth of the steps, and one from scratch would lose for that
        alone; with the same number of steps it would see each clip ten times as often.
        """
        return math.ceil(self.epochs / math.sqrt(fraction))


def check_known(what: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Raises InputError where something given is not known, or nothing is given."""
    unknown = [name for name in given if name not in known]
    if unknown or not given:
        asked = ", ".join(unknown) or "nothing"
        raise InputError(f"there is no {what} {asked}; choose of {', '.join(known)}")
