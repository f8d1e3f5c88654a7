"""Training samples at jittered key frames, computed before anything is fitted."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ma2mi_preprocessing.motion import MotionKind
from ma2mi_recipes.key_frame_pairs import Pair, jittered_pairs
from ma2mi_recipes.key_frame_samples import KeyFrameSamples, PairSample
from ma2mi_recipes.labelled_clips import JitteredSamples, LabelledClips

_CLIPS_AT_ONCE = 16


def with_jitter(
    clips: LabelledClips,
    motion: MotionKind,
    *,
    share: float = 0.0,
    most: int = 0,
    count: int = 4,
    on_clip: Callable[[int], None] = lambda _: None,
) -> LabelledClips:
    """The clips with samples at jittered key frames; which a fold may see, `TrainingRows` says.

    Args:
        clips: Clips of a store.
        motion: Kind of motion, as they were loaded with.
        share: As for `jittered_pairs`; without share and frames the clips come back as they are.
        most: Frames, as for `jittered_pairs`.
        count: Samples of each clip beside the annotated one. Those that fall on the same frames
            are kept once.
        on_clip: Called with the number of clips after some are done.
    """
    if not share and not most:
        return clips
    samples = KeyFrameSamples(clips, motion)
    drawn = {
        row: jittered_pairs(
            clips.clip_ids[row], clip.pair, clip.frames, share=share, most=most, count=count
        )
        for row, clip in samples.movable.items()
    }
    place = np.full((len(clips), count + 1), -1, np.int64)
    kept: list[PairSample] = []
    rows = list(drawn)
    for start in range(0, len(rows), _CLIPS_AT_ONCE):
        some = rows[start : start + _CLIPS_AT_ONCE]
        wanted = {row: set(drawn[row]) - {samples.movable[row].pair} for row in some}
        for row, found in samples.at(wanted).items():
            places: dict[Pair, int] = {}
            for pair, sample in found.items():
                places[pair] = len(kept)
                kept.append(sample)
            place[row, 1:] = [places.get(pair, -1) for pair in drawn[row]]
        on_clip(len(some))
    return replace(clips, jittered=_stacked(clips, place, kept))


def jitter_reach(clips: LabelledClips) -> float:
    """Share of clips of which some variant has other frames than the annotated ones."""
    if clips.jittered is None:
        return 0.0
    return float((clips.jittered.place >= 0).any(axis=1).mean())


def _stacked(
    clips: LabelledClips,
    place: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    kept: list[PairSample],
) -> JitteredSamples:
    onset = np.empty((len(kept), *clips.onset.shape[1:]), np.uint8)
    motion = np.empty((len(kept), *clips.motion.shape[1:]), np.float32)
    for number, sample in enumerate(kept):
        onset[number], motion[number] = sample.onset, sample.motion
    return JitteredSamples(place, onset, motion)
