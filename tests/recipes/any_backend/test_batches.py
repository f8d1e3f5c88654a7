from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_ma2mi.evaluation import Fold
from ma2mi_preprocessing.flow import optical_flow_tvl1
from ma2mi_recipes.batches import ClipBatches
from ma2mi_recipes.clip_augmentation import Augmentation, augment_jointly
from ma2mi_recipes.fine_tuning import TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips


def clips_of(count: int, size: int = 32) -> LabelledClips:
    return LabelledClips(
        clip_ids=[f"c{row}" for row in range(count)],
        datasets=["d"] * count,
        subjects=[f"d/s{row % 3}" for row in range(count)],
        classes=["a", "b"],
        labels=np.arange(count, dtype=np.int32),
        onset=np.arange(count, dtype=np.uint8)[:, None, None, None].repeat(size, 1).repeat(size, 2)
        .repeat(3, 3),
        motion=np.zeros((count, size, size, 3), np.float32),
        left_out={},
    )  # fmt: skip


def all_of(clips: LabelledClips, rows: Sequence[int] | None = None) -> TrainingRows:
    chosen = np.arange(len(clips)) if rows is None else np.array(rows)
    return TrainingRows(clips, Fold("none held out", chosen, chosen[:0]))


@given(count=st.integers(1, 40), batch_size=st.integers(1, 12), seed=st.integers(0, 100))
def test_an_epoch_shows_every_clip_and_every_batch_is_full(
    count: int, batch_size: int, seed: int
) -> None:
    clips = clips_of(count, size=16)
    batches = ClipBatches(all_of(clips), ["onset", "motion"], "flow", batch_size, seed)
    shown = [batches[place] for place in range(len(batches))]
    assert all(len(labels) == batch_size for _, labels in shown)
    assert set(np.concatenate([labels for _, labels in shown])) == set(range(count))


def test_only_the_given_rows_are_shown() -> None:
    batches = ClipBatches(all_of(clips_of(9), [1, 4]), ["motion"], "flow", 4, 0)
    labels = np.concatenate([batches[place][1] for place in range(len(batches))])
    assert set(labels) == {1, 4}
    assert set(batches[0][0]) == {"motion"}


def test_order_changes_between_epochs_and_repeats_with_the_seed() -> None:
    def orders() -> list[list[int]]:
        batches = ClipBatches(all_of(clips_of(30)), ["motion"], "flow", 30, 7)
        first = batches[0][1].tolist()
        batches.on_epoch_end()
        return [first, batches[0][1].tolist()]

    first, second = orders()
    assert first != second
    assert orders() == [first, second]


def test_asking_for_a_batch_twice_gives_the_same_batch() -> None:
    clips = clips_of(12)
    clips.motion[:] = np.random.default_rng(0).random(clips.motion.shape)
    batches = ClipBatches(all_of(clips), ["onset", "motion"], "flow", 4, 3, Augmentation())
    first, again = batches[1], batches[1]
    np.testing.assert_array_equal(first[0]["motion"], again[0]["motion"])
    np.testing.assert_array_equal(first[1], again[1])


def test_flow_of_augmented_images_is_the_augmented_flow(rng: np.random.Generator) -> None:
    """The joint mirror and shift must keep `reference(x) ~ moving(x + flow)` true."""
    import cv2

    size = 64
    texture = cv2.GaussianBlur(rng.random((size, size)).astype(np.float32), (0, 0), 2)
    texture = (texture - texture.min()) / (texture.max() - texture.min())
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    moving = cv2.remap(
        texture, columns - 0.8, rows - 0.4, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    flow = optical_flow_tvl1(texture, moving)
    motion = np.concatenate([flow, np.zeros((size, size, 1), np.float32)], -1)
    first = np.repeat(texture[..., None], 3, -1)
    second = np.repeat(moving[..., None], 3, -1)
    inner = slice(12, -12)
    mirrors = set()
    for seed in range(8):
        onset, turned = augment_jointly(
            first[None].copy(), motion[None].copy(), "flow", np.random.default_rng(seed)
        )
        apex, _ = augment_jointly(
            second[None].copy(), motion[None].copy(), "flow", np.random.default_rng(seed)
        )
        again = optical_flow_tvl1(
            np.ascontiguousarray(onset[0, ..., 0]), np.ascontiguousarray(apex[0, ..., 0])
        )
        error = np.abs(again - turned[0, ..., :2])[inner, inner].mean()
        assert error < 0.1
        mirrors.add(bool(turned[0, inner, inner, 0].mean() < 0))
    assert mirrors == {True, False}


@pytest.mark.parametrize(("kind", "u"), [("flow", 0), ("both", 3)])
def test_mirror_negates_horizontal_flow_only(kind: str, u: int) -> None:
    channels = 3 if kind == "flow" else 6
    motion = np.ones((64, 16, 16, channels), np.float32)
    onset = np.ones((64, 16, 16, 3), np.float32)
    _, turned = augment_jointly(onset, motion, kind, np.random.default_rng(0))
    assert set(np.unique(turned[..., u])) == {-1.0, 1.0}
    assert (np.delete(turned, u, axis=-1) == 1).all()
