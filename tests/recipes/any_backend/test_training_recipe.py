"""Parts of the training recipe that need no backend: order, augmentation, rates, and words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.flow import optical_flow_tvl1
from ma2mi_recipes.batches import ClipBatches
from ma2mi_recipes.class_balance import balanced_order, class_weights
from ma2mi_recipes.clip_augmentation import (
    Augmentation,
    Changes,
    augment_jointly,
    draw_changes,
    motion_changed,
    move_images,
)
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions, default_recipe
from ma2mi_recipes.fine_tuning.learning_rate import EXPONENTIAL_DECAY, learning_rate
from ma2mi_recipes.overfitting import fit_gap, fit_line, overfitting_warning
from ma2mi_recipes.report import ReportRun
from ma2mi_recipes.report.notices import notices_of_any_run

STRONG = Augmentation(flip=0.5, shift=0.1, rotation=15.0, scale=0.2)


@given(
    counts=st.lists(st.integers(0, 20), min_size=2, max_size=5).filter(lambda found: any(found)),
    seed=st.integers(0, 100),
)
def test_balanced_sampling_shows_each_class_equally_often(counts: list[int], seed: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int32)
    order = balanced_order(labels, np.random.default_rng(seed))
    assert len(order) == len(labels)
    present = np.unique(labels)
    shown = np.array([(labels[order] == name).sum() for name in present])
    assert shown.max() - shown.min() <= 1
    first = labels[order[: len(present)]]
    assert len(set(first)) == len(first)
    for name in present:
        times = np.bincount(order[labels[order] == name], minlength=len(labels))[labels == name]
        assert times.max() - times.min() <= 1
    again = balanced_order(labels, np.random.default_rng(seed))
    np.testing.assert_array_equal(order, again)


def test_class_weights_give_all_classes_the_same_weight_in_sum() -> None:
    labels = np.array([0] * 6 + [1] * 2 + [2] * 4, np.int32)
    weights = class_weights(labels, 3)
    assert [6 * weights[0], 2 * weights[1], 4 * weights[2]] == pytest.approx([4, 4, 4])


class Clips:
    """Ten clips of one class and two of another."""

    rows = np.arange(12)
    variants = 1

    def onset(self, rows: np.ndarray, variants: object = None) -> np.ndarray:
        return np.zeros((len(rows), 16, 16, 3), np.uint8)

    def motion(self, rows: np.ndarray, variants: object = None) -> np.ndarray:
        return np.ones((len(rows), 16, 16, 3), np.float32) * rows[:, None, None, None]

    def labels(self, rows: np.ndarray) -> np.ndarray:
        return (rows >= 10).astype(np.int32)


def test_balanced_batches_change_with_the_epoch_and_repeat_with_the_seed() -> None:
    def shown() -> list[np.ndarray]:
        batches = ClipBatches(Clips(), ["motion"], "flow", 4, 5, balanced=True)
        epochs = []
        for _ in range(2):
            found = [batches[place] for place in range(len(batches))]
            assert all(labels.sum() == 2 for _, labels in found)
            epochs.append(np.concatenate([batch["motion"][:, 0, 0, 0] for batch, _ in found]))
            batches.on_epoch_end()
        return epochs

    first, second = shown()
    assert (first != second).any()
    for ours, again in zip((first, second), shown(), strict=True):
        np.testing.assert_array_equal(ours, again)


def scene(random: np.random.Generator, size: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """A texture and a copy that moved by (0.8, 0.4) pixels."""
    import cv2

    texture = cv2.GaussianBlur(random.random((size, size)).astype(np.float32), (0, 0), 2)
    texture = (texture - texture.min()) / (texture.max() - texture.min())
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    moving = cv2.remap(
        texture, columns - 0.8, rows - 0.4, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return texture, moving


def test_flow_of_turned_and_scaled_images_is_the_turned_and_scaled_flow(
    rng: np.random.Generator,
) -> None:
    reference, moving = scene(rng)
    flow = optical_flow_tvl1(reference, moving)
    motion = np.concatenate([flow, np.zeros((*flow.shape[:2], 1), np.float32)], -1)
    pair = [np.repeat(image[..., None], 3, -1)[None] for image in (reference, moving)]
    inner = slice(14, -14)
    turned_by = []
    for seed in range(6):
        changed = [
            augment_jointly(
                image, motion[None], "flow", np.random.default_rng(seed), augmentation=STRONG
            )
            for image in pair
        ]
        images = [np.ascontiguousarray(onset[0, ..., 0]) for onset, _ in changed]
        again = optical_flow_tvl1(*images)
        expected = changed[0][1][0, ..., :2]
        assert np.abs(again - expected)[inner, inner].mean() < 0.1
        turned_by.append(np.abs(expected - flow)[inner, inner].mean())
    assert max(turned_by) > 0.2


@pytest.mark.parametrize(("kind", "channels"), [("flow", 3), ("both", 6), ("difference", 3)])
def test_augmentation_agrees_with_the_layer_of_the_library(
    kind: str, channels: int, rng: np.random.Generator
) -> None:
    from keras_ma2mi.layers import JointAugmentation
    from keras_ma2mi.layers.affine_sampling import SimilarityTransform

    smooth = np.linspace(0, 1, 32, dtype=np.float32)
    motion = np.stack([np.outer(np.sin(k + 3 * smooth), smooth) for k in range(channels)], -1)[None]
    layer = JointAugmentation(kind)
    drawn: list[Changes] = []
    for seed in range(5):
        changes = draw_changes(STRONG, 1, 32, np.random.default_rng(seed))
        fields = ("mirror", "angle", "scale", "shift_x", "shift_y")
        transform = SimilarityTransform(
            *(np.asarray(getattr(changes, name), np.float32) for name in fields)
        )
        layer.random_transform = lambda *_, chosen=transform: chosen
        expected = np.asarray(layer({"motion": motion}, training=True)["motion"])
        _, ours = augment_jointly(
            None, motion, kind, np.random.default_rng(seed), augmentation=STRONG
        )
        # OpenCV reads between pixels in steps of 1/32.
        np.testing.assert_allclose(ours, expected, atol=0.02)
        drawn.append(changes)
    assert {float(changes.mirror[0]) for changes in drawn} == {-1.0, 1.0}


def test_amplitude_changes_the_movement_and_leaves_the_picture() -> None:
    onset, motion = (np.ones((32, 16, 16, 3), np.float32) for _ in range(2))
    only = Augmentation(flip=0.0, shift=0.0, amplitude=0.25)
    same, moved = augment_jointly(onset, motion, "flow", np.random.default_rng(0), "pixels", only)
    assert same is not None
    np.testing.assert_array_equal(same, onset)
    factors = moved[:, 0, 0, 0]
    assert 1 / 1.25 <= factors.min() < 0.9
    assert 1.1 < factors.max() <= 1.25
    np.testing.assert_allclose(moved, np.broadcast_to(moved[:, :1, :1, :1], moved.shape), rtol=1e-6)
    assert (motion == 1).all()


def test_min_max_scaled_motion_is_neither_turned_nor_made_larger() -> None:
    motion = np.random.default_rng(1).random((16, 16, 16, 3)).astype(np.float32)
    wild = Augmentation(flip=0.5, shift=0.0, rotation=90.0, amplitude=1.0)
    _, moved = augment_jointly(None, motion, "flow", np.random.default_rng(0), "minmax", wild)
    mirrored = motion[:, :, ::-1].copy()
    mirrored[..., 0] = 1 - mirrored[..., 0]
    same = (moved == motion).all(axis=(1, 2, 3))
    np.testing.assert_allclose(moved[~same], mirrored[~same], atol=1e-6)
    assert 0 < same.sum() < len(same)


@given(seed=st.integers(0, 1000), size=st.integers(5, 24), shift=st.sampled_from([0.0, 0.2]))
def test_copied_pixels_are_those_that_resampling_gives(seed: int, size: int, shift: float) -> None:
    random = np.random.default_rng(seed)
    motion = random.normal(size=(4, size, size, 3)).astype(np.float32)
    changes = draw_changes(Augmentation(flip=0.5, shift=shift), 4, size, random)
    assert changes.keep_pixels
    # An angle too small to move a pixel, and too large to be taken for none.
    turned = replace(changes, angle=np.full(4, 1e-9))
    assert not turned.keep_pixels
    for copied, resampled in (
        (move_images(motion, changes), move_images(motion, turned)),
        (
            motion_changed(motion.copy(), "flow", changes, "pixels"),
            motion_changed(motion.copy(), "flow", turned, "pixels"),
        ),
    ):
        np.testing.assert_allclose(copied, resampled, atol=1e-5)


def test_rate_rises_then_follows_its_schedule() -> None:
    def rates(schedule: str, warm_up: int | None) -> list[float]:
        return [learning_rate(e, 20, 1.0, schedule, warm_up) for e in range(20)]  # type: ignore[arg-type]

    assert rates("constant", 4)[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    assert rates("constant", 0) == [1.0] * 20
    exponential = rates("exponential", 0)
    assert exponential[0] == 1.0
    assert exponential[7] == pytest.approx(EXPONENTIAL_DECAY**7)
    cosine = rates("cosine", None)
    assert cosine[:3] == pytest.approx([0.5, 1.0, 1.0])
    assert np.diff(cosine[2:]).max() < 0
    assert cosine[11] == pytest.approx(0.5)
    assert 0 < cosine[-1] < 0.01


def fits_and_predictions(trained: float, right: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels = ["a"] * 5 + ["b"] * 5
    answers = labels[:right] + ["wrong"] * (10 - right)
    fits = pd.DataFrame(
        {
            "fold": ["s0", "s1"],
            "train_clips": [2, 8],
            "held_out_clips": [8, 2],
            "train_accuracy": [trained, trained],
            "held_out_accuracy": [min(right, 8) / 8, max(right - 8, 0) / 2],
        }
    )
    return fits, pd.DataFrame({"label": labels, "prediction": answers})


def test_knowing_training_clips_by_heart_and_nothing_else_is_warned_of() -> None:
    fits, predictions = fits_and_predictions(trained=0.99, right=5)
    gap = fit_gap(fits)
    assert gap is not None
    line = fit_line(gap, predictions)
    assert "99% of training clips, 50% of held-out clips" in line
    assert "most frequent class of all clips: 50%" in line
    warning = overfitting_warning(gap)
    assert warning is not None
    assert "by heart (99% right) and gets 50% of the held-out ones" in warning


def test_training_accuracy_counts_clips_and_the_report_says_it_in_the_same_words() -> None:
    fits, predictions = fits_and_predictions(trained=0.99, right=5)
    fits["train_accuracy"] = [0.9, 1.0]
    gap = fit_gap(fits)
    assert gap is not None and gap.train == pytest.approx(0.98)
    run = ReportRun("a", {}, predictions, None, ["a", "b"], fits=fits)
    summary = {"pooled": {"n_subjects": 20, "seeds": [0, 1]}}
    assert [one.text for one in notices_of_any_run([run], [summary])] == [
        overfitting_warning(gap, "a")
    ]


@pytest.mark.parametrize(("trained", "right"), [(0.99, 8), (0.6, 5)])
def test_no_warning_where_other_people_are_recognised_or_nothing_is_learnt_by_heart(
    trained: float, right: int
) -> None:
    assert overfitting_warning(fit_gap(fits_and_predictions(trained, right)[0])) is None


@pytest.mark.parametrize("pretrained", [False, True])
def test_defaults_of_every_preset_are_fields_of_the_options(pretrained: bool) -> None:
    from keras_ma2mi.models import PRESETS

    for preset in PRESETS:
        TrainOptions(**default_recipe(preset, pretrained))


def test_statistics_of_a_recipe_come_from_training_rows_alone() -> None:
    from keras_ma2mi.evaluation import leave_one_subject_out
    from tests.recipes.made_up_clips import made_up_clips

    clips = made_up_clips(subjects=3, clips_each=4, size=16)
    fold = leave_one_subject_out(clips.subjects)[0]
    batches = ClipBatches(
        TrainingRows(clips, fold), ["motion"], "flow", 4, 0, STRONG, balanced=True
    )
    assert set(batches.order) <= set(fold.train)


def test_the_benchmark_varies_one_thing_at_a_time_and_never_the_default_itself() -> None:
    from ma2mi_recipes.recipe_variants import DEFAULT, variants_of

    for default in (TrainOptions(), TrainOptions(pretrained="run"), TrainOptions(average="last")):
        variants = variants_of(default)
        assert variants[0].name == DEFAULT
        assert all(replace(default, **one.changes) != default for one in variants[1:])
        names = [one.name for one in variants]
        assert len(set(names)) == len(names) > 5


def test_thinned_classes_are_unequal_and_lose_only_some_clips() -> None:
    from ma2mi_recipes.recipe_benchmark import thinned
    from tests.recipes.made_up_clips import made_up_clips

    clips = made_up_clips(subjects=4, clips_each=6, size=16)
    of_three = replace(
        clips, classes=["a", "b", "c"], labels=np.arange(len(clips), dtype=np.int32) % 3
    )
    kept = thinned(of_three)
    assert np.bincount(kept.labels).tolist() == [8, 8, 4]
    places = [clips.clip_ids.index(name) for name in kept.clip_ids]
    np.testing.assert_array_equal(kept.motion, clips.motion[places])
    np.testing.assert_array_equal(kept.labels, of_three.labels[places])
    assert kept.subjects == [clips.subjects[place] for place in places]


def test_table_of_the_recipe_shows_each_variant_beside_the_default() -> None:
    from ma2mi_recipes.recipe_tables import recipe_markdown

    score = {"value": 0.5, "low": 0.25, "high": 0.75}
    row = {"name": "the default", "changes": {}, "uf1": score, "uar": score, "accuracy": score,
           "train_accuracy": 0.9, "difference": None, "seconds": 3.0}  # fmt: skip
    difference = {"difference": -0.125, "low": -0.3, "high": 0.05, "p_value": 0.25}
    other = {**row, "name": "no mirror", "difference": difference}
    part = {"classes": {"a": 3, "b": 2}, "subjects": 3, "size": 64, "seeds": [0, 1], "epochs": 30,
            "preset": "miacnet_tiny", "pretrained": False, "rows": [row, other]}  # fmt: skip
    machine = {"cpu": "c", "cpus": 2, "system": "s", "python": "3", "versions": {"numpy": "2"}}
    text = recipe_markdown({"command": "keras-ma2mi benchmark recipe", "backend": "jax",
                            "machine": machine, "seconds": 5.0, "workers": 2,
                            "parts": [part]})  # fmt: skip
    assert "| the default | 0.500 (0.250 to 0.750) |" in text
    assert "-0.125 (-0.300 to +0.050) | 0.250 |" in text
    assert "5 clips (a 3, b 2) of 3 identities" in text
