"""A plan whose clips have samples at jittered key frames to train on."""

from collections.abc import Callable
from dataclasses import replace

from ma2mi_recipes.fine_tuning.plan import TrainPlan
from ma2mi_recipes.key_frame_jitter import with_jitter


def with_jittered_clips(
    plan: TrainPlan, on_clip: Callable[[int], None] = lambda _: None
) -> TrainPlan:
    """The plan with samples at jittered key frames, where its options ask for them.

    Args:
        plan: A plan that may have them already.
        on_clip: Called with the number of clips after some are done.
    """
    options = plan.options
    if plan.clips.jittered is not None or not (options.jitter or options.jitter_frames):
        return plan
    clips = with_jitter(
        plan.clips,
        options.motion,
        share=options.jitter,
        most=options.jitter_frames,
        count=options.jitter_variants,
        on_clip=on_clip,
    )
    return replace(plan, clips=clips)
