"""Averaging of weights, freezing and rates of stages, on the backend at hand."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pytest

from keras_ma2mi.evaluation import Fold, leave_one_subject_out
from ma2mi_recipes.batches import ClipBatches
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions
from ma2mi_recipes.fine_tuning.encoder_stages import (
    encoder_stages,
    frozen_parts,
    rate_factors,
    variables_of,
)
from ma2mi_recipes.fine_tuning.fold_trainer import FoldTrainer
from ma2mi_recipes.fine_tuning.losses import SmoothedCrossEntropy
from ma2mi_recipes.fine_tuning.optimizers import adamw, is_decayed
from ma2mi_recipes.fine_tuning.weight_averaging import WeightAverage
from ma2mi_recipes.networks import build_network
from tests.recipes.made_up_clips import made_up_clips

Weights = dict[str, npt.NDArray[Any]]


def weights(network: keras.Model) -> Weights:
    return {one.path: keras.ops.convert_to_numpy(one).copy() for one in network.variables}


def small_network() -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)]
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("none", 5.0), ("last", 4.5), ("ema", 3.875)],
)
def test_average_is_that_of_the_last_epochs_and_can_be_lent(kind: Any, expected: float) -> None:
    network = small_network()
    average = WeightAverage(network, kind, epochs=2)
    for value in (1.0, 2.0, 4.0, 5.0):
        for variable in network.variables:
            variable.assign(np.full(variable.shape, value, np.float32))
        average.add()
    with average.lent():
        inside = weights(network)
    assert all((value == 5.0).all() for value in weights(network).values())
    for value in inside.values():
        np.testing.assert_allclose(value, expected, rtol=1e-6)
    average.put()
    for path, value in weights(network).items():
        np.testing.assert_array_equal(value, inside[path])


@pytest.fixture(scope="module")
def averaging() -> FoldTrainer:
    """A network that is compiled once for these tests."""
    options = TrainOptions(epochs=4, batch_size=12, average="last", average_epochs=2)
    return FoldTrainer(made_up_clips(subjects=4, size=28), options, seed=1)


@pytest.mark.xdist_group("averaging")
def test_statistics_of_batch_normalisation_are_those_of_the_averaged_weights(
    averaging: FoldTrainer,
) -> None:
    """Predictions of the average are those of a forward pass that normalises by its own batch."""
    clips = made_up_clips(subjects=4, size=28)
    rows = TrainingRows(clips, leave_one_subject_out(clips.subjects)[0])
    averaging.fit(rows, 7)
    predicted = averaging.predict(clips, rows.rows)
    batches = ClipBatches(rows, averaging.inputs, "flow", 12, 0)
    dropout = averaging.network.get_layer("dropout")
    rate, dropout.rate = dropout.rate, 0.0
    logits = keras.ops.convert_to_numpy(averaging.network(batches[0][0], training=True))
    dropout.rate = rate
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits))[np.argsort(batches.order)]
    np.testing.assert_allclose(predicted, expected, atol=2e-3)
    averaging.options = replace(averaging.options, average="none")
    averaging.fit(rows, 7)
    assert np.abs(averaging.predict(clips, rows.rows) - expected).max() > 0.02
    averaging.options = replace(averaging.options, average="last")


@pytest.mark.xdist_group("averaging")
def test_watched_predictions_are_those_of_the_average_and_leave_the_training_alone(
    averaging: FoldTrainer,
) -> None:
    clips = made_up_clips(subjects=4, size=28)
    fold = leave_one_subject_out(clips.subjects)[0]
    rows = TrainingRows(clips, fold)
    watched = averaging.fit(rows, 7, watched=(clips, fold.test)).watched
    np.testing.assert_allclose(averaging.predict(clips, fold.test), watched[-1], atol=1e-6)
    averaging.fit(rows, 7, epochs=2)
    np.testing.assert_allclose(averaging.predict(clips, fold.test), watched[1], atol=1e-5)
    averaging.fit(rows, 7)
    np.testing.assert_allclose(averaging.predict(clips, fold.test), watched[-1], atol=1e-5)


def test_frozen_weights_stay_the_same_bit_for_bit() -> None:
    clips = made_up_clips(subjects=3, size=28)
    rows = TrainingRows(clips, leave_one_subject_out(clips.subjects)[0])
    options = TrainOptions(batch_size=4, freeze="first", weight_decay=0.1, average="last")
    trainer = FoldTrainer(clips, options, seed=1)
    before = weights(trainer.network)
    trainer.fit(rows, 7, epochs=1)
    after = weights(trainer.network)
    frozen = {one.path for one in variables_of(frozen_parts(trainer.network, "first"))}
    assert any("moving" in path for path in frozen)
    for path in frozen:
        np.testing.assert_array_equal(after[path], before[path])
    learnt = {one.path for one in trainer.network.trainable_variables}
    assert not learnt & frozen
    assert all((after[path] != before[path]).any() for path in learnt if "kernel" in path)


@pytest.mark.parametrize(("freeze", "share"), [("none", 0.0), ("first", 0.5), ("encoders", 1.0)])
def test_a_share_of_the_stages_of_each_encoder_is_frozen(freeze: Any, share: float) -> None:
    network = build_network("miacnet_tiny", 64, "flow", 3)
    stages = encoder_stages(network)
    assert [len(found) for found in stages] == [4, 3]
    parts = {id(part) for part in frozen_parts(network, freeze)}
    for found in stages:
        frozen = [all(id(part) in parts for part in stage) for stage in found]
        count = int(len(found) * share)
        assert frozen == [True] * count + [False] * (len(found) - count)


def test_a_frozen_body_leaves_the_last_linear_step() -> None:
    network = build_network("miacnet_tiny", 64, "flow", 3, network=("head=code", "code_units=6"))
    for part in frozen_parts(network, "body"):
        part.trainable = False
    left = [variable.path for variable in network.trainable_variables]
    assert left == ["logits/kernel", "logits/bias"]
    assert network.get_layer("code").units == 6


def test_stages_learn_slower_towards_the_input() -> None:
    network = build_network("miacnet_tiny", 64, "flow", 3)
    factors = rate_factors(network, 0.5)
    assert set(factors) >= {one.path for one in network.trainable_variables}
    assert factors["logits/kernel"] == factors["fusion/gate/kernel"] == 1.0
    assert factors["action_encoder/attention_2/convolution/kernel"] == 0.5
    assert factors["action_encoder/attention_0/convolution/kernel"] == 0.125
    assert factors["action_encoder/stem_0/kernel"] == 0.0625
    assert factors["position_encoder/block_1/expand/kernel"] == 0.5
    assert factors["position_encoder/position_embedding"] == 0.125


def one_step(factor: float | None) -> list[npt.NDArray[Any]]:
    """What one step takes off each variable: gradients are 0, for the last layer 1."""
    network = small_network()
    variables = network.trainable_variables
    for variable in variables:
        variable.assign(np.ones(variable.shape, np.float32))
    factors = None if factor is None else {one.path: factor for one in variables}
    optimizer = adamw(variables, 0.1, 0.5, factors)
    gradients = [keras.ops.zeros(one.shape) for one in variables[:-2]]
    optimizer.apply([*gradients, *(keras.ops.ones(one.shape) for one in variables[-2:])])
    return [1 - keras.ops.convert_to_numpy(one) for one in variables]


@pytest.mark.parametrize(("factor", "share"), [(None, 1.0), (1.0, 1.0), (0.5, 0.5), (0.0, 0.0)])
def test_decay_acts_on_kernels_only_and_factors_on_decay_and_step(
    factor: float | None, share: float
) -> None:
    kernel, bias, gamma, beta, last_kernel, last_bias = one_step(factor)
    np.testing.assert_allclose(kernel, 0.05 * share, rtol=1e-3)
    np.testing.assert_allclose(last_kernel, 0.15 * share, rtol=1e-3)
    np.testing.assert_allclose(last_bias, 0.1 * share, rtol=1e-3)
    assert all((one == 0).all() for one in (bias, gamma, beta))


def test_what_decays_in_a_network_is_its_kernels() -> None:
    network = build_network("miacnet_tiny", 64, "flow", 3)
    decayed = {
        one.path.rsplit("/", 1)[-1] for one in network.trainable_variables if is_decayed(one)
    }
    kept = {
        one.path.rsplit("/", 1)[-1] for one in network.trainable_variables if not is_decayed(one)
    }
    assert decayed == {"kernel"}
    assert kept == {"bias", "gamma", "beta", "position_embedding"}


def test_focal_loss_weighs_clips_that_are_right_less() -> None:
    logits = np.array([[4.0, 0.0], [0.0, 4.0]], np.float32)
    labels = np.array([0, 0], np.int32)

    def losses(focal: float) -> npt.NDArray[np.float64]:
        loss = SmoothedCrossEntropy(2, 0.0, focal)
        return np.asarray(keras.ops.convert_to_numpy(loss.call(labels, logits)), np.float64)

    right = 1 / (1 + np.exp(-4.0))
    plain, focal = losses(0.0), losses(2.0)
    np.testing.assert_allclose(plain, [-np.log(right), -np.log(1 - right)], rtol=1e-4)
    np.testing.assert_allclose(focal, plain * np.array([1 - right, right]) ** 2, rtol=1e-3)


def test_a_recipe_with_all_its_parts_gives_the_same_fold_whatever_ran_before() -> None:
    clips = made_up_clips(subjects=3, size=28)
    first, second, _ = leave_one_subject_out(clips.subjects)
    options = TrainOptions(
        epochs=2,
        batch_size=4,
        balance="sampling",
        focal=1.0,
        rotation=5.0,
        scale=0.1,
        amplitude=0.25,
        freeze="encoders",
        freeze_epochs=1,
        layer_decay=0.8,
        average="ema",
        schedule="exponential",
    )
    trainer = FoldTrainer(clips, options, seed=1)
    start = weights(trainer.network)
    encoder = variables_of(frozen_parts(trainer.network, "encoders"))
    kernels = [one.path for one in encoder if one.trainable]

    def fit(fold: Fold, epochs: int | None = None) -> npt.NDArray[np.float64]:
        trainer.fit(TrainingRows(clips, fold), 5, epochs=epochs)
        return trainer.predict(clips, fold.test)

    alone = fit(second)
    thawed = weights(trainer.network)
    assert all((thawed[path] != start[path]).any() for path in kernels if "kernel" in path)
    fit(first, epochs=1)
    frozen = weights(trainer.network)
    assert all((frozen[path] == start[path]).all() for path in kernels)
    assert (frozen["logits/kernel"] != start["logits/kernel"]).any()
    np.testing.assert_allclose(fit(second), alone, atol=2e-4)
