"""MA2MI pre-training of networks that are not ours: it needs two maps of one size, no more."""

from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.layers import ActionEncoder
from keras_ma2mi.losses import LatentReconstruction
from keras_ma2mi.models import FutureFrameReconstructor
from tests.keras_ma2mi.models.networks import reconstructor_inputs

_BACKEND = keras.backend.backend()


def _first_layers(last_layer: str) -> keras.Model:
    """MobileNetV2 up to a layer, as a user who wants a finer map would cut it."""
    network = keras.applications.MobileNetV2(
        input_shape=(32, 32, 3), alpha=0.35, include_top=False, weights=None
    )
    return keras.Model(network.input, network.get_layer(last_layer).output, name="mobile_net")


def _inputs(rng: np.random.Generator, batch: int = 4) -> dict[str, np.ndarray]:
    inputs = reconstructor_inputs(rng, batch)
    enlarged = {key: inputs[key].repeat(2, axis=1).repeat(2, axis=2) for key in ("frame", "future")}
    return {**inputs, **enlarged, "motion": enlarged["future"] - enlarged["frame"]}


def _action_encoder(strides: tuple[int, ...]) -> ActionEncoder:
    return ActionEncoder(
        stem_filters=(4,), stem_strides=(2,), filters=(8,) * len(strides), strides=strides
    )


def _array(weights: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in weights])


# The first block alone compiles quickest.
@pytest.mark.parametrize(
    ("last_layer", "strides", "teacher", "loss"),
    [
        ("block_2_add", (2,), "moving_average", "smooth_l1"),
        ("expanded_conv_project_BN", (1,), "frozen", "squared"),
        ("expanded_conv_project_BN", (1,), "pixels", LatentReconstruction("cosine")),
    ],
    ids=["moving_average", "frozen_squared", "pixels_cosine"],
)
def test_pre_trains_a_network_of_keras_applications(
    last_layer: str, strides: tuple[int, ...], teacher: str, loss: Any, rng: np.random.Generator
) -> None:
    student = _first_layers(last_layer)
    model = FutureFrameReconstructor(
        student,
        _action_encoder(strides),
        predictor_channels=8,
        predictor_depth=1,
        teacher=teacher,
        teacher_momentum=0.5,
        loss=loss,
        predict_change=False,
    )
    model.compile(keras.optimizers.SGD(0.1), jit_compile=_BACKEND == "jax")
    inputs = _inputs(rng)
    start = _array(student.get_weights())
    history = model.fit(inputs, epochs=3, verbose=0).history

    assert np.isfinite(list(history.values())).all()
    trained = _array(student.get_weights())
    assert np.any(trained != start)
    if teacher == "pixels":
        assert model.teacher_encoder is None
        return
    taught = _array(model.teacher_encoder.encoder.get_weights())
    assert model.teacher_encoder.encoder is not student
    if teacher == "frozen":
        np.testing.assert_allclose(taught, start, rtol=1e-6)
    else:
        moved = np.abs(trained - start) > 1e-3
        assert moved.any() and (np.abs(taught - start)[moved] > 0).all()


def test_whole_network_is_copied_with_its_statistics_and_saved(
    tmp_path: Any, rng: np.random.Generator
) -> None:
    student = keras.applications.MobileNet(
        input_shape=(32, 32, 3), alpha=0.25, include_top=False, weights=None
    )
    statistics = [weight for weight in student.weights if weight.name == "moving_mean"]
    for weight in statistics:
        weight.assign(rng.normal(size=weight.shape))
    model = FutureFrameReconstructor(
        student, keras.layers.Conv2D(4, 32), predictor_channels=8, predictor_depth=1
    )
    frame = (None, 32, 32, 3)
    model.build({"frame": frame, "future": frame, "motion": frame, "gap": (None, 1)})
    assert len(statistics) == 27
    np.testing.assert_array_equal(
        _array(model.teacher_encoder.encoder.get_weights()), _array(student.get_weights())
    )
    model.teacher_encoder.encoder.set_weights([2 * weight for weight in student.get_weights()])
    model.save(tmp_path / "model.keras")
    revived = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(_array(revived.get_weights()), _array(model.get_weights()))


def test_layers_that_know_no_training_will_do(rng: np.random.Generator) -> None:
    model = FutureFrameReconstructor(
        keras.layers.Conv2D(6, 4, strides=4),
        keras.Sequential([keras.layers.AveragePooling2D(4), keras.layers.Dense(3)]),
        code_channels=None,
        predictor_depth=1,
    )
    model.compile("sgd", jit_compile=_BACKEND == "jax")
    assert np.isfinite(model.fit(_inputs(rng), verbose=0).history["loss"]).all()
