"""Labelled clips made of numbers, for tests of what is done with them."""

import numpy as np

from ma2mi_recipes.labelled_clips import LabelledClips


def made_up_clips(subjects: int = 4, clips_each: int = 4, size: int = 32) -> LabelledClips:
    """Two classes, told apart by the direction of their motion; subjects `d/s0` and on."""
    count = subjects * clips_each
    random = np.random.default_rng(3)
    labels = np.arange(count, dtype=np.int32) % 2
    motion = random.normal(0, 0.3, (count, size, size, 3)).astype(np.float32)
    motion[..., 0] += np.where(labels == 1, 1.0, -1.0)[:, None, None]
    return LabelledClips(
        clip_ids=[f"d/s{row // clips_each}/c{row}" for row in range(count)],
        datasets=["d"] * count,
        subjects=[f"d/s{row // clips_each}" for row in range(count)],
        classes=["left", "right"],
        labels=labels,
        onset=random.integers(0, 255, (count, size, size, 3)).astype(np.uint8),
        motion=motion,
        left_out={},
    )
