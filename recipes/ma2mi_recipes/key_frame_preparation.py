"""What is computed about key frames before a run is trained, with progress and words for people."""

import numpy as np

from ma2mi_recipes.fine_tuning import TrainPlan
from ma2mi_recipes.fine_tuning.jittered_plan import with_jittered_clips
from ma2mi_recipes.found_key_frames import found_key_frames, search_left
from ma2mi_recipes.key_frame_jitter import jitter_reach
from ma2mi_recipes.key_frame_pairs import PlacedPair
from ma2mi_recipes.key_frame_samples import KeyFrameSamples
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.progress import console, progress_bar
from ma2mi_recipes.run_directory import RunDirectory


def prepare_key_frames(run: RunDirectory, plan: TrainPlan) -> TrainPlan:
    """Searches for key frames and computes jittered samples, where the options ask for them.

    Args:
        run: Keeps the key frames that are found.
        plan: The run to be trained.

    Returns:
        The plan, with jittered samples.
    """
    if plan.options.asks_key_frames:
        _prepare_predictions(run, plan)
    if not (plan.options.jitter or plan.options.jitter_frames):
        return plan
    with progress_bar("jittering key frames", len(plan.clips), "clip") as advance:
        plan = with_jittered_clips(plan, advance)
    reach = jitter_reach(plan.clips)
    rest = "" if reach == 1 else "; in the others it does not reach the next frame"
    console.print(f"jitter moves the key frames of {reach:.0%} of the clips{rest}")
    return plan


def _prepare_predictions(run: RunDirectory, plan: TrainPlan) -> None:
    samples = KeyFrameSamples(plan.clips, plan.options.motion)
    _tell(plan.clips, samples)
    run.write_json("key_frames.json", {"left_out": samples.left_out})
    if plan.options.found_key_frames:
        found = _found(run, samples)
        if found:
            errors = np.abs([(place.onset_error, place.apex_error) for place in found.values()])
            onset, apex = np.median(errors, axis=0)
            console.print(f"key frames found: median error {onset:g} (onset), {apex:g} (apex)")


def _found(run: RunDirectory, samples: KeyFrameSamples) -> dict[int, PlacedPair]:
    left = search_left(run.path, samples)
    if not left:
        return found_key_frames(run, samples)
    with progress_bar("finding key frames", left, "clip") as advance:
        return found_key_frames(run, samples, advance)


def _tell(clips: LabelledClips, samples: KeyFrameSamples) -> None:
    if samples.left_out:
        first, reason = next(iter(samples.left_out.items()))
        console.print(
            f"key frames of {len(samples.left_out)} clips cannot be moved, such as {first}: "
            f"{reason}; listed in key_frames.json"
        )
    if clips.magnification:
        console.print(
            "frames of this store were magnified about the annotated onset, which a wrong onset "
            "would not have given: the curve over key frames is too good"
        )
