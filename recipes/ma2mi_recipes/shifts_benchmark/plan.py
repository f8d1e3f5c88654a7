"""In which styles clips are learnt from, and in which they are tested."""

from dataclasses import dataclass, replace

from ma2mi_preprocessing.synthesis.style import ALL_STYLES, STYLES
from ma2mi_recipes.ma2mi_benchmark import (
    FULL_PLAN,
    QUICK_PLAN,
    Plan,
    RenderedSet,
    for_choosing,
    in_style,
)
from ma2mi_recipes.ma2mi_benchmark.plan import check_known

PRETRAINED_METHODS = ("naive_transfer", "ma2mi", "ma2mi_then_labels")


@dataclass(frozen=True)
class ShiftPlan:
    """A benchmark of shifts, before anything is done.

    Attributes:
        plan: People, methods, branches, shares of the labels, seeds and lengths; the styles in it
            give way to those below.
        fine_tuning_styles: Each is fine-tuned on, all people of the micro set at once.
        pretraining_styles: Each is pre-trained on, for each style of fine-tuning.
        test_styles: Each is tested in, as it is; `photograph` may be among them.
        test_subjects: People tested on, who are in no other set; of the photograph its variants.
        test_clips_per_subject: Clips of each; a multiple of the five classes is balanced.
        test_seed: Fixes the people tested on.
    """

    plan: Plan
    fine_tuning_styles: tuple[str, ...] = ("natural", "plain")
    pretraining_styles: tuple[str, ...] = ("natural", "plain")
    # Micro clips of `posed` are those of `natural`.
    test_styles: tuple[str, ...] = tuple(name for name in ALL_STYLES if name != "posed")
    test_subjects: int = 16
    test_clips_per_subject: int = 10
    test_seed: int = 203

    def __post_init__(self) -> None:
        """Refuses what cannot be measured, and people who would be met twice."""
        check_known("rendering style to learn from", self.fine_tuning_styles, tuple(STYLES))
        check_known("rendering style to learn from", self.pretraining_styles, tuple(STYLES))
        check_known("rendering style to test in", self.test_styles, tuple(ALL_STYLES))
        choosing = for_choosing(self.plan)
        for learnt in (self.plan.macro, self.plan.micro, choosing.macro, choosing.micro):
            for test in self.tests:
                if learnt.people & test.people:
                    raise ValueError(
                        "`test_seed` must show people who were neither learnt nor chosen on. "
                        f"Received: test_seed={self.test_seed}"
                    )

    @property
    def tests(self) -> tuple[RenderedSet, ...]:
        """What is tested on, in the order of `test_styles`."""
        return tuple(
            RenderedSet(
                "micro", self.test_subjects, self.test_clips_per_subject, self.test_seed, style
            )
            for style in self.test_styles
        )

    def learning(self, style: str, pretraining_style: str | None) -> Plan:
        """The plan with its clips in a style, those to pre-train on in another."""
        return in_style(self.plan, style, pretraining_style)


FULL_SHIFTS = ShiftPlan(
    replace(
        FULL_PLAN,
        methods=("scratch", *PRETRAINED_METHODS),
        branches=("both",),
        fractions=(0.25, 1.0),
    )
)
"""What is reported."""

QUICK_SHIFTS = ShiftPlan(
    replace(QUICK_PLAN, methods=("scratch", *PRETRAINED_METHODS), fractions=(1.0,)),
    fine_tuning_styles=("natural",),
    pretraining_styles=("natural",),
    test_styles=("natural", "plain", "dim", "smooth", "slow_camera", "photograph"),
    test_subjects=8,
    test_clips_per_subject=5,
)
"""Whether it runs, and roughly what comes out."""
