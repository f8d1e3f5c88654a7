"""What the weights of the package see, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.synthesis.face_draws import FlowFieldOptions
from ma2mi_preprocessing.synthesis.style import STYLES
from ma2mi_recipes.ma2mi_benchmark.plan import RenderedSet
from ma2mi_recipes.ma2mi_benchmark.settled import CLASSIFIER
from ma2mi_recipes.pretraining_recipes import RECIPES
from ma2mi_recipes.unit_pretraining import UnitPretrainOptions


@dataclass(frozen=True)
class EmotionPlan:
    """MA2MI on macro clips, then their labels, then those of micro clips.

    Attributes:
        macro: Pre-trained on, without labels and then with them.
        micro: Trained on with labels.
        size: Side of the aligned faces; they are rendered at twice that.
        preset: Named size of MIACNet.
        pairs_per_clip: Frame pairs of each macro clip.
        pretraining: Fields of `PretrainOptions` that differ from its defaults.
        training: Fields of `TrainOptions` that differ from the recipe of the preset, for macro and
            micro clips alike.
    """

    macro: RenderedSet
    micro: RenderedSet
    size: int = 64
    preset: str = "miacnet_tiny"
    pairs_per_clip: int = 12
    pretraining: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class UnitPlan:
    """Action units from flow fields that are drawn on the way.

    Attributes:
        options: What is drawn and trained.
        crops: Crops of the rendered clips that the zero-shot emotions are scored on.
    """

    options: UnitPretrainOptions
    crops: tuple[str, ...] = ("aligned", "tight", "loose")


@dataclass(frozen=True)
class WeightsPlan:
    """What is made, and what it is scored on.

    Attributes:
        name: Of the weights.
        work: What is trained.
        test: Clips of people whom no stage before has seen.
        seed: Of everything random that is not rendered.
    """

    name: str
    work: EmotionPlan | UnitPlan
    test: RenderedSet
    seed: int = 0

    @property
    def trained_on(self) -> tuple[RenderedSet, ...]:
        """The rendered clips that weights are fitted to."""
        return (self.work.macro, self.work.micro) if isinstance(self.work, EmotionPlan) else ()

    def __post_init__(self) -> None:
        """Refuses a test on people who were trained on."""
        if any(one.people & self.test.people for one in self.trained_on):
            raise ValueError(
                "`test` must show other people than those trained on. Received: seed "
                f"{self.test.seed} of {self.test.kind} clips twice"
            )


_TEST = RenderedSet("micro", subjects=24, clips_per_subject=10, seed=703)

# Those of `pretrain-units`: any crop, and motion scaled as published releases scale it.
_FIELDS = FlowFieldOptions(crop="any", scaling="minmax")

PLANS: Mapping[str, WeightsPlan] = {
    "miacnet_tiny_rendered": WeightsPlan(
        "miacnet_tiny_rendered",
        EmotionPlan(
            macro=RenderedSet("macro", subjects=96, clips_per_subject=10, seed=701),
            micro=RenderedSet("micro", subjects=32, clips_per_subject=10, seed=702),
            pretraining={**RECIPES["code"], "epochs": 6},
            training={"network": CLASSIFIER["network"]},
        ),
        _TEST,
    ),
    "miacnet_motion28_rendered": WeightsPlan(
        "miacnet_motion28_rendered", UnitPlan(UnitPretrainOptions(fields=_FIELDS)), _TEST
    ),
}
"""Name to plan. No seed of theirs renders people of another benchmark, nor those of the demo."""


def plan_in_style(plan: WeightsPlan, style: str) -> WeightsPlan:
    """The plan with all its clips rendered in a style.

    Raises:
        InputError: Where there is no such style.
    """
    if style not in STYLES:
        raise InputError(f"there is no rendering style {style}; there are {', '.join(STYLES)}")
    work = plan.work
    if isinstance(work, EmotionPlan):
        macro, micro = (replace(one, style=style) for one in (work.macro, work.micro))
        work = replace(work, macro=macro, micro=micro)
    return replace(plan, work=work, test=replace(plan.test, style=style))


def quick_plan(plan: WeightsPlan) -> WeightsPlan:
    """The plan with few clips and epochs: whether it runs, not what comes out."""
    work: EmotionPlan | UnitPlan
    if isinstance(plan.work, EmotionPlan):
        work = replace(
            plan.work,
            macro=replace(plan.work.macro, subjects=16, clips_per_subject=5),
            micro=replace(plan.work.micro, subjects=8, clips_per_subject=5),
            pairs_per_clip=8,
            pretraining={**plan.work.pretraining, "epochs": 6},
            training={**plan.work.training, "epochs": 15},
        )
    else:
        work = replace(plan.work, options=replace(plan.work.options, samples=10_240, epochs=4))
    return replace(plan, work=work, test=replace(plan.test, subjects=4, clips_per_subject=5))
