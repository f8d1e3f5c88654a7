"""Which frame pairs of a clip get optical flow."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from .options import PreprocessOptions

Pairs = NDArray[np.int32]
"""(P, 2) indices of the first and second frame of each pair."""


def choose_pairs(
    clip_id: str,
    frames: int,
    fps: float,
    options: PreprocessOptions,
    *,
    onset: int | None = None,
    apex: int | None = None,
) -> Pairs:
    """Choose frame pairs by `options.pairs`.

    Parameters
    ----------
    clip_id : str
        Name of the clip; with `options.seed` it fixes what is drawn, so that a clip has the same
        pairs whichever clips are processed beside it.
    frames : int
        Number of frames of the clip.
    fps : float
        Frames a second.
    options : PreprocessOptions
        `pairs`, `gap_seconds`, `pairs_per_clip` and `seed` are used.
    onset, apex : int or None
        Annotated frames as indices into the clip.

    Returns
    -------
    ndarray, shape (P, 2), int32
        Sorted, without duplicates, the first index below the second except for "onset", whose
        first is the onset; P can be 0.
    """
    kind = options.pairs
    if kind == "auto":
        kind = "gap" if onset is None or apex is None else "key"
    if kind == "gap":
        return gap_pairs(clip_id, frames, fps, options)
    if kind == "key" and onset is not None and apex is not None and onset != apex:
        return _as_pairs([(onset, apex)])
    if kind == "onset" and onset is not None:
        return _as_pairs([(onset, index) for index in range(frames) if index != onset])
    return _as_pairs([])


def gap_pairs(clip_id: str, frames: int, fps: float, options: PreprocessOptions) -> Pairs:
    """Draw pairs (t, t + k), with the gap k drawn evenly in seconds and t evenly in the clip.

    Returns
    -------
    ndarray, shape (P, 2), int32
        At most `options.pairs_per_clip`; fewer where a short clip has no more different pairs.
    """
    digest = hashlib.sha256(clip_id.encode()).digest()
    random = np.random.default_rng([options.seed, int.from_bytes(digest[:8], "big")])
    shortest, longest = options.gap_seconds
    drawn: set[tuple[int, int]] = set()
    if frames < 2:
        return _as_pairs([])
    # Draws that hit a pair again are repeated, but a clip of three frames has only three pairs.
    for _ in range(4 * options.pairs_per_clip):
        gap = round(float(random.uniform(shortest, longest)) * fps)
        gap = min(max(gap, 1), frames - 1)
        first = int(random.integers(0, frames - gap))
        drawn.add((first, first + gap))
        if len(drawn) == options.pairs_per_clip:
            break
    return _as_pairs(sorted(drawn))


def _as_pairs(pairs: list[tuple[int, int]]) -> Pairs:
    return np.array(pairs, np.int32).reshape(-1, 2)
