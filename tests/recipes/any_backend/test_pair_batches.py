"""Frame pairs as the reconstruction sees them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ma2mi_recipes.batches import PairBatches
from ma2mi_recipes.clip_augmentation import Augmentation

SIZE = 8
FRAMES = 9
PAIRS = np.array([[0, 2], [3, 6], [5, 8]], np.int32)


class CountingStore:
    """Clips whose frames are as bright as their number, and which counts how often one is read."""

    def __init__(self, clips: int) -> None:
        self.clip_ids = [f"clip {number}" for number in range(clips)]
        self.reads = 0

    def read(self, clip_id: str) -> Any:
        self.reads += 1
        number = self.clip_ids.index(clip_id)
        frames = np.zeros((FRAMES, SIZE, SIZE, 3), np.uint8)
        frames[:, :, : SIZE // 2] = 20 * np.arange(FRAMES)[:, None, None, None] + number
        flow = np.ones((len(PAIRS), SIZE, SIZE, 2), np.float32) * (1 + number)
        return SimpleNamespace(frames=frames, flow=flow, pairs=PAIRS, fps=10.0)


def batch_of(horizon: float = 1.0, **options: Any) -> dict[str, np.ndarray]:
    store: Any = CountingStore(1)
    (batch,) = PairBatches(store, "flow", 3, 0, horizon=horizon, **options)[0]
    return batch


def shown(batch: dict[str, np.ndarray], name: str) -> list[int]:
    """Numbers of the frames, as their left half tells them."""
    return [round(float(value) * 255 / 20) for value in batch[name][:, 0, 0, 0]]


@pytest.mark.parametrize(
    ("horizon", "last"), [(1.0, {0: 2, 3: 6, 5: 8}), (2.0, {0: 4, 3: 8, 5: 8})]
)
def test_the_future_lies_at_the_horizon_and_at_the_last_frame_at_most(
    horizon: float, last: dict[int, int]
) -> None:
    batch = batch_of(horizon)
    assert dict(zip(shown(batch, "frame"), shown(batch, "future"), strict=True)) == last
    # The motion, and the time that it took, stay those of the pair.
    assert sorted(batch["gap"][:, 0].round(3)) == pytest.approx([0.2, 0.3, 0.3])


def test_a_mirror_turns_both_frames_and_the_flow_together() -> None:
    plain, mirrored = batch_of(), batch_of(augmentation=Augmentation(flip=1.0, shift=0.0))
    for name in ("frame", "future"):
        np.testing.assert_allclose(mirrored[name], plain[name][:, :, ::-1], atol=1e-6)
    np.testing.assert_allclose(
        mirrored["motion"], plain["motion"][:, :, ::-1] * [-1, 1, 1], atol=1e-6
    )


def test_a_clip_is_read_once_for_all_its_pairs_while_memory_lasts() -> None:
    held: Any = CountingStore(4)
    batches = PairBatches(held, "flow", 3, 0)
    opened = held.reads
    first = [batches[index][0] for index in range(len(batches))]
    assert held.reads - opened == 4
    scant: Any = CountingStore(4)
    frugal = PairBatches(scant, "flow", 3, 0, cache_bytes=0)
    for index, batch in enumerate(first):
        np.testing.assert_array_equal(frugal[index][0]["motion"], batch["motion"])
        np.testing.assert_array_equal(frugal[index][0]["future"], batch["future"])
    assert scant.reads > held.reads
