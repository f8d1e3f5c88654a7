"""The plans: a full one and a quick one, to report, and their like to choose options on."""

from dataclasses import replace

from ma2mi_preprocessing.synthesis.style import STYLES
from ma2mi_recipes.ma2mi_benchmark.plan import Plan, RenderedSet, check_known

ACTED = "posed"
"""Style of macro clips: acted prototypes, as most macro corpora show and no micro corpus does."""

FULL_PLAN = Plan(
    "full",
    macro=RenderedSet("macro", subjects=64, clips_per_subject=10, seed=201, style=ACTED),
    micro=RenderedSet("micro", subjects=16, clips_per_subject=10, seed=202),
    pretraining_epochs=5,
)
"""What is reported."""

QUICK_PLAN = Plan(
    "quick",
    macro=RenderedSet("macro", subjects=24, clips_per_subject=5, seed=201, style=ACTED),
    micro=RenderedSet("micro", subjects=16, clips_per_subject=5, seed=202),
    methods=("scratch", "naive_transfer", "autoencoder", "ma2mi"),
    branches=("both",),
    fractions=(0.25, 1.0),
    seeds=(0,),
    epochs=20,
    pretraining_epochs=10,
    transfer_epochs=15,
)
"""Whether it runs, and roughly what comes out."""

_OTHER_PEOPLE, _OTHER_SEEDS = 100, 100


def for_choosing(plan: Plan) -> Plan:
    """The same with other people and other seeds: what options are chosen on.

    Whoever tries many options and keeps the best has fitted them to the clips that they were tried
    on; the figures that are reported come from people and seeds that no choice has seen.
    """
    chosen = replace(
        plan,
        name=f"{plan.name}, for choosing",
        macro=replace(plan.macro, seed=plan.macro.seed + _OTHER_PEOPLE),
        micro=replace(plan.micro, seed=plan.micro.seed + _OTHER_PEOPLE),
        seeds=tuple(seed + _OTHER_SEEDS for seed in plan.seeds),
    )
    check_disjoint(plan, chosen)
    return chosen


def check_disjoint(*plans: Plan) -> None:
    """Raises `ValueError` where one person is in two sets, or one seed in two plans."""
    sets = [rendered for plan in plans for rendered in (plan.macro, plan.micro)]
    for place, one in enumerate(sets):
        for other in sets[place + 1 :]:
            if one.people & other.people:
                raise ValueError(
                    "`plans` must show different people. Received: "
                    f"{one.kind}, seed {one.seed}, twice"
                )
    seeds = [seed for plan in plans for seed in plan.seeds]
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"`plans` must have different seeds. Received: {seeds}")


def in_style(plan: Plan, style: str, pretraining_style: str | None = None) -> Plan:
    """The plan in a rendering style, or in two: one to pre-train on and one to fine-tune on.

    Raises:
        InputError: Where there is no such style.
    """
    before = pretraining_style or style
    check_known("rendering style", (style, before), tuple(STYLES))
    return replace(
        plan, macro=replace(plan.macro, style=before), micro=replace(plan.micro, style=style)
    )
