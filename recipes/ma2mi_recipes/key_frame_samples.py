"""Samples of a store's clips at other key frames than the annotated ones."""

import multiprocessing
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.available_cpus import available_cpus
from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.store import ClipStore, StoredClip
from ma2mi_recipes.key_frame_pairs import Pair, why_not_movable
from ma2mi_recipes.labelled_clips import LabelledClips, pair_motion
from ma2mi_recipes.motion_of_clips import brought_to, scaling_of
from ma2mi_recipes.smaller_motion import averaged_down, averaged_frame

Done = TypeVar("Done")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Annotated:
    """A clip whose key frames can be moved.

    Attributes:
        row: Its place among the labelled clips.
        pair: Annotated onset and apex, as indices into its stored frames.
        frames: Number of its stored frames.
    """

    row: int
    pair: Pair
    frames: int


@dataclass(frozen=True)
class PairSample:
    """Onset frame `(S, S, 3)` uint8 and motion `(S, S, C)` float32 of a pair of frames."""

    onset: npt.NDArray[np.uint8]
    motion: npt.NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        return self.onset.nbytes + self.motion.nbytes


class KeyFrameSamples:
    """Computes samples of clips at any pair of their stored frames, and keeps those used last.

    Motion is computed as that of the annotated frames is: the stored flow where the store has the
    pair, else TV-L1 on its frames, then strain and scaling.

    Args:
        clips: The labelled clips; they know their store.
        motion: Kind of motion, as the clips were loaded with.
        cache_bytes: How much may be kept, for seeds that come back to a clip.

    Attributes:
        movable: The clips whose key frames can be moved, by row.
        left_out: The other clips, with the reason.
    """

    def __init__(self, clips: LabelledClips, motion: MotionKind, cache_bytes: int = 0) -> None:
        self.clips, self.motion = clips, motion
        self._store = ClipStore(clips.store)
        self._cache: OrderedDict[int, dict[Pair, PairSample]] = OrderedDict()
        self._cache_left = cache_bytes
        self.movable: dict[int, Annotated] = {}
        self.left_out: dict[str, str] = {}
        for row, clip_id in enumerate(clips.clip_ids):
            self._look_at(row, self._store.read(clip_id))

    @property
    def identity(self) -> tuple[str, ...]:
        """The same for the same clips of the same store."""
        return (self.clips.store, self._store.options_hash, *self.clips.clip_ids)

    def at(self, pairs: Mapping[int, Iterable[Pair]]) -> dict[int, dict[Pair, PairSample]]:
        """Samples of clips at pairs of frames; clips are shared among threads.

        Args:
            pairs: Row of a clip to the pairs wanted of it.
        """
        wanted = [(row, set(some)) for row, some in pairs.items()]
        found = dict(in_threads(lambda item: (item[0], self._of_clip(*item)), wanted))
        for row, samples in found.items():
            self._keep(row, samples)
        return found

    def frames(self, row: int) -> tuple[npt.NDArray[np.uint8], float]:
        """All stored frames of a clip `(T, S, S, 3)`, and frames a second."""
        stored = self._store.read(self.clips.clip_ids[row])
        return np.asarray(stored.frames[...], np.uint8), stored.fps

    def _look_at(self, row: int, stored: StoredClip) -> None:
        frames = stored.frames.shape[0]
        reason = why_not_movable(stored.onset, stored.apex, frames)
        if reason is None:
            assert stored.onset is not None and stored.apex is not None
            self.movable[row] = Annotated(row, (stored.onset, stored.apex), frames)
        else:
            self.left_out[stored.clip.clip_id] = reason

    def _of_clip(self, row: int, pairs: set[Pair]) -> dict[Pair, PairSample]:
        samples = dict(self._cache.get(row, {}))
        missing = pairs - set(samples)
        if missing:
            stored = self._store.read(self.clips.clip_ids[row])
            samples.update({pair: self._sample(stored, pair) for pair in sorted(missing)})
        return samples

    def _sample(self, stored: StoredClip, pair: Pair) -> PairSample:
        motion = pair_motion(stored, pair, self.motion)
        size, scaling = self.clips.size, scaling_of(stored)
        motion = averaged_down(motion, size, scaling, self.motion)
        return PairSample(
            averaged_frame(np.asarray(stored.frames[pair[0]], np.uint8), size),
            brought_to(motion, scaling, self.clips.scaling),
        )

    def _keep(self, row: int, samples: dict[Pair, PairSample]) -> None:
        self._cache_left += _size(self._cache.pop(row, {}))
        if _size(samples) <= self._cache_left:
            self._cache[row] = samples
            self._cache_left -= _size(samples)


def clips_at(clips: LabelledClips, samples: Mapping[int, PairSample]) -> LabelledClips:
    """Some of the clips, in the order of `samples`, with other samples."""
    rows = list(samples)
    return replace(
        clips,
        clip_ids=[clips.clip_ids[row] for row in rows],
        datasets=[clips.datasets[row] for row in rows],
        subjects=[clips.subjects[row] for row in rows],
        labels=clips.labels[rows],
        onset=np.stack([sample.onset for sample in samples.values()]),
        motion=np.stack([sample.motion for sample in samples.values()]),
        without_onset=(),
        jittered=None,
    )


def in_threads(work: Callable[[Item], Done], items: Sequence[Item]) -> Iterator[Done]:
    """What `work` gives for each item, in order; the kernels of flow let other threads run."""
    # A worker process is one of as many as there are cores.
    alone = multiprocessing.parent_process() is None
    threads = min(len(items), available_cpus() if alone else 1)
    if threads < 2:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, items)


def _size(samples: Mapping[Pair, PairSample]) -> int:
    return sum(sample.nbytes for sample in samples.values())
