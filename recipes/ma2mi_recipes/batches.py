"""The bridge from a clip store to Keras: batches of clips, and of frame pairs."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.store import ClipStore, StoredClip
from ma2mi_recipes.class_balance import balanced_order
from ma2mi_recipes.clip_augmentation import Augmentation, augment_jointly
from ma2mi_recipes.labelled_clips import pair_motion
from ma2mi_recipes.motion_of_clips import brought_to
from ma2mi_recipes.smaller_motion import averaged_down, averaged_frame

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

    Args:
        clips: What may be trained on.
        inputs: Which of `"onset"` and `"motion"` the network takes.
        motion: Kind of the motion.
        batch_size: Clips a batch.
        seed: Fixes order and augmentation.
        augmentation: How far clips are changed; None leaves them as they are.
        scaling: How the motion is scaled.
        balanced: Whether every class is shown equally often, see `balanced_order`.
        as_targets: What the loss takes, from labels; None for the labels as they are.
    """

    def __init__(
        self,
        clips: TrainableClips,
        inputs: Sequence[str],
        motion: str,
        batch_size: int,
        seed: int,
        augmentation: Augmentation | None = None,
        scaling: MotionScaling = "pixels",
        balanced: bool = False,
        as_targets: Callable[[npt.NDArray[np.int32]], npt.NDArray[Any]] | None = None,
    ) -> None:
        super().__init__()
        self.as_targets = as_targets or (lambda labels: labels)
        self.clips, self.rows, self.inputs = clips, clips.rows, list(inputs)
        self.motion, self.batch_size, self.balanced = motion, batch_size, balanced
        self.augmentation, self.scaling = augmentation, scaling
        self.seed, self.epoch = seed, 0
        self._shuffle()

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[Batch, npt.NDArray[Any]]:
        places = np.arange(index * self.batch_size, (index + 1) * self.batch_size)
        rows = self.order[places % len(self.order)]
        variants = self._variants(index)
        wanted = "onset" in self.inputs
        onset = as_unit_range(self.clips.onset(rows, variants)) if wanted else None
        motion = self.clips.motion(rows, variants)
        if self.augmentation is not None:
            random = np.random.default_rng((self.seed, self.epoch, index))
            onset, motion = augment_jointly(
                onset, motion, self.motion, random, self.scaling, self.augmentation
            )
        shown = {"onset": onset, "motion": motion}
        values = {name: image for name, image in shown.items() if image is not None}
        return {name: values[name] for name in self.inputs}, self.as_targets(
            self.clips.labels(rows)
        )

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()

    def _variants(self, index: int) -> npt.NDArray[np.intp]:
        # A stream of its own: with or without jitter, augmentation draws the same.
        random = np.random.default_rng((self.seed, self.epoch, index, _JITTER_STREAM))
        return random.integers(0, self.clips.variants, self.batch_size, dtype=np.intp)

    def _shuffle(self) -> None:
        random = np.random.default_rng((self.seed, self.epoch))
        if self.balanced:
            self.order = self.rows[balanced_order(self.clips.labels(self.rows), random)]
        else:
            self.order = random.permutation(self.rows)


class PairBatches(keras.utils.PyDataset):
    """Frame pairs of a store for the future-frame reconstructor.

    Yields dictionaries of `frame` and `future` `(B, S, S, 3)` float32 0..1, `motion`
    `(B, S, S, C)` float32 and `gap` `(B, 1)` float32 seconds. What was read once stays in memory
    up to `cache_bytes`. Only the clips `clip_ids` are read, by default all. With `still`, `future`
    is the frame itself: what an autoencoder reconstructs.

    With `size` frames and motion are averaged down to that side.

    With a `horizon` of 1 `future` is the frame at which the motion ends. The flow between two
    frames knows something of the noise in both, and a network can learn to tell that noise. With
    2 `future` is as far again behind the motion (the last frame of the clip at most): what is to
    be told is how the movement goes on, and noise of the frames that were seen is no help.
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
        still: bool = False,
        horizon: float = 1.0,
        augmentation: Augmentation | None = None,
        size: int | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        self.still, self.horizon, self.augmentation = still, horizon, augmentation
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
        if self.augmentation is not None:
            batch |= self._augmented(batch, self.augmentation, index)
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

    def _augmented(self, batch: Batch, augmentation: Augmentation, index: int) -> Batch:
        random = np.random.default_rng((self.seed, self.epoch, index))
        both = np.concatenate([batch["frame"], batch["future"]], axis=-1)
        moved, motion = augment_jointly(
            both, batch["motion"], self.motion, random, self.scaling, augmentation
        )
        assert moved is not None
        frame, future = np.split(moved, 2, axis=-1)
        return {"frame": frame, "future": future, "motion": motion}

    def _sample(self, key: tuple[str, int]) -> Batch:
        if key not in self.cache and self.cache_left > 0:
            self._keep_clip(key[0])
        if key in self.cache:
            return self.cache[key]
        return self._read(self.store.read(key[0]), key[1])

    def _keep_clip(self, clip_id: str) -> None:
        """Keeps all pairs of a clip: opening it takes longer than reading them."""
        stored = self.store.read(clip_id)
        for row in range(len(stored.pairs)):
            sample = self._read(stored, row)
            self.cache_left -= sum(array.nbytes for array in sample.values())
            if self.cache_left <= 0:
                return
            self.cache[clip_id, row] = sample

    def _read(self, clip: StoredClip, row: int) -> Batch:
        first, second = (int(frame) for frame in clip.pairs[row])
        motion = pair_motion(clip, (first, second), self.motion)
        if self.size is not None:
            motion = averaged_down(motion, self.size, kind=self.motion)
        return {
            "frame": self._frame(clip, first),
            "future": self._frame(clip, self._future(clip, first, second)),
            "motion": brought_to(motion, "pixels", self.scaling),
            "gap": np.array([(second - first) / clip.fps], np.float32),
        }

    def _frame(self, clip: StoredClip, number: int) -> npt.NDArray[np.uint8]:
        frame = np.asarray(clip.frames[number], np.uint8)
        return frame if self.size is None else averaged_frame(frame, self.size)

    def _future(self, clip: StoredClip, first: int, second: int) -> int:
        if self.still:
            return first
        last = int(clip.frames.shape[0]) - 1
        return min(first + round(self.horizon * (second - first)), last)


def as_unit_range(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """uint8 0..255 to float32 0..1."""
    return images.astype(np.float32) / np.float32(255)
