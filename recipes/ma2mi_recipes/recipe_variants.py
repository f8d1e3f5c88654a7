"""What is changed in the training recipe, one thing at a time, to see what it does."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from ma2mi_recipes.baselines import BASELINES, baseline_options
from ma2mi_recipes.fine_tuning import TrainOptions

DEFAULT = "the default"
"""Name of the variant that the others are compared with."""


@dataclass(frozen=True)
class Variant:
    """The default recipe with one thing changed.

    Attributes:
        name: What differs, in words.
        changes: Fields of `TrainOptions` and their values.
    """

    name: str
    changes: dict[str, Any]


SCRATCH_VARIANTS = (
    Variant("classes: nothing done", {"balance": "none"}),
    Variant("classes: weights in the loss", {"balance": "weights"}),
    Variant("classes: balanced sampling", {"balance": "sampling"}),
    Variant("classes: focal loss, 2", {"balance": "none", "focal": 2.0}),
    Variant("label smoothing 0", {"label_smoothing": 0.0}),
    Variant("label smoothing 0.1", {"label_smoothing": 0.1}),
    Variant("weight decay 0", {"weight_decay": 0.0}),
    Variant("weight decay 0.001", {"weight_decay": 1e-3}),
    Variant("weight decay 0.05", {"weight_decay": 0.05}),
    Variant("no augmentation", {"augment": False}),
    Variant("no mirror", {"flip": 0.0}),
    Variant("no shift", {"shift": 0.0}),
    Variant("rotation 0", {"rotation": 0.0}),
    Variant("rotation 5, scale 0.05", {"rotation": 5.0, "scale": 0.05}),
    Variant("amplitude 0", {"amplitude": 0.0}),
    Variant("amplitude 0.25", {"amplitude": 0.25}),
    Variant("constant rate", {"schedule": "constant"}),
    Variant("exponential rate", {"schedule": "exponential"}),
    Variant("no warm-up", {"warm_up": 0}),
    Variant("average: none", {"average": "none"}),
    Variant("average: last 5 epochs", {"average": "last", "average_epochs": 5}),
    Variant("average: moving, 5 epochs", {"average": "ema", "average_epochs": 5}),
    Variant("key frames: as annotated", {"jitter": 0.0, "jitter_frames": 0}),
    Variant("key frames: jitter of 0.15", {"jitter": 0.15, "jitter_frames": 0}),
    Variant("key frames: jitter of 3 frames", {"jitter": 0.0, "jitter_frames": 3}),
)
"""What can be varied in any training; those that are the default are left out."""

PRETRAINED_VARIANTS = (
    Variant("from scratch", {"pretrained": None, "freeze": "none", "layer_decay": 1.0}),
    Variant("nothing frozen", {"freeze": "none"}),
    Variant("first halves frozen", {"freeze": "first"}),
    Variant("encoders frozen", {"freeze": "encoders"}),
    Variant("encoders frozen for 5 epochs", {"freeze": "encoders", "freeze_epochs": 5}),
    Variant("one rate for all stages", {"layer_decay": 1.0}),
    Variant("stages 0.7 slower each", {"layer_decay": 0.7}),
)
"""What can be varied where encoders are pre-trained."""


def variants_of(default: TrainOptions) -> list[Variant]:
    """The default first, then everything that differs from it in one thing, then the baselines."""
    known = PRETRAINED_VARIANTS if default.pretrained else SCRATCH_VARIANTS
    asked = [*_lengths_and_rates(default), *known]
    others = [variant for variant in asked if replace(default, **variant.changes) != default]
    return [Variant(DEFAULT, {}), *others, *_baselines(default)]


def _lengths_and_rates(default: TrainOptions) -> list[Variant]:
    rates = [default.learning_rate * factor for factor in (0.25, 0.5, 2.0)]
    lengths = [max(1, default.epochs // 2), 2 * default.epochs]
    return [
        *(Variant(f"rate {rate:g}", {"learning_rate": rate}) for rate in rates),
        *(Variant(f"{length} epochs", {"epochs": length}) for length in lengths),
    ]


def _baselines(default: TrainOptions) -> list[Variant]:
    return [
        Variant(f"baseline: {name}", asdict(baseline_options(name, default))) for name in BASELINES
    ]
