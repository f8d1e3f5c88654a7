"""The bridge from a clip store to Keras: batches of clips, and of frame pairs."""

from collections.abc import Sequence
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.store import ClipStore
from ma2mi_recipes.labelled_clips import pair_motion
from ma2mi_recipes.motion_of_clips import brought_to

Batch = dict[str, npt.NDArray[Any]]

_JITTER_STREAM = 1


class TrainableClips(Protocol):
    """Clips that may be trained on, such as `TrainingRows` of a fold."""

    rows: npt.NDArray[np.intp]

    @property
    def variants(self) -> int: ...

    def onset(
        self, rows: npt.NDArray[np.intp], variants: npt.NDArray[np.intp] | None = None
    ) -> npt.NDArray[np.uint8]: ...

    def motion(
        self, rows: npt.NDArray[np.intp], variants: npt.NDArray[np.intp] | None = None
    ) -> npt.NDArray[np.float32]: ...

    def labels(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]: ...


class ClipBatches(keras.utils.PyDataset):
    """Shuffled, augmented training batches of labelled clips.

    Every batch is full: the last one of an epoch is filled up with clips from its start, so that
    compiled training steps see one shape only. A batch depends on seed, epoch and its place alone:
    Keras may ask for one twice, or from several threads, without changing the others.
    """

    def __init__(
        self,
        clips: TrainableClips,
        inputs: Sequence[str],
        motion: str,
        batch_size: int,
        seed: int,
        augment: bool = True,
        scaling: MotionScaling = "pixels",
    ) -> None:
        super().__init__()
        self.clips, self.rows, self.inputs = clips, clips.rows, list(inputs)
        self.motion, self.batch_size, self.augment = motion, batch_size, augment
        self.scaling: MotionScaling = scaling
        self.seed, self.epoch = seed, 0
        self._shuffle()

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[Batch, npt.NDArray[np.int32]]:
        places = np.arange(index * self.batch_size, (index + 1) * self.batch_size)
        rows = self.order[places % len(self.order)]
        variants = self._variants(index)
        onset = as_unit_range(self.clips.onset(rows, variants))
        motion = self.clips.motion(rows, variants).copy()
        if self.augment:
            random = np.random.default_rng((self.seed, self.epoch, index))
            onset, motion = augment_jointly(onset, motion, self.motion, random, self.scaling)
        values = {"onset": onset, "motion": motion}
        return {name: values[name] for name in self.inputs}, self.clips.labels(rows)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()

    def _variants(self, index: int) -> npt.NDArray[np.intp]:
        # A stream of its own: with or without jitter, augmentation draws the same.
        random = np.random.default_rng((self.seed, self.epoch, index, _JITTER_STREAM))
        return random.integers(0, self.clips.variants, self.batch_size, dtype=np.intp)

    def _shuffle(self) -> None:
        self.order = np.random.default_rng((self.seed, self.epoch)).permutation(self.rows)


class PairBatches(keras.utils.PyDataset):
    """Frame pairs of a store for the future-frame reconstructor.

    Yields dictionaries of `frame` and `future` `(B, S, S, 3)` float32 0..1, `motion`
    `(B, S, S, C)` float32 and `gap` `(B, 1)` float32 seconds. What was read once stays in memory
    up to `cache_bytes`. Only the clips `clip_ids` are read, by default all.
    """

    def __init__(
        self,
        store: ClipStore,
        motion: MotionKind,
        batch_size: int,
        seed: int,
        cache_bytes: int = 1 << 30,
        clip_ids: Sequence[str] | None = None,
        scaling: MotionScaling = "pixels",
    ) -> None:
        super().__init__()
        self.store, self.motion, self.batch_size = store, motion, batch_size
        self.scaling: MotionScaling = scaling
        self.index = [
            (clip_id, row)
            for clip_id in (store.clip_ids if clip_ids is None else clip_ids)
            for row in range(len(store.read(clip_id).pairs))
        ]
        self.seed, self.epoch = seed, 0
        self.cache: dict[tuple[str, int], Batch] = {}
        self.cache_left = cache_bytes
        self._shuffle()

    def __len__(self) -> int:
        return -(-len(self.index) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[Batch]:
        places = np.arange(index * self.batch_size, (index + 1) * self.batch_size)
        samples = [
            self._sample(self.index[self.order[place % len(self.order)]]) for place in places
        ]
        batch = {name: np.stack([sample[name] for sample in samples]) for name in samples[0]}
        for name in ("frame", "future"):
            batch[name] = as_unit_range(batch[name])
        return (batch,)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()

    def resume_at(self, epoch: int) -> None:
        """Puts the order of samples where a run that was cut off had it."""
        self.epoch = epoch
        self._shuffle()

    def _shuffle(self) -> None:
        random = np.random.default_rng((self.seed, self.epoch))
        self.order = random.permutation(len(self.index))

    def _sample(self, key: tuple[str, int]) -> Batch:
        if key in self.cache:
            return self.cache[key]
        stored = self.store.read(key[0])
        first, second = (int(frame) for frame in stored.pairs[key[1]])
        sample: Batch = {
            "frame": np.asarray(stored.frames[first]),
            "future": np.asarray(stored.frames[second]),
            "motion": brought_to(
                pair_motion(stored, (first, second), self.motion), "pixels", self.scaling
            ),
            "gap": np.array([(second - first) / stored.fps], np.float32),
        }
        size = sum(array.nbytes for array in sample.values())
        if size <= self.cache_left:
            self.cache[key] = sample
            self.cache_left -= size
        return sample


def as_unit_range(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """uint8 0..255 to float32 0..1."""
    return images.astype(np.float32) / np.float32(255)


def augment_jointly(
    onset: npt.NDArray[np.float32],
    motion: npt.NDArray[np.float32],
    kind: str,
    random: np.random.Generator,
    scaling: MotionScaling = "pixels",
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The same random mirror and shift on the onset frame and on its motion.

    A mirrored movement goes the other way, so a mirror negates the horizontal flow u; where u is
    min-max scaled, smallest and largest change places, so it becomes 1 - u. Shifts are
    up to one sixteenth of the side; what enters at the border repeats the edge.

    Args:
        onset: `(B, S, S, 3)`.
        motion: `(B, S, S, C)`.
        kind: What the channels of `motion` are: `"flow"`, `"difference"` or `"both"`.
        random: Source of randomness.
        scaling: How `motion` is scaled.
    """
    mirrored = random.random(len(onset)) < 0.5
    onset[mirrored] = onset[mirrored, :, ::-1]
    motion[mirrored] = motion[mirrored, :, ::-1]
    if kind != "difference":
        u = 0 if kind == "flow" else 3
        motion[mirrored, ..., u] *= -1
        if scaling == "minmax":
            motion[mirrored, ..., u] += 1
    reach = onset.shape[1] // 16
    padding = ((0, 0), (reach, reach), (reach, reach), (0, 0))
    onset_padded, motion_padded = (np.pad(array, padding, mode="edge") for array in (onset, motion))
    size = onset.shape[1]
    for sample, (top, left) in enumerate(random.integers(0, 2 * reach + 1, (len(onset), 2))):
        window = (sample, slice(top, top + size), slice(left, left + size))
        onset[sample], motion[sample] = onset_padded[window], motion_padded[window]
    return onset, motion
